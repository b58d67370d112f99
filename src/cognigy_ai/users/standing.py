"""What a login learns of a person: what has to be done yet, and how often somebody guessed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who may log in, and what is asked of them beside the password."""

    password_digest: str | None = field(repr=False)
    must_change_password: bool
    access_revision: int
    has_second_factor: bool
    two_step_required: bool  # the organisation requires it


@dataclass(frozen=True, slots=True)
class Guessed:
    """Somebody whose password was not the one that was typed, this time included."""

    user_id: str
    organisation_id: str
    failures: int  # since the last login
    policy_json: str | None
