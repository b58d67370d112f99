"""A login under way: what the browser keeps of it until it comes back.

One encrypted cookie for each flow, so that several tabs can log in side by side and nothing has to
be stored here (RFC 6749 section 10.12; OpenID Connect Core section 15.5.2).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VALID_SECONDS = 600
KEPT_SECONDS = 3600  # an expired flow still says where the person wanted to go
MOST_FLOWS = 5
# All cookies travel in one header line, for which proxies have 8 kB as a rule: a person with many
# tabs and long addresses must not be locked out by "400 Request Header Too Large". Of that the
# flows have these, a failure 1100 (`failed`), the offer after a logout 2600 (`logout`).
LARGEST_TOTAL = 3200
RETRY_SUFFIX = ".r"


@dataclass(frozen=True, slots=True)
class Flow:
    """`target` is a path of this site, checked when the flow began."""

    state: str
    nonce: str
    code_verifier: str
    target: str | None
    issuer: str
    issued_at: int

    @property
    def is_retry(self) -> bool:
        return is_retry(self.state)


def is_retry(state: str) -> bool:
    """Did we make this state for the one automatic restart?

    The state itself says so: where no cookie ever comes back, nothing else could.
    """
    return state.endswith(RETRY_SUFFIX)


def cookie_name(state: str) -> str:
    """`flow_` and eight characters that tell the flows of one browser apart."""
    return "flow_" + hashlib.sha256(state.encode()).hexdigest()[:8]


def to_json(flow: Flow) -> list[object]:
    """What is sealed: positions instead of names, for a short cookie."""
    return [
        flow.state,
        flow.nonce,
        flow.code_verifier,
        flow.target,
        flow.issuer,
        flow.issued_at,
    ]


def from_json(value: Any) -> Flow | None:
    """The reverse of `to_json`; None for anything else, such as an older version's."""
    if not isinstance(value, list) or len(value) != len(Flow.__slots__):
        return None
    return Flow(*value)


def belongs_to(flow: Flow | None, state: str) -> bool:
    """Is it the flow of exactly this state, not merely one under the same short name?"""
    return flow is not None and flow.state == state


def is_expired(flow: Flow, now: int) -> bool:
    return now >= flow.issued_at + VALID_SECONDS


def surplus(ages: Mapping[str, int], sizes: Mapping[str, int], coming: int) -> list[str]:
    """The names of the oldest flows that make room for one more of `coming` characters.

    `ages` is when each began, by name; one that cannot be read began at 0 and goes first.
    """
    oldest_first = sorted(ages, key=lambda name: ages[name])
    total = coming + sum(sizes.values())
    left = len(oldest_first) + 1
    dropped = []
    for name in oldest_first:
        if left <= MOST_FLOWS and total <= LARGEST_TOTAL:
            break
        dropped.append(name)
        total -= sizes[name]
        left -= 1
    return dropped
