"""Browsers go back, open tabs twice, lose cookies and sleep over night. Logins get over it."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Request

from journeys.people import Window, World

EMAIL = "agent@acme.example"
EXPIRED = "The login took too long or was interrupted"
TRY_AGAIN = "Try again"


def flow_cookies(window: Window) -> list[Any]:
    return [c for c in window.context.cookies() if "_flow_" in str(c["name"])]


def forget(window: Window, part: str) -> None:
    """The browser loses the cookies with this in their name."""
    for cookie in window.context.cookies():
        if part in str(cookie["name"]):
            window.context.clear_cookies(name=cookie["name"])


def test_two_tabs_log_in_at_once(window: Window, world: World):
    first = window.page
    window.go(f"/app/accounts/{world.account}/profile")
    window.press("Sign in")
    window.is_asked_for_the_password()
    window.new_tab()
    window.go("/login")
    window.press("Sign in")
    window.is_asked_for_the_password()
    assert len(flow_cookies(window)) == 2
    window.type_credentials(EMAIL)
    window.is_at_dashboard()
    window.page = first
    window.type_credentials(EMAIL)
    window.page.wait_for_url("**/profile")
    window.reads("Profile")
    assert flow_cookies(window) == []


def test_twelve_tabs_do_not_fill_the_browser_with_cookies(window: Window):
    for _ in range(12):
        window.go("/login")
        window.press("Sign in")
        window.is_asked_for_the_password()
    assert len(flow_cookies(window)) <= 5
    window.type_credentials(EMAIL)
    window.is_at_dashboard()


def test_the_back_button_after_the_login_leads_to_no_error(window: Window):
    """The pages behind are the login's: each of them sees that one is logged in already."""
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    for _ in range(2):
        window.page.go_back()
        window.is_at_dashboard()


def test_a_callback_that_is_loaded_again_leads_to_the_page_one_is_logged_in_to(
    window: Window, world: World
):
    callbacks: list[str] = []
    window.page.on("request", lambda r: callbacks.append(r.url) if "/callback?" in r.url else None)
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    window.go(callbacks[0])
    window.is_at_dashboard()
    assert len(callbacks) == 2  # its reload, and no new login


def test_a_login_page_that_became_stale_is_shown_once_more(window: Window):
    """The cookie that the form is bound to is gone: nothing is carried out, nothing is lost."""
    window.go("/login")
    window.press("Sign in")
    window.is_asked_for_the_password()
    forget(window, "ai_")
    window.type_credentials(EMAIL)
    window.is_asked_for_the_password()
    assert window.page.locator("input[name=email]").input_value() == EMAIL
    window.type_credentials(EMAIL)
    window.is_at_dashboard()


def test_a_login_whose_cookie_is_gone_restarts_once_by_itself(window: Window):
    window.go("/login")
    window.press("Sign in")
    window.is_asked_for_the_password()
    forget(window, "_flow_")
    window.type_credentials(EMAIL)
    window.is_at_dashboard()


def test_blocked_cookies_end_with_the_reason_after_one_restart(world: World, tmp_path: Path):
    """No loop. The browser blocks the cookies of Live Agent, as some are set up to do."""
    window = world.window_that_blocks_cookies(tmp_path, world.desk)
    asked = authorize_requests(window)
    window.sign_in(EMAIL)
    window.page.wait_for_url("**/login/failed/*")
    window.sees("cookies")
    assert len(asked) == 2
    for _ in range(2):
        window.press(TRY_AGAIN)
        window.page.wait_for_url("**/login/failed/*")
    assert len(asked) <= 6


def test_with_all_cookies_blocked_the_platform_says_so(world: World, tmp_path: Path):
    window = world.window_that_blocks_cookies(tmp_path, world.desk, world.platform)
    window.sign_in(EMAIL)
    window.sees("cookies")
    assert window.url.startswith(world.platform)


def authorize_requests(window: Window) -> list[str]:
    """The requests of this window to the platform's authorization endpoint, as they come."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(window.world.platform) and "client_id=" in request.url:
            asked.append(request.url) if request.method == "GET" else None

    window.page.on("request", note)
    return asked


def test_a_callback_out_of_the_blue_is_no_error_for_somebody_who_is_logged_in(window: Window):
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    window.go("/omniauth/cognigy/callback?code=made-up&state=made-up")
    window.is_at_dashboard()


def test_a_callback_out_of_the_blue_begins_a_login_for_somebody_who_is_not(window: Window):
    window.go("/omniauth/cognigy/callback?code=made-up&state=made-up")
    window.is_asked_for_the_password()
    window.type_credentials(EMAIL)
    window.is_at_dashboard()


def test_the_message_of_a_failed_login_is_for_its_own_browser(window: Window, world: World):
    window.sign_in("norole@acme.example")
    window.sees("not authorised")
    other = world.window()
    other.go(window.url)
    other.reads("This message can no longer be shown")
    window.page.reload()
    window.sees("not authorised")


def test_cancelling_is_told_and_leads_back(window: Window, world: World):
    window.go("/login")
    window.press("Sign in")
    state = dict(p.split("=", 1) for p in urlsplit(window.url).query.split("&"))["state"]
    issuer = world.platform
    window.go(f"/omniauth/cognigy/callback?error=access_denied&state={state}&iss={issuer}")
    window.reads("The login was cancelled")
    window.press("Try again")
    window.is_asked_for_the_password()
