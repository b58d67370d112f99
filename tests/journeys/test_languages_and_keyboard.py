"""In one's own language, and without a mouse."""

import pytest
from playwright.sync_api import expect

from journeys.people import PASSWORD, Window, World

LOCALES = {"de": "de-DE", "ja": "ja-JP"}
SIGN_IN = {"de": "Anmelden", "ja": "サインイン"}
ERROR_3 = "The Cognigy user is not authorised to access the system"


def lang(window: Window) -> str | None:
    return window.page.locator("html").get_attribute("lang")


@pytest.mark.parametrize("language", ["de", "ja"])
def test_the_browsers_language_is_spoken_all_the_way(world: World, language: str):
    window = world.window(locale=LOCALES[language])
    window.go("/login")
    assert lang(window) == language
    assert window.heading() != "Sign in to Live Agent"
    window.page.locator("main a.button").click()
    window.is_asked_for_the_password()
    assert lang(window) == language
    assert "Password" not in window.text
    window.type_credentials("norole@acme.example")
    window.page.wait_for_url("**/login/failed/*")
    assert lang(window) == language
    assert window.heading() != ERROR_3
    assert window.reference()
    english = world.window()
    english.sign_in("norole@acme.example")
    english.reads(ERROR_3)


@pytest.mark.parametrize("language", ["Deutsch", "日本語"])
def test_the_picker_is_stronger_than_the_browser(window: Window, world: World, language: str):
    code = {"Deutsch": "de", "日本語": "ja"}[language]
    window.go("/login?return_to=%2Fapp%2F")
    window.press(language)
    assert lang(window) == code
    assert window.path == "/login?return_to=%2Fapp%2F"
    window.go("/old-login")
    assert lang(window) == code
    window.press("English")
    assert lang(window) == "en"


def test_the_platforms_picker_keeps_the_login_that_is_under_way(window: Window, world: World):
    window.go("/login")
    window.press("Sign in")
    window.is_asked_for_the_password()
    before = window.url
    window.press("Deutsch")
    assert window.url == before
    assert lang(window) == "de"
    window.type_credentials("agent@acme.example")
    window.page.wait_for_url(world.dashboard)


def test_a_login_with_the_keyboard_alone(window: Window, world: World):
    keys = window.page.keyboard

    def tab_to(selector: str, most: int = 12) -> None:
        wanted = window.page.locator(selector)
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            keys.press("Tab")
        raise AssertionError(f"{selector} is not reached with {most} tabs")

    window.go("/login")
    tab_to("main a.button")
    focus = window.page.locator("main a.button").evaluate(
        "e => { const s = getComputedStyle(e); return s.outlineStyle + s.boxShadow }"
    )
    assert focus != "nonenone", "the focus cannot be seen"
    keys.press("Enter")
    expect(window.page.locator("input[name=email]")).to_be_focused()
    keys.type("agent@acme.example")
    tab_to("input[name=password]")
    keys.type("not-the-right-one-99")
    keys.press("Enter")
    window.sees("E-mail or password is wrong")
    expect(window.page.locator("input[name=password]")).to_be_focused()
    keys.type(PASSWORD)
    keys.press("Enter")
    window.is_at_dashboard()
    tab_to("details.profile > summary", most=20)
    keys.press("Enter")
    tab_to("details.profile form[action='/logout'] button")
    keys.press("Enter")
    window.reads("You are logged out")


def test_the_skip_link_is_the_first_stop(window: Window, world: World):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    window.page.keyboard.press("Tab")
    expect(window.page.locator("a.skip")).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(window.page.locator("main")).to_be_focused()


def test_an_error_has_the_focus_on_its_heading(window: Window):
    window.sign_in("norole@acme.example")
    window.reads(ERROR_3)
    expect(window.page.locator("h1")).to_be_focused()


def test_a_password_can_be_looked_at(window: Window):
    window.go("/old-login")
    field = window.page.locator("input[name=password]")
    window.type("password", "something")
    window.press("Show password")
    expect(field).to_have_attribute("type", "text")


def test_nothing_is_cut_off_on_a_small_phone_at_night(world: World):
    window = world.window(viewport={"width": 360, "height": 640}, color_scheme="dark")
    for address in ("/login", "/old-login", "/help", world.platform + "/login"):
        window.go(address)
        assert_no_sideways_scrolling(window)
    window.sign_in("norole@acme.example")
    window.reads(ERROR_3)
    assert_no_sideways_scrolling(window)
    window.use_another_account("both@acme.example")
    window.is_at_dashboard()
    assert_no_sideways_scrolling(window)


def assert_no_sideways_scrolling(window: Window) -> None:
    wide = window.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= window.page.evaluate("document.documentElement.clientWidth"), window.url
