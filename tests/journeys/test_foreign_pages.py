"""A page of somebody else's site cannot log anybody in, out, or in as somebody else."""

from collections.abc import Iterator

import pytest

from journeys.people import Window, World
from journeys.strangers import Stranger, html, stranger


@pytest.fixture
def evil(world: World) -> Iterator[Stranger]:
    start = world.desk + "/omniauth/cognigy"
    pages = {
        "link": f"<a id=go href='{start}?return_to=/app'>A prize</a>",
        "get": f"<form action='{start}'><button id=go>A prize</button></form>",
        "image": f"<img src='{start}'><p id=go>Look</p>",
        "frame": f"<iframe src='{start}' width=800 height=600></iframe><p id=go>Look</p>",
        "post": f"<form method=post action='{start}'><button id=go>A prize</button></form>",
        "logout": f"<form method=post action='{world.desk}/logout'><button id=go>x</button></form>",
        "oldlogin": (
            f"<form method=post action='{world.desk}/old-login'>"
            "<input name=email value=old@acme.example><input name=password value=mine>"
            "<button id=go>x</button></form>"
        ),
        "platform": (
            f"<form method=post action='{world.platform}/login'>"
            "<input name=email value=agent@acme.example><input name=password value=mine>"
            "<button id=go>x</button></form>"
        ),
        "password": (
            f"<form method=post action='{world.platform}/profile/password'>"
            "<input name=current_password value=a><input name=new_password value=b>"
            "<button id=go>x</button></form>"
        ),
        "presence": (
            f"<form method=post action='{world.desk}/app/accounts/{world.account}/presence'>"
            "<input name=presence value=busy><button id=go>x</button></form>"
        ),
    }
    with stranger(**{name: html(text) for name, text in pages.items()}) as found:
        yield found


def session_cookies(window: Window) -> dict[str, str]:
    return {
        str(c["name"]): str(c["value"])
        for c in window.context.cookies()
        if str(c["name"]).endswith("_session")
    }


@pytest.mark.parametrize("way", ["link", "get"])
def test_a_foreign_page_leads_to_the_login_page_where_the_person_decides(
    window: Window, world: World, evil: Stranger, way: str
):
    """Lesson 67. The browser is signed in at the platform: the login would be silent."""
    window.sign_in_at_the_platform("agent@acme.example")
    window.go(evil.url(f"/{way}"))
    window.page.locator("#go").click()
    window.is_at_login_page()
    assert not any(name.startswith("la_") for name in session_cookies(window))
    window.press("Sign in")
    window.is_at_dashboard()


@pytest.mark.parametrize("way", ["link", "get", "image", "frame"])
def test_a_foreign_page_does_not_swap_the_person(
    window: Window, world: World, evil: Stranger, way: str
):
    """The platform's session is another person's by now: the desk's stays what it is."""
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    before = session_cookies(window)
    window.context.clear_cookies(name=next(n for n in before if n.startswith("ai_")))
    window.sign_in_at_the_platform("supervisor@acme.example")
    window.go(evil.url(f"/{way}"))
    window.page.wait_for_load_state("networkidle")
    window.page.locator("#go").click()
    window.page.wait_for_load_state()
    desk_session = next(n for n in before if n.startswith("la_"))
    assert session_cookies(window)[desk_session] == before[desk_session]
    window.go("/app")
    window.is_at_dashboard()
    window.sees("Alex Agent")


def test_no_page_of_ours_can_be_put_into_a_frame(window: Window, world: World, evil: Stranger):
    for address in ("/login", "/old-login", world.platform + "/login"):
        url = address if address.startswith("http") else world.desk + address
        response = window.context.request.get(url)
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("way", ["logout", "oldlogin", "platform", "password", "presence", "post"])
def test_a_form_of_a_foreign_page_is_refused(
    window: Window, world: World, evil: Stranger, way: str
):
    window.sign_in("agent@acme.example")
    window.is_at_dashboard()
    before = session_cookies(window)
    window.go(evil.url(f"/{way}"))
    window.page.locator("#go").click()
    window.page.wait_for_load_state()
    assert window.status in (200, 303, 403, 404, 405), window.status
    assert session_cookies(window) == before
    window.go("/app")
    window.is_at_dashboard()
    window.sees("Alex Agent")
    assert window.presence() != "Busy"


def test_the_code_of_an_attacker_does_not_log_the_victim_in(window: Window, world: World):
    """Login CSRF: the attacker's own callback address, opened in the victim's browser."""
    attacker = world.window()
    attacker.sign_in_at_the_platform("both@acme.example")
    authorize = redirect_of(attacker, world.desk + "/omniauth/cognigy")
    callback = redirect_of(attacker, authorize)
    assert "code=" in callback
    window.go(callback)
    window.is_asked_for_the_password()  # a login of its own begins
    assert not any(name.startswith("la_") for name in session_cookies(window))


def redirect_of(window: Window, address: str) -> str:
    """Where the answer leads; this browser does not go there."""
    return str(window.context.request.get(address, max_redirects=0).headers["location"])
