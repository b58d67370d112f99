"""Every page that an administrator sees: axe finds nothing serious, wide and narrow, dark too."""

import pytest

from journeys.people import World

PAGES = {
    "/profile": "Profile",
    "/profile/email": None,
    "/profile/sessions": None,
    "/profile/history": None,
    "/profile/two-step": "Two-step login",
    "/profile/applications": None,
    "/profile/keys": None,
    "/admin/users": "Access Control",
    "/admin/users?q=a&sort=email&state=active": "Access Control",
    "/admin/users?q=nobody-has-this-name": "Access Control",
    "/admin/users/new": None,
    "/admin/imports": None,
    "/admin/organisation": "Organisation",
    "/admin/security": None,
    "/admin/security/enforce": None,
    "/admin/keys": None,
    "/admin/audit": None,
    "/openapi": None,
    "/password/forgot": None,
    "/login/organisations": None,
}


@pytest.mark.parametrize(
    ("width", "colours"), [(1280, "light"), (360, "dark")], ids=["wide", "narrow and dark"]
)
def test_every_page_is_in_order(world: World, width: int, colours: str):
    window = world.window(
        viewport={"width": width, "height": 800},
        color_scheme=colours,
    )
    window.sign_in_at_the_platform("admin@acme.example")
    for path, heading in PAGES.items():
        window.go(world.platform + path)
        assert window.status == 200, path
        assert window.heading(), path
        if heading:
            window.reads(heading)
        window.sees("Nobody was found" if "nobody" in path else "")
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert window.page.evaluate(overflow) <= 0, f"{path} is wider than {width} px"
    window.go(world.platform + "/admin/users")
    window.page.get_by_role("link", name="Alex Agent").first.click()
    window.reads("Alex Agent")
    for part in ("/live-agent", "/roles/liveAgentAgent", "/delete"):
        window.go(window.url.split("?")[0].removesuffix("/live-agent") + part)
        window.sees("Alex Agent")
        window.page.go_back()
