"""What an organisation is."""

import re
from dataclasses import dataclass

ORGANISATION_ID = re.compile(r"[0-9a-f]{24}")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Organisation:
    """One tenant of the platform."""

    id: str
    name: str
    created_at: int
    suspended_at: int | None
    live_agent_account: int | None = None  # the account's number in Live Agent, once set up
    live_agent_set_up_at: int | None = None
    policy_json: str | None = None  # of passwords; none: the default
    two_step_required: bool = False

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None


def is_organisation_id(text: str) -> bool:
    """24 lower-case hexadecimal characters, as in the claim `organisation`."""
    return ORGANISATION_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Fit to be shown: not blank, not too long, one line."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()
