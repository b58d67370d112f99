"""Is a new password good enough? Every page, command and API that sets one asks here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cognigy_ai import letters
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.users import locks
from cognigy_ai.users import policy as rules
from cognigy_ai.users.policy import PasswordPolicy
from cognigy_ai.users.rules import User
from kernel.db import Tx
from kernel.languages import n_
from kernel.outbox import Outbox
from kernel.passwords import PRODUCTS, weakness
from kernel.problems import ProblemError

TEXTS = {
    "min_length": n_("Use at least {number} characters."),
    "max_length": n_("Use at most {number} characters."),
    "min_amount_lower_case": n_("Lower-case letters needed: {number}."),
    "min_amount_upper_case": n_("Upper-case letters needed: {number}."),
    "min_amount_special_characters": n_(
        "Characters other than letters and digits needed: {number}."
    ),
    "min_amount_numbers": n_("Digits needed: {number}."),
    "max_amount_identical_characters": n_(
        "Use the same character at most {number} times in a row."
    ),
    "too_common": n_("This password is easy to guess. Several words in a row are harder."),
    "about_you": n_(
        "A password must not contain your name, your e-mail address, your organisation or the name "
        "of the product: no word of four or more letters of them. Choose other words."
    ),
}

HINT = n_("At least {number} characters. Several words in a row are good.")
HINTED = (
    "min_amount_lower_case",
    "min_amount_upper_case",
    "min_amount_special_characters",
    "min_amount_numbers",
    "max_amount_identical_characters",
)


class Whose(Protocol):
    """What a password must not contain: a User has it, and whoever is about to be one."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str: ...

    @property
    def organisation_name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is about to be a user."""

    name: str
    email: str
    organisation_name: str


def in_english(text: str) -> str:
    """For whoever has no translations at hand, such as the command line."""
    return text


async def policy_of(db: Tx, organisation_id: str) -> PasswordPolicy:
    """What the organisation asks; raises ORGANISATION_UNKNOWN."""
    return rules.parse((await organisations.get(db, organisation_id)).policy_json)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that was judged, and by which policy."""

    text: str = field(repr=False)
    policy: PasswordPolicy


async def check_policy(tx: Tx, organisation_id: str, judged_by: PasswordPolicy) -> None:
    """First in the transaction that stores the password; raises POLICY_CHANGED.

    Nobody changes the policy before its commit.
    """
    await locks.lock_organisation(tx, organisation_id)
    if await policy_of(tx, organisation_id) != judged_by:
        raise ProblemError(Problem.POLICY_CHANGED, organisation_id=organisation_id)


def faults(user: Whose, policy: PasswordPolicy, password: str) -> list[str]:
    """Why the password is refused, as names of rules and `too_common` or `about_you`.

    OWASP ASVS 6.2: the policy, and always how easily it is guessed and what it contains.
    """
    broken = rules.faults(password, policy)
    if "max_length" in broken or "min_length" in broken:
        return broken
    about = (user.name, user.email, user.organisation_name, *PRODUCTS)
    weak = weakness(password, about, policy.min_length)
    return [*broken, weak] if weak in TEXTS else broken


def judge(
    user: Whose,
    policy: PasswordPolicy,
    password: str,
    say: Callable[[str], str] = in_english,
) -> str:
    """Everything that is wrong with a new password, in finished words; empty for a good one.

    `say` translates, as in `judge(user, policy, new, say=lambda text: pages.text(language, text))`.
    """
    return " ".join(fault_text(code, policy, say) for code in faults(user, policy, password))


def fault_text(code: str, policy: PasswordPolicy, say: Callable[[str], str] = in_english) -> str:
    """One of them in words."""
    return say(TEXTS[code]).replace("{number}", str(getattr(policy, code, "")))


def hint(policy: PasswordPolicy, say: Callable[[str], str] = in_english) -> str:
    """What the organisation asks, for the line below a field."""
    rules_on = [name for name in HINTED if getattr(policy, name)]
    parts = [HINT, *(TEXTS[name] for name in rules_on)]
    numbers = (policy.min_length, *(getattr(policy, name) for name in rules_on))
    pairs = zip(parts, numbers, strict=True)
    return " ".join(say(text).replace("{number}", str(number)) for text, number in pairs)


async def tell_of_change(tx: Tx, outbox: Outbox, user: User, now: int) -> None:
    """The mail that follows each change of a password, in the transaction of the change."""
    letter = letters.mail(user.email, user.name, user.locale, organisation=user.organisation_name)
    await outbox.add(tx, letters.PASSWORD_CHANGED, letter, now)
