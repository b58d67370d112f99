"""Everything essential works without JavaScript."""

import pytest

from journeys.people import NOT_AUTHORISED, PASSWORD, Window, World


@pytest.fixture
def window(world: World) -> Window:
    return world.window(java_script_enabled=False)


def test_log_in_look_around_and_log_out_everywhere(window: Window, world: World):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    window.sees("Alex Agent")
    window.page.locator("details.profile > summary").click()
    window.press("Busy")
    window.is_at_dashboard()
    window.sees("Busy")
    window.log_out()
    window.reads("You are logged out")
    window.press("Also log out of Cognigy.AI")
    window.sees("Your sessions in Live Agent and Cognigy.AI have ended.")
    window.press("Sign in again")
    window.press("Sign in")
    window.is_asked_for_the_password()


def test_the_wrong_password_is_told_and_the_address_is_kept(window: Window):
    window.sign_in("agent@acme.example", "not-the-right-one-99")
    window.sees("E-mail or password is wrong")
    assert window.page.locator("input[name=email]").input_value() == "agent@acme.example"
    window.type("password", PASSWORD)
    window.send_password()
    window.is_at_dashboard()


def test_an_error_can_be_read_and_left(window: Window):
    window.sign_in("norole@acme.example")
    window.reads(NOT_AUTHORISED)
    assert window.reference()
    window.page.get_by_text("For administrators").click()
    window.sees("liveAgentSupervisor")
    window.use_another_account("agent@acme.example")
    window.is_at_dashboard()


def test_the_old_login(window: Window):
    window.go("/old-login")
    window.type_credentials("old@acme.example", "not-the-right-one-99")
    window.sees("this password no longer works")
    window.type_credentials("old@acme.example")
    window.is_at_dashboard()
    window.sees("Olga Old")


def test_the_language_picker(window: Window):
    window.go("/login")
    window.press("Deutsch")
    assert window.page.locator("html").get_attribute("lang") == "de"
