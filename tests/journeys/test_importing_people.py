"""An admin imports a list, which shows first what will happen, and gives all of them a role."""

import time
from pathlib import Path

from journeys.people import Window, World

LIST = """email;name;roles
paula@acme.example;Paula Plain;liveAgentAgent
peter@acme.example;Peter Plain;liveAgentAgent liveAgentSupervisor
nobody;No Address;liveAgentAgent
agent@acme.example;Alex Agent;liveAgentAgent
"""
PATIENCE_SECONDS = 30


def wait_for(window: Window, address: str, text: str) -> None:
    """An import runs beside the pages; its own page comes back by itself, too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    window.go(address)
    while text not in window.text:
        assert time.monotonic() < deadline, window.text
        time.sleep(0.2)
        window.go(address)


def test_a_list_becomes_people(window: Window, world: World, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(LIST)
    window.sign_in_at_the_platform("admin@acme.example")
    window.press("Import")
    window.page.locator("input[type=file]").set_input_files(file)
    window.press("Check the file")
    window.page.wait_for_url("**/admin/imports/*")
    window.sees("paula@acme.example")
    window.sees("nobody")
    window.press("Import 2 people")
    wait_for(window, world.platform + "/admin/users?q=plain", "Peter Plain")
    window.sees("Paula Plain")
    window.go(world.platform + "/admin/imports")
    window.page.get_by_role("link", name="people.csv").first.click()
    window.sees("paula@acme.example")


def test_all_of_them_get_a_role_after_a_look_at_what_that_changes(window: Window, world: World):
    window.sign_in_at_the_platform("admin@acme.example")
    window.go(world.platform + "/admin/users?q=plain")
    for box in window.page.locator("tbody input[type=checkbox]").all():
        box.check()
    window.page.locator("select[name=role]").select_option("userDetailsViewer")
    window.press("Give role")
    window.sees("Paula Plain")
    window.sees("Peter Plain")
    window.press("Give it to 2 people")
    window.reads("The role userDetailsViewer was given")
