"""Cognigy.AI does not vouch for an address: the old user behind it is proved once, in between."""

import time

from journeys.conftest import OLD_PASSWORD
from journeys.people import PASSWORD, Window, World, links_in

BETWEEN = "/login/link"


def test_the_old_password_proves_it(window: Window, world: World):
    window.sign_in("lea@acme.example")
    window.page.wait_for_url("**" + BETWEEN)
    window.sees("lea@acme.example")
    assert window.page.locator("ol.steps").count() == 1
    window.reads(window.heading())
    window.type("password", "not-the-right-one-99")
    window.send_password()
    window.page.wait_for_url("**" + BETWEEN)
    window.sees("wrong")
    window.type("password", OLD_PASSWORD)
    window.send_password()
    window.is_at_dashboard()

    window.log_out()
    window.go("/old-login")
    window.type_credentials("lea@acme.example", OLD_PASSWORD)
    window.sees("this password no longer works")


def test_a_mailed_link_proves_it(window: Window, world: World):
    window.sign_in("leo@acme.example")
    window.page.wait_for_url("**" + BETWEEN)
    window.press("Send a link to leo@acme.example")
    window.sees("leo@acme.example")
    link = await_link(world)

    elsewhere = world.window()  # a mail scanner fetches it, in no browser of the person
    elsewhere.go(link)
    assert elsewhere.status in (200, 400)
    assert "dashboard" not in elsewhere.url

    window.go(link)
    window.reads(window.heading())
    window.press("Confirm and go to Live Agent")
    window.is_at_dashboard()
    window.sees("Leo")
    window.go(link)
    window.sees("This confirmation is no longer valid")


def await_link(world: World) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for mail in world.mails():
            for link in links_in(mail):
                if "/login/link/confirm/" in link:
                    return link
        time.sleep(0.05)
    raise AssertionError(f"no mail with a link: {world.mails()}")


def test_who_cancels_has_changed_nothing(window: Window, world: World):
    window.sign_in("lisa@acme.example")
    window.page.wait_for_url("**" + BETWEEN)
    window.press("Cancel")
    window.is_at_login_page()
    window.go("/app")
    window.is_at_login_page()
    window.go(BETWEEN)
    assert "lisa@acme.example" not in window.text
    window.go("/old-login")
    window.type_credentials("lisa@acme.example", OLD_PASSWORD)
    window.is_at_dashboard()


def test_the_platform_password_proves_nothing_of_the_old_account(window: Window, world: World):
    window.sign_in("lisa@acme.example")
    window.page.wait_for_url("**" + BETWEEN)
    window.type("password", PASSWORD)
    window.send_password()
    window.page.wait_for_url("**" + BETWEEN)
    window.go("/app")
    window.is_at_login_page()


def test_the_between_page_of_another_browser_is_nobodys(window: Window):
    window.go(BETWEEN)
    window.sees("This confirmation is no longer valid")
