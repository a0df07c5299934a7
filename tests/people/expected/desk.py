"""The agent's page: for those who take calls."""

from people.roles import Role

AGENTS = frozenset({Role.AGENT, Role.SUPERVISOR})

PAGES = dict.fromkeys(
    (
        "desk:page",
        "desk:now",
        "desk:sign_in",
        "desk:take_over",
        "desk:sign_out",
        "desk:ready",
        "desk:pause",
        "desk:stay",
        "desk:phone",
        "desk:command",
        "desk:transfer",
        "desk:ask_reveal",
        "desk:reveal",
        "desk:told",
        "desk:complaint",
        "desk:complain",
        "desk:find",
        "desk:searched",
        "desk:open",
        "desk:gap",
        "desk:urgent",
        "desk:have_read",
        "desk:useful",
        "desk:ask_what_is_wrong",
        "desk:useless",
        "desk:known",
        "desk:script",
        "desk:walk_begin",
        "desk:walk",
        "desk:walk_answer",
        "desk:walk_end",
        "desk:services",
        "desk:service",
        "desk:act",
        "desk:edit",
        "desk:save",
        "desk:finish",
        "desk:followed_up",
    ),
    AGENTS,
)

SOCKETS = {"desk": AGENTS}
