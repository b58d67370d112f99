"""Who is signed in at Cognigy.AI is let in silently, unless somebody asked otherwise."""

import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Route

from journeys.people import Window, World
from support.servers import CLIENT_ID

EMAIL = "agent@acme.example"


def authorize_address(world: World, path: str = "/auth/oauth2/authorize?", **more: str) -> str:
    """As another installation of Live Agent would write it."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": world.pair.desk.redirect_uri,
        "scope": "openid profile email organisation roles",
        "state": "a-state-of-forty-three-characters-long-0123",
        "nonce": "a-nonce-of-forty-three-characters-long-0123",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return world.platform + path + urlencode(asked | more)


def answer_of(window: Window, address: str) -> dict[str, str]:
    """What the platform sends back to the callback, which is not followed."""
    response = window.context.request.get(
        address, max_redirects=0, headers={"sec-fetch-site": "none"}
    )
    assert response.status == 303, response.text()
    target = response.headers["location"]
    assert target.startswith(window.world.pair.desk.redirect_uri), target
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


@pytest.fixture
def signed_in(window: Window) -> Window:
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    return window


def test_the_second_login_asks_nothing(signed_in: Window):
    signed_in.log_out()
    signed_in.go("/login")
    signed_in.press("Sign in")
    signed_in.is_at_dashboard()


def test_logging_out_of_live_agent_alone_is_told_honestly(signed_in: Window):
    signed_in.log_out()
    signed_in.reads("You are logged out")
    signed_in.sees("You may still be logged in to Cognigy.AI in this browser")
    signed_in.go("/app")
    signed_in.is_at_login_page()
    signed_in.press("Sign in")
    signed_in.is_at_dashboard()


def test_the_live_connection_turns_nobody_back_who_is_logging_out(signed_in: Window, world: World):
    """It says that access ended while the answer to the logout is still on its way."""

    def answer_late(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        time.sleep(1)
        route.fulfill(response=answer)

    with signed_in.page.expect_response("**/stream"):
        signed_in.page.reload()
    signed_in.page.route("**/logout", answer_late)
    signed_in.log_out()
    signed_in.reads("You are logged out")


def test_logging_out_of_cognigy_ai_too_asks_for_the_password_again(signed_in: Window, world: World):
    signed_in.log_out()
    signed_in.press("Also log out of Cognigy.AI")
    signed_in.page.wait_for_url(world.desk + "/logged-out*")
    signed_in.reads("You are logged out")
    signed_in.sees("Your sessions in Live Agent and Cognigy.AI have ended.")
    signed_in.press("Sign in again")
    signed_in.press("Sign in")
    signed_in.is_asked_for_the_password()


def test_the_back_button_after_a_logout_shows_nothing_of_the_person(
    signed_in: Window, world: World
):
    signed_in.log_out()
    signed_in.reads("You are logged out")
    signed_in.page.go_back()
    signed_in.page.wait_for_load_state()
    signed_in.page.reload()
    assert "Alex Agent" not in signed_in.text


def test_two_people_one_after_the_other_in_one_browser(signed_in: Window, world: World):
    """Lesson 38."""
    before = {c["name"]: c["value"] for c in signed_in.context.cookies()}
    signed_in.log_out()
    signed_in.press("Also log out of Cognigy.AI")
    signed_in.press("Sign in again")
    signed_in.press("Sign in")
    signed_in.type_credentials("supervisor@acme.example")
    signed_in.is_at_dashboard()
    signed_in.sees("Sam Supervisor")
    assert "agent@acme.example" not in signed_in.profile_menu()
    after = {c["name"]: c["value"] for c in signed_in.context.cookies()}
    sessions = [name for name in before if name.endswith("_session")]
    assert len(sessions) == 2
    assert all(before[name] != after[name] for name in sessions)


def test_another_person_takes_over_without_logging_out(signed_in: Window, world: World):
    """`prompt=select_account`, as "Use another account" of an error page asks."""
    signed_in.go("/omniauth/cognigy?prompt=select_account")
    signed_in.reads("Choose an account")
    signed_in.press("Use another account")
    signed_in.type_credentials("supervisor@acme.example")
    signed_in.is_at_dashboard()
    signed_in.sees("Sam Supervisor")


def test_the_chooser_lets_one_go_on_as_who_one_is(signed_in: Window):
    signed_in.go("/omniauth/cognigy?prompt=select_account")
    signed_in.reads("Choose an account")
    signed_in.press("Continue as Alex Agent")
    signed_in.is_at_dashboard()


@pytest.mark.parametrize(
    "path",
    ["/auth/oauth2/authorize?", "/login?cognigy-live-agent=true&"],
    ids=["the standard address", "the address of existing installations"],
)
def test_both_authorize_addresses_answer_silently(signed_in: Window, world: World, path: str):
    answer = answer_of(signed_in, authorize_address(world, path))
    assert set(answer) == {"code", "state", "iss"}
    assert answer["iss"] == world.platform


def test_prompt_none_without_a_session_is_answered_with_an_error(window: Window, world: World):
    answer = answer_of(window, authorize_address(world, prompt="none"))
    assert answer["error"] == "login_required"
    assert answer["iss"] == world.platform


def test_prompt_none_with_a_session_is_answered_with_a_code(signed_in: Window, world: World):
    assert "code" in answer_of(signed_in, authorize_address(world, prompt="none"))


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
def test_the_password_is_asked_again_if_the_application_wants_it(
    signed_in: Window, world: World, more: dict[str, str]
):
    signed_in.go(authorize_address(world, **more))
    signed_in.is_asked_for_the_password()
    callbacks: list[str] = []
    signed_in.page.on(
        "request", lambda r: callbacks.append(r.url) if "/callback?" in r.url else None
    )
    signed_in.type_credentials(EMAIL)
    signed_in.page.wait_for_url(world.desk + "/**")
    assert "code=" in callbacks[0]


def test_a_young_session_satisfies_max_age(signed_in: Window, world: World):
    assert "code" in answer_of(signed_in, authorize_address(world, max_age="3600"))


def test_the_login_hint_fills_in_the_address(window: Window, world: World):
    window.go(authorize_address(world, login_hint="sam@acme.example"))
    window.is_asked_for_the_password()
    assert window.page.locator("input[name=email]").input_value() == "sam@acme.example"


def test_keep_me_signed_in_outlives_the_browser(window: Window, world: World):
    window.go("/login")
    window.press("Sign in")
    window.page.get_by_label("Keep me signed in").check()
    window.type_credentials(EMAIL)
    window.is_at_dashboard()
    platform_session = next(
        c
        for c in window.context.cookies()
        if str(c["name"]).startswith("ai_") and str(c["name"]).endswith("_session")
    )
    assert platform_session["expires"] > 0


def test_the_platform_alone_can_be_signed_in_to_and_out_of(window: Window, world: World):
    window.sign_in_at_the_platform(EMAIL)
    window.reads("Profile")
    window.log_out()
    window.reads("You are signed out")
    window.go(world.platform + "/profile")
    window.is_asked_for_the_password()
