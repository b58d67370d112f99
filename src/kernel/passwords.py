"""Password digests: argon2id for new ones, bcrypt understood, work bounded per process.

OWASP's first recommendation for argon2id (19 MiB, two passes, one lane): DESIGN section 8 counts
with it.
"""

import asyncio
import re
import unicodedata
from typing import TYPE_CHECKING, TypeVar

from pwdlib.exceptions import HasherNotAvailable
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

LONGEST_PASSWORD = 1024
LONGEST_JUDGED = 32
BCRYPT_BYTES = 72
# Digests of other systems. One that is dearer than these bounds would hold up everybody's login:
# a refusal costs as much as the dearest (`even_out`).
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
MOST_ARGON2 = (256 * 1024, 10, 8)  # KiB, passes, lanes
PRODUCTS = ("Cognigy", "LiveAgent")  # in no password either
SHORTEST_WORD = 4  # shorter ones are in anything
SEEN_THROUGH_SIGNS = 8  # so long a word is no chance, also as `love-lace`
# In names, addresses and organisations of many: nobody's guess at one of them is better for it.
_ANYBODYS = """
admin agent company contact corp corporation example gmbh group holding hello info invalid limited
live local localhost mail office organisation organization sales service services support team test
user
"""
ANYBODYS = frozenset(_ANYBODYS.split())
AT_ONCE = 2
COST_KNOWN_SECONDS = 60
LONGEST_QUEUE = 32


class PasswordsBusy(Exception):  # noqa: N818 - a state, answered with 503 and Retry-After
    """More logins wait for the hash function than this process will finish in good time."""


class Passwords:
    """Makes and verifies digests in threads, at most `at_once` at a time."""

    def __init__(self, at_once: int = AT_ONCE, longest_queue: int = LONGEST_QUEUE) -> None:
        self._argon2 = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._bcrypt = BcryptHasher()
        self._turns = asyncio.Semaphore(at_once)
        self._longest_queue = longest_queue
        self._waiting = 0
        self._dummy: str | None = None
        self._bcrypt_cost: int | None = None
        self._ask_cost_at = 0

    @property
    def waiting(self) -> int:
        """How many are being hashed or wait for their turn."""
        return self._waiting

    async def digest(self, password: str) -> str:
        """An argon2id digest in PHC format."""
        return await self._run(lambda: self._argon2.hash(password))

    async def matches(self, password: str, digest: str | None) -> bool:
        """Is it the password? Without a digest a dummy is verified, so that both take as long."""
        known = digest is not None and bool(digest)
        if not known and self._dummy is None:
            self._dummy = await self.digest("nobody's password")
        compared = digest if known and digest is not None else self._dummy
        assert compared is not None
        return await self._run(lambda: self._verify(password, compared)) and known

    async def bcrypt_cost(self, ask: "Callable[[], Awaitable[int | None]]", now: int) -> int | None:
        """What the dearest bcrypt digest of the installation costs; asked for once a minute."""
        if now >= self._ask_cost_at:
            self._bcrypt_cost, self._ask_cost_at = await ask(), now + COST_KNOWN_SECONDS
        return self._bcrypt_cost

    async def even_out(
        self, password: str, verified: "Sequence[str]", bcrypt_cost: int | None
    ) -> None:
        """Before a refusal: the kinds of work that the digests that were verified did not cost.

        So every refusal costs an argon2id and, while there are bcrypt digests, a bcrypt.
        """
        if not any(Argon2Hasher.identify(digest) for digest in verified):
            await self.matches(password, None)
        if bcrypt_cost is not None and all(Argon2Hasher.identify(digest) for digest in verified):
            await self.matches(password, _bcrypt_dummy(bcrypt_cost))

    def is_outdated(self, digest: str) -> bool:
        """True for a digest that should be made anew at the next successful login."""
        return not Argon2Hasher.identify(digest) or self._argon2.check_needs_rehash(digest)

    def _verify(self, password: str, digest: str) -> bool:
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            if Argon2Hasher.identify(digest):
                return self._argon2.verify(password, digest)
            # The old product compared the first 72 bytes only; longer passwords go on working.
            return self._bcrypt.verify(password.encode()[:BCRYPT_BYTES], digest)
        except (ValueError, HasherNotAvailable):
            return False

    async def _run(self, work: "Callable[[], T]") -> "T":
        if self._waiting >= self._longest_queue:
            raise PasswordsBusy
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def is_digest(text: str) -> bool:
    """Bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14) or argon2id (PHC) that a login can be made with."""
    if _BCRYPT.fullmatch(text):
        return True
    found = _ARGON2ID.fullmatch(text)
    if found is None:
        return False
    memory, passes, lanes = map(int, found.groups())
    bounds = zip((memory, passes, lanes), MOST_ARGON2, strict=True)
    return all(0 < number <= most for number, most in bounds) and memory >= 8 * lanes


def _bcrypt_dummy(cost: int) -> str:
    """A digest that no password is known for: salt and hash are all zeros."""
    return f"$2b${cost:02}$" + "." * 53


def weakness(password: str, about: tuple[str, ...], shortest: int = 12) -> str | None:
    """Why a new password is refused (ASVS 6.2), as a code, or None.

    `about` are the name, e-mail, organisation and product whose words it must not contain.
    Codes: `too_short`, `too_long`, `too_common`, `about_you`.
    """
    if len(password) < shortest:
        return "too_short"
    if len(password) > LONGEST_PASSWORD:
        return "too_long"
    if _contains_a_word(password, about):
        return "about_you"
    from zxcvbn import zxcvbn  # noqa: PLC0415 - 20 MB of word lists, only when a password is set

    # Its time explodes with the length: 100 characters such as `4@8({[<` hold the event loop for 16
    # seconds, 32 for a tenth of one. A beginning that is good enough stays so, whatever follows.
    judged = password[:LONGEST_JUDGED]
    if zxcvbn(judged, user_inputs=list(about), max_length=LONGEST_JUDGED)["score"] < 2:  # noqa: PLR2004
        return "too_common"
    return None


def _contains_a_word(password: str, about: tuple[str, ...]) -> bool:
    plain = unicodedata.normalize("NFKC", password).casefold()
    unbroken = "".join(c for c in plain if c.isalnum())
    words = {word for text in about for word in _words(text)}
    return any(w in plain or (len(w) >= SEEN_THROUGH_SIGNS and w in unbroken) for w in words)


def _words(text: str) -> list[str]:
    """What of it counts: of an address neither the top-level domain nor what everybody has."""
    known = unicodedata.normalize("NFKC", text)
    bare = " ".join(map(_without_top_level, known.split()))
    cut = "".join(c if c.isalnum() else " " for c in bare)
    words = (word.casefold() for word in cut.split())
    return [w for w in words if len(w) >= SHORTEST_WORD and not w.isdecimal() and w not in ANYBODYS]


def _without_top_level(word: str) -> str:
    local, at, domain = word.rpartition("@")
    return f"{local} {domain.rpartition('.')[0] or domain}" if at else word
