"""An administrator decides who somebody is, puts them back, and gets in without the platform."""

from journeys.people import PASSWORD, Window, World

ADMIN, AGENT = "admin@acme.example", "agent@acme.example"
NEW_PASSWORD = "Copper-Lantern-Meadow-18"


def test_a_conflict_is_decided_and_the_person_moves_and_comes_back(window: Window, world: World):
    """Ideas 11 and 12: two old users have the address of one person."""
    desk = world.pair.desk
    for name in ("Alex the First", "Alex the Second"):
        desk.create_old_user(AGENT, world.account, PASSWORD, name=name)
    window.sign_in(AGENT)
    window.sees("Your e-mail address already belongs to somebody else in Live Agent")

    boss = world.window()
    boss.sign_in(ADMIN)
    boss.is_at_dashboard()
    boss.go(f"/app/accounts/{world.account}/settings/conflicts")
    boss.reads("Conflicts")
    boss.press("Alex Agent")
    boss.reads("Conflict: Alex Agent")
    boss.sees("Alex the First")
    second = next(u["id"] for u in desk.users(world.account) if u["name"] == "Alex the Second")
    boss.page.locator("select[name=choice]").select_option(f"link:{second}")
    boss.page.locator("textarea[name=reason]").fill("Alex called me.")
    boss.press("Decide")
    boss.sees("The identity gets the user below")

    window.press("Try again")
    window.is_at_dashboard()
    window.sees("Alex Agent")

    boss.go(f"/app/accounts/{world.account}/settings/agents/{second}/history")
    boss.sees("an administrator decided")
    boss.sees("Alex called me.")
    boss.page.locator("textarea[name=reason]").fill("The wrong Alex after all.")
    boss.press("Put Alex Agent back")
    boss.sees("Put back to the old login")

    window.go(world.dashboard)
    assert window.heading() != "Dashboard"
    window.go(world.link_from_mail(AGENT, "/old-login/password/"))
    window.type("password", NEW_PASSWORD)
    window.send_password()
    window.page.wait_for_url("**/old-login/done**")
    window.go("/old-login")
    window.type_credentials(AGENT, NEW_PASSWORD)
    window.is_at_dashboard()

    boss.go(f"/app/accounts/{world.account}/settings/agents/{second}/doors")
    boss.sees("there is a password, and the address is confirmed")


def test_an_administrator_gets_in_while_the_platform_is_down(window: Window, world: World):
    """Idea 18 and DESIGN section 3 rule 9."""
    world.pair.platform.stop()
    because = ("--reason", "The platform is down")
    link = world.pair.desk.run(
        "break-glass", ADMIN, "--account", str(world.account), *because
    ).strip()
    world.secrets.add("a break-glass link", link.rpartition("/")[2])
    scanner = world.window()
    scanner.go(link)
    scanner.reads("Emergency sign-in")
    window.go(link)
    window.press("Sign in as Ada Admin")
    window.is_at_dashboard()
    window.sees("Emergency session, without Cognigy.AI")
    window.go(f"/app/accounts/{world.account}/settings/doors")
    window.reads("Ways in")
    window.sees("Emergency session, without Cognigy.AI")
    world.wait_for_mail(ADMIN)
    other = world.window()
    other.go(link)
    other.sees("This emergency link does not work any more")
