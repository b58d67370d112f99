"""A link to a page of Live Agent leads there, through the login if need be, and nowhere else."""

from urllib.parse import quote

import pytest

from journeys.people import Window, World

EMAIL = "agent@acme.example"


def test_a_deep_link_is_restored_after_the_login(window: Window, world: World):
    profile = f"/app/accounts/{world.account}/profile?from=mail&x=%C3%BC"
    window.go(profile)
    window.is_at_login_page()
    window.press("Sign in")
    window.type_credentials(EMAIL)
    window.page.wait_for_url(world.desk + profile)
    window.reads("Profile")


def test_a_deep_link_survives_the_wrong_password(window: Window, world: World):
    profile = f"/app/accounts/{world.account}/profile"
    window.go(profile)
    window.press("Sign in")
    window.type_credentials(EMAIL, "not-the-right-one-99")
    window.is_asked_for_the_password()
    window.type_credentials(EMAIL)
    window.page.wait_for_url(world.desk + profile)


def test_a_deep_link_survives_the_old_login(window: Window, world: World):
    profile = f"/app/accounts/{world.account}/profile"
    window.go(profile)
    window.press("I still have an old Live Agent password")
    window.type_credentials("old@acme.example")
    window.page.wait_for_url(world.desk + profile)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "https:evil.example",
        "javascript:alert(document.domain)",
        "data:text/html,<h1>evil</h1>",
        "/%2f/evil.example",
        "/..//evil.example",
    ],
)
def test_no_address_leads_to_another_site_after_the_login(
    window: Window, world: World, elsewhere: str
):
    """Lesson 71."""
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.go("/login?return_to=" + quote(elsewhere, safe=""))
    window.press("Sign in")
    window.type_credentials(EMAIL)
    window.page.wait_for_load_state()
    window.page.wait_for_url(world.desk + "/**")
    assert all(url.startswith((world.desk, world.platform)) for url in asked)
    window.sees("Alex Agent") if window.status == 200 else window.sees("There is no such page")


def test_the_page_of_another_account_is_not_found(window: Window, world: World):
    window.sign_in(EMAIL)
    window.is_at_dashboard()
    window.go(f"/app/accounts/{world.account + 1}/dashboard")
    window.reads("There is no such page")
    assert window.status == 404


@pytest.mark.parametrize("path", ["/", "/app", "/app/", "/app/login", "/login"])
def test_every_way_in_leads_to_the_login_page_and_then_to_the_dashboard(
    window: Window, world: World, path: str
):
    window.go(path)
    window.is_at_login_page()
    window.press("Sign in")
    window.type_credentials(EMAIL)
    window.is_at_dashboard()
    window.go(path)
    window.is_at_dashboard()


def test_another_name_of_the_same_machine_is_left_first(window: Window, world: World):
    """Cookies are not shared between `localhost` and `127.0.0.1`: a login would never end."""
    window.go(world.desk.replace("127.0.0.1", "localhost") + "/login?return_to=%2Fapp")
    window.page.wait_for_url(world.desk + "/login?return_to=%2Fapp")
    window.press("Sign in")
    window.type_credentials(EMAIL)
    window.is_at_dashboard()


def test_another_name_of_the_platform_is_left_too(window: Window, world: World):
    window.go(world.platform.replace("127.0.0.1", "localhost") + "/login")
    window.page.wait_for_url(world.platform + "/login")
    window.type_credentials(EMAIL)
    window.page.wait_for_url(world.platform + "/profile")
