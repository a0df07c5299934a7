from people.roles import Role


def test_shots(page, log_in, shoot):
    log_in(Role.ADMINISTRATOR, name="何静")
    for lang in ("zh-hans", "en"):
        for name, path in {
            "home": "/admin/",
            "staff": "/admin/people/user/",
            "add": "/admin/people/user/add/",
            "days": "/admin/calendars/specialday/",
            "hours": "/admin/calendars/openinghours/add/",
        }.items():
            page.goto(path)
            shoot(f"{name}-{lang}")
        page.locator(".bl-me > button").click()
        shoot(f"menu-{lang}")
        page.get_by_role("button", name="English").click()
