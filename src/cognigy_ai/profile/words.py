"""What a person's own pages say of the ways to sign in."""

from kernel.languages import Say, n_

PASSWORD = n_("Password")
TWO_STEP = n_("Password and one-time password")
RECOVERY = n_("Password and recovery code")


def method_words(amr: tuple[str, ...], say: Say) -> str:
    """How somebody signed in (RFC 8176)."""
    if "otp" in amr:
        return say(TWO_STEP)
    return say(RECOVERY if "mfa" in amr else PASSWORD)
