"""Guessing passwords becomes slow for the guesser, and nobody is locked out by somebody else."""

import re

import pytest

from journeys.people import PASSWORD, Window, World

WRONG = "not-the-right-one-{}"
LOCKED = re.compile(r"\b\d+:\d\d\b")


def addresses(world: World) -> dict[str, str]:
    return {
        "platform": world.platform + "/login",
        "desk": world.desk + "/old-login",
    }


def guess(window: Window, address: str, email: str, times: int = 12) -> int:
    """How many guesses were let through before the lock."""
    window.go(address)
    for number in range(times):
        window.type_credentials(email, WRONG.format(number))
        window.page.wait_for_load_state()
        if window.status == 429:
            return number
    raise AssertionError(f"{times} guesses, and no lock: {window.text}")


@pytest.mark.parametrize(
    ("where", "email"),
    [("platform", "admin@acme.example"), ("desk", "old@acme.example")],
)
def test_a_lock_counts_down_and_spares_the_browser_that_is_known(
    world: World, where: str, email: str
):
    address = addresses(world)[where]
    known = world.window()
    known.go(address)
    known.type_credentials(email)
    known.page.wait_for_url("**/profile" if where == "platform" else world.dashboard)
    known.log_out()

    guesser = world.window()
    let_through = guess(guesser, address, email)
    assert 3 <= let_through <= 10
    assert LOCKED.search(guesser.text), guesser.text
    assert guesser.page.locator("input[name=email]").count() == 0 or (
        guesser.page.locator("input[name=email]").input_value() == email
    )
    guesser.type_credentials(email, PASSWORD) if guesser.has_form() else guesser.go(address)
    assert "dashboard" not in guesser.url
    assert "/profile" not in guesser.url

    known.go(address)
    known.type_credentials(email)
    known.page.wait_for_url("**/profile" if where == "platform" else world.dashboard)


@pytest.mark.parametrize("where", ["platform", "desk"])
def test_an_address_that_nobody_has_locks_just_so(world: World, where: str):
    """Lesson 75: who guesses does not learn whether the address exists."""
    address = addresses(world)[where]
    existing, unknown = world.window(), world.window()
    counts = {
        guess(existing, address, "both@acme.example"),
        guess(unknown, address, f"nobody-{where}@acme.example"),
    }
    assert len(counts) == 1
    without = [
        LOCKED.sub("", window.text).replace(email, "")
        for window, email in (
            (existing, "both@acme.example"),
            (unknown, f"nobody-{where}@acme.example"),
        )
    ]
    assert without[0] == without[1]
