from people.roles import Role

PAGES = {"traffic": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})}
