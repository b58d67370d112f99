"""What a person's own pages say of browsers and of the ways to sign in."""

from collections.abc import Callable

from starlette.requests import Request

from cognigy_ai.sessions.devices import Device
from cognigy_ai.state import state_of
from kernel.languages import n_
from kernel.problems import filled
from kernel.web.site import language_of

BROWSER_ON_SYSTEM = n_("{browser} on {system}")
BROWSER_OF_SYSTEM = n_("A browser on {system}")
UNKNOWN_BROWSER = n_("An unknown browser")
PASSWORD = n_("Password")
TWO_STEP = n_("Password and one-time password")
RECOVERY = n_("Password and recovery code")

Say = Callable[[str], str]


def say_of(request: Request) -> Say:
    """Texts of Python code in the reader's language."""
    pages, language = state_of(request).site.pages, language_of(request)
    return lambda text: pages.text(language, text)


def device_words(device: Device, say: Say) -> str:
    """ "Firefox on Windows", as far as it is known."""
    if device.browser and device.system:
        names = {"browser": device.browser, "system": device.system}
        return filled(say(BROWSER_ON_SYSTEM), names)
    if device.system:
        return filled(say(BROWSER_OF_SYSTEM), {"system": device.system})
    return device.browser or say(UNKNOWN_BROWSER)


def method_words(amr: tuple[str, ...], say: Say) -> str:
    """How somebody signed in (RFC 8176)."""
    if "otp" in amr:
        return say(TWO_STEP)
    return say(RECOVERY if "mfa" in amr else PASSWORD)
