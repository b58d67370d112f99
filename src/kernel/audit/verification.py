"""Does every sealed event still read as it was sealed? Seals and events are read in pieces.

Servers go on meanwhile: what they seal or remove by age is told apart from what is broken.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from kernel.audit import chain
from kernel.audit.chain import Seal, Verdict
from kernel.audit.seals import Seals
from kernel.db import Tx

SEALS_AT_ONCE = 500

CHANGED = "its events or its seal are not as they were sealed"
MISSING = "its seal is missing"
FOREIGN = "events stand where no seal has any"
OTHER_HASH = "its hash is not the known one"
NOT_REACHED = "the chain ends before it"
NOT_KEPT = "it was removed by age and cannot be compared with the known hash"


@dataclass(slots=True)
class _Walk:
    """How far the chain was verified; `known` is looked for on the way."""

    seals: Seals
    known: tuple[int, str] | None
    before: Seal | None = None
    oldest: int | None = None
    batches: int = 0
    events: int = 0
    met: bool = False

    def stand_at(self, seal: Seal) -> None:
        self.before = seal
        if self.known is not None and self.known[0] == seal.number:
            self.met = True

    def count(self, seal: Seal) -> None:
        self.oldest = seal.number if self.oldest is None else self.oldest
        self.batches += 1
        self.events += seal.events


async def verify(db: Tx, seals: Seals, known: tuple[int, str] | None = None) -> Verdict:
    """Everything that is kept; `known` are number and hash that an earlier verification printed."""
    walk = _Walk(seals, known)
    broken, why = await _first_fault(db, walk)
    unsealed = await seals.count_unsealed(db)
    return Verdict(walk.batches, walk.events, unsealed, walk.oldest, walk.before, broken, why)


async def _first_fault(db: Tx, walk: _Walk) -> tuple[int | None, str]:
    async for seal in _seals(db, walk.seals):
        expected = chain.number_after(walk.before)
        if seal.number != expected and not seal.removed:
            return expected, MISSING
        if walk.known is not None and seal.number == walk.known[0] and seal.hash != walk.known[1]:
            return seal.number, OTHER_HASH
        if not await _is_good(db, walk, seal):
            return seal.number, CHANGED
    end = chain.number_after(walk.before)
    if await walk.seals.has_foreign(db):
        return end, FOREIGN
    if walk.known is not None and not walk.met:
        return walk.known[0], NOT_REACHED if walk.known[0] >= end else NOT_KEPT
    return None, ""


async def _is_good(db: Tx, walk: _Walk, seal: Seal) -> bool:
    """Then the walk stands at it."""
    if seal.removed:
        good = walk.before is None or await _is_removed(db, walk, walk.before)
    elif await _reads_as_sealed(db, walk, seal):
        good = True
        walk.count(seal)
    else:
        good = await _is_removed(db, walk, seal)
    if good:
        walk.stand_at(seal)
    return good


async def _reads_as_sealed(db: Tx, walk: _Walk, seal: Seal) -> bool:
    before = walk.before
    if not chain.follows(seal, before):
        return False
    rows = await walk.seals.list_events(db, seal.first_position, seal.last_position)
    return chain.hash_of(before, seal, rows) == seal.hash


async def _is_removed(db: Tx, walk: _Walk, seal: Seal) -> bool:
    """Has age removed it, perhaps since it was read?"""
    now = await walk.seals.find(db, seal.number)
    return now is None or now.removed


async def _seals(db: Tx, seals: Seals) -> AsyncIterator[Seal]:
    after = 0
    while found := await seals.list_after(db, after, SEALS_AT_ONCE):
        for seal in found:
            yield seal
        after = found[-1].number
