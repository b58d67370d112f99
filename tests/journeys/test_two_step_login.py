"""A person switches two-step login on, and signs in to Live Agent with a code."""

import time
from urllib.parse import urlsplit

import pyotp
import pytest

from journeys.people import PASSWORD, Window, World

EMAIL = "supervisor@acme.example"


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    """What the person keeps: the secret in the app, the recovery codes on paper."""
    return {}


def code_of(secret: str) -> str:
    """Of this moment; a code that is about to end is waited out, and none is used twice."""
    left = 30 - time.time() % 30
    if left < 3:
        time.sleep(left + 0.1)
    return pyotp.TOTP("".join(secret.split())).now()


def next_code_of(secret: str) -> str:
    """The one of the next half minute, which the window of one step allows already."""
    return pyotp.TOTP("".join(secret.split())).at(int(time.time()) + 30)


def to_the_code(window: Window) -> None:
    window.sign_in(EMAIL)
    window.reads("Enter your code")


def test_it_is_switched_on_in_the_profile(window: Window, world: World, known: dict[str, str]):
    window.sign_in_at_the_platform(EMAIL)
    window.go(world.platform + "/profile/two-step")
    window.press("Set up two-step login")
    window.reads("Set up two-step login")
    assert window.page.locator("svg.qr").is_visible()
    window.page.get_by_text("The picture cannot be scanned").click()
    known["secret"] = window.page.locator(".code code").inner_text()
    world.secrets.add("the secret of the app", "".join(known["secret"].split()))
    window.type("code", code_of(known["secret"]))
    window.type("current_password", PASSWORD)
    window.press("Switch two-step login on")
    window.reads("Keep your recovery codes")
    codes = window.page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    known["recovery"] = codes[0]
    window.press("I have kept them")
    window.sees("10 of 10 codes are left.")


def test_a_login_asks_for_the_code_and_leads_to_where_one_wanted_to_go(
    window: Window, world: World, known: dict[str, str]
):
    window.go(f"/app/accounts/{world.account}/profile")
    window.press("Sign in")
    window.type_credentials(EMAIL)
    window.reads("Enter your code")
    window.type("code", "000000")
    window.press("Continue")
    window.reads("Enter your code")
    window.type("code", next_code_of(known["secret"]))
    window.press("Continue")
    window.reads("Profile")
    assert urlsplit(window.url).path == f"/app/accounts/{world.account}/profile"


def test_the_password_alone_opens_nothing(window: Window, world: World):
    to_the_code(window)
    window.go(world.platform + "/profile")
    window.is_asked_for_the_password()
    window.go("/login")
    window.press("Sign in")
    assert window.url.startswith(world.platform)
    assert window.page.locator("input[name=password], input[name=code]").count() > 0


def test_somebody_without_the_telephone_uses_a_recovery_code_once(
    world: World, known: dict[str, str]
):
    window = world.window(java_script_enabled=False)
    to_the_code(window)
    window.page.get_by_text("I do not have my telephone").click()
    window.type("recovery_code", known["recovery"])
    window.press("Continue with the recovery code")
    window.reads("Dashboard")
    again = world.window(java_script_enabled=False)
    to_the_code(again)
    again.page.get_by_text("I do not have my telephone").click()
    again.type("recovery_code", known["recovery"])
    again.press("Continue with the recovery code")
    again.reads("Enter your code")
