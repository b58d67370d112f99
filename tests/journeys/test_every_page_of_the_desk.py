"""Every page of the desk's settings: axe finds nothing serious, wide and narrow."""

import pytest

from journeys.people import World
from live_agent.console.settings_frame import PAGES

# Beside the pages themselves: nothing found, somebody's story.
FILTERED = {
    "agents?q=nobody-has-this-name": "Agents",
    "logins?reference=ABCDEFGHIJKL": "Logins",
}
# Below the page of a person who has not moved.
OF_A_PERSON = ("", "/sessions", "/doors", "/history", "/delete")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(
    ("width", "colours"), [(1280, "light"), (360, "dark")], ids=["wide", "narrow and dark"]
)
def test_every_page_of_the_settings_is_in_order(world: World, width: int, colours: str):
    window = world.window(viewport={"width": width, "height": 800}, color_scheme=colours)
    window.sign_in("admin@acme.example")
    window.is_at_dashboard()
    settings = f"{world.desk}/app/accounts/{world.account}/settings"

    def is_in_order(address: str, heading: str) -> None:
        window.go(address)
        assert window.status == 200, address
        window.reads(heading)
        assert window.page.evaluate(OVERFLOW) <= 0, f"{address} is wider than {width} px"

    for place, heading in ({page.place: page.label for page in PAGES} | FILTERED).items():
        is_in_order(f"{settings}/{place}", heading)
    window.go(f"{settings}/agents")
    person = window.page.get_by_role("link", name="Olga Old").get_attribute("href")
    for part in OF_A_PERSON:
        heading = "Delete Olga Old" if part == "/delete" else "Olga Old"
        is_in_order(f"{world.desk}{person}{part}", heading)
    is_in_order(f"{world.desk}/app/accounts/{world.account}/profile", "Profile")

    # The list of the pages: in the rail; where that is folded away, in a menu.
    listed = window.page.locator(".rail-nav .rail-section" if width > 900 else ".section-menu")
    window.go(settings)
    assert listed.locator("a").count() == len(PAGES)
    if width < 900:
        listed.locator("summary").click()
    listed.get_by_role("link", name="Sessions").click()
    window.reads("Sessions")
