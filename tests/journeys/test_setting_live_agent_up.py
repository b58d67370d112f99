"""Globex's administrator presses "Set up Live Agent"; error 2 becomes a login."""

from demo.people import ORGANISATIONS
from journeys.people import NOT_FOUND, Window, World

PAGE = "/admin/organisation"
NOT_CONFIGURED = "Cognigy Live Agent not configured yet"
DONE = "Cognigy Live Agent is installed and configured successfully"


def test_an_organisation_that_is_set_up_gets_its_people_in(world: World):
    agent = world.window()
    agent.sign_in("agent@globex.example")
    agent.reads(NOT_FOUND.format(ORGANISATIONS["Globex"]))

    admin = world.window(java_script_enabled=False)
    admin.sign_in_at_the_platform("admin@globex.example")
    admin.press("Organisation")
    admin.reads("Organisation")
    admin.sees(NOT_CONFIGURED)
    admin.press("Set up Live Agent")
    admin.sees(DONE)
    assert admin.pressable("Set up Live Agent").is_disabled()

    agent.press("Try again")
    agent.reads("Dashboard")
    agent.sees("Globex")
    number = agent.path.split("/")[3]
    assert number != str(world.account)
    admin.press("Open Live Agent")
    admin.reads("Sign in to Live Agent")
    admin.press("Sign in")
    admin.reads("Dashboard")
    assert admin.path.split("/")[3] == number


def test_who_is_no_administrator_finds_no_button(window: Window, world: World):
    window.sign_in_at_the_platform("agent@acme.example")
    assert window.page.get_by_role("link", name="Organisation", exact=True).count() == 0
    window.go(world.platform + PAGE)
    window.reads("You do not have the permission for this")


def test_the_account_that_an_operator_made_is_found(world: World):
    """Acme's was made by the command line, so nothing here knows of it yet."""
    window = world.window(viewport={"width": 360, "height": 740})
    window.sign_in_at_the_platform("admin@acme.example")
    window.go(world.platform + PAGE)
    window.sees(NOT_CONFIGURED)
    window.press("Set up Live Agent")
    window.sees(DONE)
    assert window.page.locator("dd code").all_inner_texts()[-1] == str(world.account)
