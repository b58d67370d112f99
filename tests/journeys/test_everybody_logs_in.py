"""Everybody of the demo presses "Sign in" and gets what the demo's table says."""

import pytest
from playwright.sync_api import Browser

from demo.people import ORGANISATIONS
from journeys.conftest import seed
from journeys.people import NOT_AUTHORISED, NOT_FOUND, PASSWORD, Window, World
from support.databases import Databases
from support.servers import pair_of

MOVED = "If you have already signed in with Cognigy.AI, this password no longer works."


@pytest.mark.parametrize(
    ("email", "name", "roles"),
    [
        ("admin@acme.example", "Ada Admin", ["Administrator"]),
        ("supervisor@acme.example", "Sam Supervisor", ["Supervisor"]),
        ("agent@acme.example", "Alex Agent", ["Agent"]),
        ("both@acme.example", "Bo Both", ["Agent", "Supervisor"]),
    ],
)
def test_people_with_a_role_stand_in_the_dashboard(
    window: Window, email: str, name: str, roles: list[str]
):
    window.sign_in(email)
    window.is_at_dashboard()
    window.sees(name)
    window.sees("Acme")
    others = {"Administrator", "Supervisor", "Agent"} - set(roles)
    shown = window.roles()
    assert set(roles) <= shown
    assert not others & shown


def test_who_has_both_roles_has_the_rights_of_both(world: World):
    rights = {}
    for email in ("agent@acme.example", "supervisor@acme.example", "both@acme.example"):
        window = world.window()
        window.sign_in(email)
        window.is_at_dashboard()
        rights[email.partition("@")[0]] = window.rights()
    assert rights["both"] == rights["agent"] | rights["supervisor"]
    assert rights["agent"] < rights["supervisor"] | rights["agent"]


def test_somebody_without_a_role_reads_error_3(window: Window, world: World):
    window.sign_in("norole@acme.example")
    window.reads(NOT_AUTHORISED)
    assert window.path == f"/login/failed/{window.reference()}"
    assert window.status == 403
    for name, log in world.logs().items():
        assert window.reference() in log, name


def test_somebody_of_an_organisation_that_was_not_set_up_reads_error_2_with_its_id(
    window: Window, world: World
):
    window.sign_in("agent@globex.example")
    window.reads(NOT_FOUND.format(ORGANISATIONS["Globex"]))
    assert window.status == 403
    for name, log in world.logs().items():
        assert window.reference() in log, name


def test_an_error_page_says_what_to_do_and_helps_further(window: Window):
    window.sign_in("norole@acme.example")
    window.reads(NOT_AUTHORISED)
    assert window.page.locator("[role=alert] h1").count() == 1
    window.sees("Ask an administrator of your organisation")
    window.page.get_by_text("For operators").click()
    window.sees("COGNIGY_OAUTH_ROLE_MAP")
    window.press("About this error")
    window.page.wait_for_url("**/help/user_not_authorised")
    window.reads(NOT_AUTHORISED)
    window.page.go_back()
    window.use_another_account("agent@acme.example")
    window.is_at_dashboard()


def test_the_first_login_moves_an_old_user_and_closes_the_old_door(window: Window, world: World):
    before = world.window()
    before.go("/old-login")
    before.type_credentials("mover@acme.example")
    before.is_at_dashboard()
    before.close_tab()

    window.sign_in("mover@acme.example")
    window.is_at_dashboard()
    window.sees("Max Mover")

    before.new_tab()
    before.go(world.dashboard)
    before.reads("Sign in to Live Agent")  # the old session has ended
    again = world.window()
    again.go("/old-login")
    again.type_credentials("mover@acme.example")
    again.sees(MOVED)
    assert again.page.locator("input[name=email]").input_value() == "mover@acme.example"
    assert again.page.locator("input[name=password]").input_value() == ""
    assert any("mover@acme.example" in mail or "moved" in mail for mail in world.mails())


def test_the_refusal_is_the_one_for_a_wrong_password(window: Window, world: World):
    texts = set()
    for email, password in (
        ("mover@acme.example", PASSWORD),
        ("old@acme.example", "not-the-right-one-99"),
        ("nobody@acme.example", PASSWORD),
    ):
        window.go("/old-login")
        window.type_credentials(email, password)
        window.sees(MOVED)
        texts.add((window.text.replace(email, ""), window.status))
    assert len(texts) == 1


def test_an_old_user_logs_in_at_the_old_login(window: Window):
    window.go("/login")
    window.reads("Sign in to Live Agent")
    window.press("I still have an old Live Agent password")
    window.type_credentials("old@acme.example")
    window.is_at_dashboard()
    window.sees("Olga Old")


def test_nobody_logs_in_at_the_old_login_without_an_old_password(window: Window):
    window.go("/old-login")
    window.type_credentials("agent@acme.example")
    window.sees(MOVED)


def test_the_same_login_on_postgresql(databases: Databases, tmp_path, browser: Browser):
    urls = [databases.fresh("postgresql", name) for name in ("cognigy_ai", "live_agent")]
    pair = pair_of(urls[0], urls[1], tmp_path)
    account = seed(pair, unusual=False)
    with pair.running():
        world = World(pair, browser, tmp_path, account)
        window = world.window()
        window.sign_in("mover@acme.example")
        window.is_at_dashboard()
        window.log_out()
        window.go("/old-login")
        window.type_credentials("mover@acme.example")
        window.sees(MOVED)
        world.close_windows()
    world.check_logs_hold_no_secret()
