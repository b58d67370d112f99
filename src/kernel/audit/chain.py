"""The chain of seals over the audit events, and what it proves.

Context: an audit trail is worth little if whoever can write to the database can rewrite the past
unseen. Events are plain inserts in the transaction of what they tell: an insert that had to know
the one before it would let only one transaction of the installation commit at a time.

Decision: a sealer takes events that are committed, in batches, gives each a position, the next
one, and writes a seal: SHA-256 over the seal before, the seal's own facts, and each event in the
order of the positions, as canonical JSON. An event that is committed late goes into a later batch,
so none is lost, and the order of the chain is that of sealing. Events hold ids: a person whose name
is erased elsewhere leaves the chain as it is. Events are removed by age in whole batches, from the
oldest on; the newest seal of those that were removed stays as the anchor from which the rest is
verified.

What it proves: no event in a sealed batch was changed, removed, added or moved, as long as the
hashes are known from elsewhere. The hashes are not secret and there is no key: somebody who can
write to the database and takes the trouble can make every seal anew from the change on. So
`audit verify` of the command line prints the last number and hash, to be kept where that somebody
cannot write (a ticket, another system's log), and `audit verify --known NUMBER:HASH` says whether
the chain still leads through it. Events of the last second are not sealed yet; they are counted.
What is missing at the old end, before the anchor, is what age removed, as far as the table tells.

Alternatives: a hash in each event (one commit at a time, see above); a keyed hash (the key is in
the environment of the very servers that write to the database).
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

FIRST = 1
LARGEST_BATCH = 10_000  # so that a forged seal does not fill the memory
BEGINNING = "0" * 64  # what stands for the seal before the first one
KNOWN = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Seal:
    """One batch. `removed`: its events were too old, and are gone."""

    number: int
    first_position: int
    last_position: int
    events: int
    newest_at: int
    sealed_at: int
    hash: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `broken` is the number of the first batch that is not as sealed.

    `oldest` and `last` are the first and the last batch that were good.
    """

    batches: int
    events: int
    unsealed: int
    oldest: int | None
    last: Seal | None
    broken: int | None = None
    why: str = ""


def number_after(before: Seal | None) -> int:
    return FIRST if before is None else before.number + 1


def end_of(before: Seal | None) -> int:
    """The position of the last event that is sealed, or was; 0: none."""
    return 0 if before is None else before.last_position


def seal_of(before: Seal | None, rows: Sequence[Mapping[str, Any]], now: int) -> Seal:
    """The next batch; `rows` have the positions that follow."""
    first, number = end_of(before) + 1, number_after(before)
    newest = max(int(row["at"]) for row in rows)
    seal = Seal(number, first, first + len(rows) - 1, len(rows), newest, now)
    return replace(seal, hash=hash_of(before, seal, rows))


def follows(seal: Seal, before: Seal | None) -> bool:
    """Are its positions the next ones, and as many as it says?"""
    first = end_of(before) + 1
    fits = seal.first_position == first and seal.last_position == first + seal.events - 1
    return fits and 0 < seal.events <= LARGEST_BATCH


def hash_of(before: Seal | None, seal: Seal, rows: Sequence[Mapping[str, Any]]) -> str:
    """Of the facts of a seal and its events: whole rows, in the order of their positions."""
    digest = hashlib.sha256()
    facts = {
        "before": BEGINNING if before is None else before.hash,
        "number": seal.number,
        "first_position": seal.first_position,
        "last_position": seal.last_position,
        "events": seal.events,
        "newest_at": seal.newest_at,
        "sealed_at": seal.sealed_at,
    }
    digest.update(canonical(facts))
    for row in rows:
        digest.update(canonical(dict(row)))
    return digest.hexdigest()


def canonical(value: Mapping[str, Any]) -> bytes:
    """One line of ASCII: the same bytes for the same values, on every engine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def parse_known(text: str) -> tuple[int, str] | None:
    """`NUMBER:HASH` as a verification printed it, or None."""
    found = KNOWN.fullmatch(text.strip())
    return None if found is None else (int(found[1]), found[2])
