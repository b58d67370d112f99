"""One-time passwords (RFC 6238) and recovery codes: which of them a typed text is.

Six digits, thirty seconds, SHA-1: what every authenticator app understands.
"""

import re
from dataclasses import dataclass, field
from hmac import compare_digest

from pyotp import TOTP

DIGITS = 6
PERIOD_SECONDS = 30
WINDOW = 1  # clocks of telephones may be half a minute apart
ISSUER = "Cognigy.AI"
SECRET_BYTES = 20  # RFC 4226 section 4
RECOVERY_CODES = 10
RECOVERY_BYTES = 15  # 120 bits, so that a plain hash is enough (ASVS 6.5.2)
LONGEST_TYPED = 100
GROUP = 4

ONE_TIME_PASSWORD = re.compile(r"[0-9]{6}")
RECOVERY_CODE = re.compile(r"[A-Z2-7]{24}")
# Nobody tells these digits from letters on paper; the alphabet has the letters only.
_MISREAD = str.maketrans("018", "OIB")
_SEPARATORS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's second factor, as it is stored."""

    sealed_secret: str = field(repr=False)
    last_step: int
    created_at: int


def matching_step(secret: str, typed: str, last_step: int, now: int) -> int | None:
    """The time step whose one-time password was typed, if it is later than the last one used.

    RFC 6238 section 5.2: each is accepted once, and with it all before it are spent.
    """
    totp = TOTP(secret, digits=DIGITS, interval=PERIOD_SECONDS)
    present = now // PERIOD_SECONDS
    for step in range(present - WINDOW, present + WINDOW + 1):
        if step > last_step and compare_digest(totp.at(step * PERIOD_SECONDS), typed):
            return step
    return None


def one_time_password(typed: str) -> str | None:
    """Six digits, however they are grouped; None for anything else."""
    digits = _joined(typed)
    return digits if ONE_TIME_PASSWORD.fullmatch(digits) else None


def recovery_code(typed: str) -> str | None:
    """As codes are stored: without hyphens, in capital letters; None for anything else."""
    code = _joined(typed).upper().translate(_MISREAD)
    return code if RECOVERY_CODE.fullmatch(code) else None


def grouped(code: str, between: str = "-") -> str:
    """In fours, for reading and typing. Authenticator apps take spaces, and no dashes."""
    return between.join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def recovery_text(email: str, codes: tuple[str, ...]) -> str:
    """The file that a person keeps; it needs no translation."""
    return "\n".join((f"{ISSUER} - {email}", "", *codes, ""))


def provisioning_uri(secret: str, email: str, place: str) -> str:
    """What the QR code says: `otpauth://totp/...`, as the authenticator apps agreed on it."""
    return TOTP(secret, digits=DIGITS, interval=PERIOD_SECONDS).provisioning_uri(
        name=email, issuer_name=f"{ISSUER} ({place})"
    )


def _joined(typed: str) -> str:
    return _SEPARATORS.sub("", typed) if len(typed) <= LONGEST_TYPED else ""
