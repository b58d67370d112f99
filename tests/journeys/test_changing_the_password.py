"""Passwords belong to Cognigy.AI. Changing one ends what was begun with the old one."""

import pytest

from journeys.people import PASSWORD, Window, World

EMAIL = "agent@acme.example"
NEW = "amber-window-thicket-63"


def change(window: Window, current: str, new: str) -> None:
    window.go(window.world.platform + "/profile")
    window.type("current_password", current)
    window.type("new_password", new)
    window.press("Change password")


@pytest.fixture
def here(window: Window, world: World) -> Window:
    window.sign_in_at_the_platform(EMAIL)
    return window


def test_the_profile_of_live_agent_leads_to_the_one_of_cognigy_ai(window: Window, world: World):
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    window.go(f"/app/accounts/{world.account}/profile")
    window.reads("Profile")
    assert window.page.locator(f"main a[href^='{world.platform}/profile']").count() >= 1
    assert window.page.locator("input[type=password]").count() == 0


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [
        ("not-the-right-one-99", NEW, "This is not your current password."),
        (PASSWORD, PASSWORD, "The new password is the same as the current one."),
        (PASSWORD, "short", "12"),
        (PASSWORD, "passwordpassword", ""),
        (PASSWORD, "agent@acme.example", ""),
    ],
    ids=["wrong current one", "the same", "short", "common", "the address"],
)
def test_a_change_that_is_refused_says_why_and_changes_nothing(
    here: Window, world: World, current: str, new: str, says: str
):
    change(here, current, new)
    here.sees("Your password was not changed.")
    here.sees(says)
    assert here.page.locator("[aria-invalid=true]").count() == 1
    other = world.window()
    other.sign_in_at_the_platform(EMAIL)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(here: Window, world: World):
    other = world.window()
    other.sign_in_at_the_platform(EMAIL)

    change(here, PASSWORD, NEW)
    here.sees("Your password is changed.")
    here.reads("Profile")

    other.go(world.platform + "/profile")
    other.is_asked_for_the_password()
    other.type_credentials(EMAIL, PASSWORD)
    other.is_asked_for_the_password()
    other.sees("E-mail or password is wrong")
    other.type_credentials(EMAIL, NEW)
    other.page.wait_for_url(world.platform + "/profile")
    here.go(world.platform + "/profile")
    here.reads("Profile")


def test_a_link_sets_a_password_once(window: Window, world: World):
    """What the operator's command line prints for a new person."""
    link = world.pair.platform.run("users", "password-link", "supervisor@acme.example").split()[-1]
    window.go(link)
    window.reads("Set your password")
    window.go(link)  # looking at it does not spend it
    window.type("password", NEW)
    window.press("Set password")
    window.reads("Your password is set")
    assert link.rsplit("/", 1)[-1] not in window.url
    window.press("Sign in")
    window.type_credentials("supervisor@acme.example", NEW)
    window.page.wait_for_url(world.platform + "/profile")
    window.go(link)
    window.reads("This link was used already or is too old")
    assert window.status == 410
