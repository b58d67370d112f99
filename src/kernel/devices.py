"""Which browser on which system a `User-Agent` header names: enough to recognise one's own.

The header is what the browser says of itself; nothing is decided by it.
"""

from dataclasses import dataclass

from kernel.languages import Say, n_
from kernel.problems import filled

# The first that is found counts: many browsers name those whose pages they can show too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
BROWSER_ON_SYSTEM = n_("{browser} on {system}")
BROWSER_OF_SYSTEM = n_("A browser on {system}")
UNKNOWN_BROWSER = n_("An unknown browser")


@dataclass(frozen=True, slots=True)
class Device:
    """Names as their makers write them; empty: the header does not say."""

    browser: str
    system: str


def device_of(user_agent: str) -> Device:
    """What the header of a request names."""
    return Device(_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))


def device_words(device: Device, say: Say) -> str:
    """ "Firefox on Windows", as far as it is known."""
    if device.browser and device.system:
        names = {"browser": device.browser, "system": device.system}
        return filled(say(BROWSER_ON_SYSTEM), names)
    if device.system:
        return filled(say(BROWSER_OF_SYSTEM), {"system": device.system})
    return device.browser or say(UNKNOWN_BROWSER)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
