"""An administrator leads an account of 205 old users through the move, in the browser."""

import csv
import sqlite3
import time
from contextlib import closing

from playwright.sync_api import expect

from demo.people import ACCOUNT, ORGANISATIONS
from journeys.people import Window, World

ADMIN, OLGA, PETRA = "admin@acme.example", "old@acme.example", "petra.proposed@acme.example"
NEW_PASSWORD = "Copper-Lantern-Meadow-18"
PATIENCE_SECONDS = 60
# Beside 200 imported people: the demo's Max, Olga and three whose address nobody verified.
READY, NO_ROLE, UNVERIFIED, NOBODY = 60, 25, 15, 100
TWINS = 2  # of those whom nobody knows there
FUNNEL = [str(READY + 1), str(NO_ROLE + UNVERIFIED + 3 + NOBODY - TWINS + 1), "2", "0"]


def import_people(world: World) -> None:
    """200 old users: each word of their address says how they stand."""
    words = {"ready": READY, "norole": NO_ROLE, "unverified": UNVERIFIED, "nobody": NOBODY - 2}
    people = [f"{word}{n}@acme.example" for word, many in words.items() for n in range(many)]
    rows = [("account", "email", "name", "role", "confirmed", "digest")]
    rows += [("7", email, email.partition("@")[0].title(), "agent", "true", "") for email in people]
    rows += [
        ("7", f"{word}.proposed@acme.example", f"{word.title()} Proposed", "agent", "true", "")
        for word in ("petra", "paul")
    ]
    file = world.folder / "users.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    world.pair.desk.run("import", "users", str(file), "--account", f"7={world.account}")
    twins = "UPDATE users SET email = ?, email_key = ? WHERE email IN (?, ?)"
    at_the_desk(world, twins, *["twin@acme.example"] * 2, *people[-TWINS:])
    world.pair.platform.apply(
        users=[
            {
                "email": email,
                "organisation": ORGANISATIONS[ACCOUNT],
                "name": "Somebody",
                "roles": [] if email.startswith("norole") else ["liveAgentAgent"],
                "email_verified": not email.startswith("unverified"),
            }
            for email in people
            if not email.startswith("nobody")
        ]
    )


def at_the_desk(world: World, statement: str, *values: object) -> None:
    """What only time, or an old installation, would have brought about."""
    url = world.pair.desk.environment["DATABASE_URL"]
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        assert connection.execute(statement, values).rowcount > 0


def wait_for(window: Window, address: str, text: str) -> None:
    """What goes on in the background shows when the page is read again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    window.go(address)
    while text not in window.text:
        assert time.monotonic() < deadline, window.text
        time.sleep(0.2)
        window.go(address)


def test_an_account_is_led_through_the_move(window: Window, world: World):
    import_people(world)
    console = f"/app/accounts/{world.account}/settings/migration"
    window.sign_in(ADMIN)
    window.is_at_dashboard()
    window.go(console)
    funnel = window.page.locator(".funnel-number")
    expect(funnel).to_have_text(FUNNEL, timeout=PATIENCE_SECONDS * 1000)
    window.reads("Migration")

    window.press("Show the plan")
    window.reads("Plan of the move")
    window.sees("79 people will move, 126 will not.")

    window.go(f"{console}?q=proposed")
    window.press("Propose accounts")
    window.reads("Propose Cognigy.AI accounts")
    window.sees("For 2 people")
    window.press("Propose the accounts")
    wait_for(window, console, "2 / 2")
    window.go(world.platform + "/admin/imports")
    window.press("Decide about 2 people")
    window.sees("Petra Proposed")
    window.press("Import 2 people")

    petra = world.window()
    petra.go(world.link_from_mail(PETRA, "/password/set/"))
    petra.type("password", NEW_PASSWORD)
    petra.press("Set password")
    petra.sees("Your password is set")
    petra.sign_in(PETRA, NEW_PASSWORD)
    petra.is_at_dashboard()
    window.go(f"{console}?group=moved")
    expect(funnel.last).to_have_text("1")
    window.sees(PETRA)


def test_an_old_login_closes_on_its_day_unless_the_move_is_paused(window: Window, world: World):
    console = f"/app/accounts/{world.account}/settings/migration"
    only_olga = f"{console}?q=olga"
    window.sign_in(ADMIN)
    window.is_at_dashboard()
    window.go(only_olga)
    window.press("Pause the move")
    window.sees("Paused: nothing closes and nobody is mailed")
    window.go(only_olga)
    window.press("Close the old login")
    window.reads("Close the old login")
    window.sees("For 1 person")
    window.press("Close the old login")
    window.reads("Migration")
    at_the_desk(world, "UPDATE move_stages SET closes_at = 1 WHERE stage = 'CLOSING'")

    olga = world.window()
    olga.go("/old-login")
    olga.type_credentials(OLGA)
    olga.sees("Please sign in with Cognigy.AI from now on")
    olga.go(world.dashboard)
    olga.is_at_dashboard()
    window.press("Go on")
    wait_for(window, only_olga, "old login closed")
    olga.go(world.dashboard)
    assert olga.heading() != "Dashboard"
    olga.go("/old-login")
    olga.type_credentials(OLGA)
    olga.sees("this password no longer works")

    window.press("Reopen")
    window.sees("For 1 person")
    window.press("Reopen the old login")
    window.reads("Migration")
    olga.type_credentials(OLGA)
    olga.sees("Please sign in with Cognigy.AI from now on")
    olga.go(world.dashboard)
    olga.is_at_dashboard()


def test_whoever_moved_too_early_is_put_back(window: Window, world: World):
    (petra_id,) = (u["id"] for u in world.pair.desk.users(world.account) if u["email"] == PETRA)
    window.sign_in(ADMIN)
    window.is_at_dashboard()
    window.go(f"/app/accounts/{world.account}/settings/agents/{petra_id}/history")
    window.page.locator("textarea[name=reason]").fill("Her team moves next month.")
    window.press("Put Petra Proposed back")
    window.sees("Put back to the old login")
    window.go(f"/app/accounts/{world.account}/settings/migration")
    expect(window.page.locator(".funnel-number").last).to_have_text("0")

    petra = world.window()
    petra.go(world.link_from_mail(PETRA, "/old-login/password/"))
    petra.type("password", NEW_PASSWORD)
    petra.send_password()
    petra.page.wait_for_url("**/old-login/done**")
    petra.go("/old-login")
    petra.type_credentials(PETRA, NEW_PASSWORD)
    petra.is_at_dashboard()
