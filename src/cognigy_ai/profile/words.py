"""What a person's own pages say of browsers and of the ways to sign in."""

from cognigy_ai.sessions.devices import Device
from kernel.languages import Say, n_
from kernel.problems import filled

BROWSER_ON_SYSTEM = n_("{browser} on {system}")
BROWSER_OF_SYSTEM = n_("A browser on {system}")
UNKNOWN_BROWSER = n_("An unknown browser")
PASSWORD = n_("Password")
TWO_STEP = n_("Password and one-time password")
RECOVERY = n_("Password and recovery code")


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
