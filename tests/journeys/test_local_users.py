"""An administrator adds a local user, who confirms, signs in, forgets the password, resets it."""

import time

import pytest

from journeys.conftest import Seeds
from journeys.people import Window, World, links_in
from support.servers import Pair

EMAIL = "nora@acme.example"
FIRST, SECOND = "Granite-lantern-orchard-58", "Walnut-cathedral-harbour-31"


@pytest.fixture(scope="module")
def pair(seeds: Seeds, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = seeds.pair(tmp_path_factory.mktemp("local"))
    pair.desk.environment["LOCAL_USERS"] = "allowed"
    return pair


def newest_link(world: World, but: str = "") -> str:
    """The link that sets a password, of the newest mail to her."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [one for mail in world.mails() for one in links_in(mail) if "/password/" in one]
        if found and found[0] != but:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(world.mails())


def finds_by_keys(window: Window, name: str) -> None:
    """In the list: search, the first row, open it."""
    window.reads("Agents")
    window.page.wait_for_load_state("load")
    window.page.keyboard.press("/")
    window.page.keyboard.type(name)
    window.page.keyboard.press("Enter")
    window.sees("1 person")
    window.page.wait_for_load_state("load")
    window.page.keyboard.press("j")
    window.page.keyboard.press("Enter")
    window.reads(name)


def test_from_the_invitation_to_a_forgotten_password(world: World):
    admin = world.window()
    admin.sign_in("admin@acme.example")
    admin.press("Settings")
    admin.reads("Agents")
    admin.press("Add agent")
    admin.type("name", "Nora Local")
    admin.type("email", EMAIL)
    admin.press("Add agent")
    admin.reads("Nora Local")
    admin.sees("Verification pending")

    nora = world.window(java_script_enabled=False)
    invitation = newest_link(world)
    nora.go(invitation)
    nora.reads("Welcome to Acme")
    nora.type("password", "tooshort")
    nora.press("Set password")
    nora.sees("Use at least 12 characters.")
    nora.type("password", FIRST)
    nora.press("Set password")
    nora.reads("Your password is set")
    nora.press("Sign in")
    nora.type_credentials(EMAIL, FIRST)
    nora.is_at_dashboard()
    nora.log_out()

    nora.go("/old-login")
    nora.press("Forgot password?")
    nora.type("email", EMAIL)
    nora.press("Send link")
    nora.reads("Look into your mail")
    nora.go(newest_link(world, but=invitation))
    nora.reads("Set your password")
    nora.type("password", SECOND)
    nora.press("Set password")
    nora.go("/old-login")
    nora.type_credentials(EMAIL, FIRST)
    nora.sees("this password no longer works")
    nora.type_credentials(EMAIL, SECOND)
    nora.is_at_dashboard()

    admin.page.reload()
    admin.sees("Verified")
    admin.press("All agents")
    finds_by_keys(admin, "Nora Local")


def test_the_link_of_the_invitation_is_spent(window: Window, world: World):
    links = [one for mail in world.mails() for one in links_in(mail) if "/password/" in one]
    for link in links:
        window.go(link)
        window.reads("This link does not work any more")
