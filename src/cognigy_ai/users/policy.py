"""What an organisation asks of the passwords of its people. Pure.

The default asks for length alone: rules of composition make passwords worse, and are there for
organisations that have to have them (OWASP ASVS 6.2.5). Strength is judged beside, always.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from itertools import groupby

SHORTEST_ALLOWED = 8  # ASVS 6.2.1
LONGEST_ALLOWED = 1024
LEAST_MAXIMUM = 64  # ASVS 6.2.9
MOST_OF_A_KIND = 10
FEWEST_IDENTICAL = 2
MOST_IDENTICAL = 20
FEWEST_FAILURES = 3
MOST_FAILURES = 1000


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The keys that existing installations have; 0 switches a rule off."""

    min_length: int = 12
    max_length: int = LONGEST_ALLOWED
    min_amount_lower_case: int = 0
    min_amount_upper_case: int = 0
    min_amount_special_characters: int = 0
    min_amount_numbers: int = 0
    max_amount_identical_characters: int = 0  # in a row
    min_amount_failed_attempts_auto_disable: int = 0


DEFAULT = PasswordPolicy()


def key_of(name: str) -> str:
    """`min_length` is `minLength` in JSON and in forms."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


KEYS = {field.name: key_of(field.name) for field in fields(PasswordPolicy)}
BOUNDS: Mapping[str, tuple[int, int]] = {
    "min_length": (SHORTEST_ALLOWED, 128),
    "max_length": (LEAST_MAXIMUM, LONGEST_ALLOWED),
    "min_amount_lower_case": (0, MOST_OF_A_KIND),
    "min_amount_upper_case": (0, MOST_OF_A_KIND),
    "min_amount_special_characters": (0, MOST_OF_A_KIND),
    "min_amount_numbers": (0, MOST_OF_A_KIND),
    "max_amount_identical_characters": (FEWEST_IDENTICAL, MOST_IDENTICAL),
    "min_amount_failed_attempts_auto_disable": (FEWEST_FAILURES, MOST_FAILURES),
}
# Besides their bounds these may be 0, which is off.
MAY_BE_OFF = frozenset(name for name in BOUNDS if name not in ("min_length", "max_length"))


def parse(text: str | None) -> PasswordPolicy:
    """From what is stored. What is missing or unfit has its default, never less than is safe."""
    try:
        stored = json.loads(text) if text else {}
    except ValueError:
        stored = {}
    if not isinstance(stored, dict):
        return DEFAULT
    given = {name: stored[key] for name, key in KEYS.items() if key in stored}
    numbers = {name: value for name, value in given.items() if type(value) is int and value >= 0}
    policy = replace(DEFAULT, **numbers)
    return replace(
        policy,
        min_length=min(max(policy.min_length, SHORTEST_ALLOWED), 128),
        max_length=min(max(policy.max_length, LEAST_MAXIMUM, policy.min_length), LONGEST_ALLOWED),
    )


def as_json(policy: PasswordPolicy) -> str:
    """What is stored."""
    return json.dumps(as_keys(policy))


def as_keys(policy: PasswordPolicy) -> dict[str, int]:
    """Under the names of forms and of JSON."""
    return {KEYS[name]: value for name, value in asdict(policy).items()}


def parse_form(form: Mapping[str, str]) -> tuple[PasswordPolicy, frozenset[str]]:
    """From what somebody typed, and the names of the fields that are not fit to be saved.

    An empty field of a rule that may be off is 0.
    """
    typed: dict[str, int] = {}
    faulty: set[str] = set()
    for name, key in KEYS.items():
        value = _number(form.get(key, "0" if name in MAY_BE_OFF else ""))
        if value is None:
            faulty.add(name)
        else:
            typed[name] = value
            faulty |= set() if _is_within(name, value) else {name}
    policy = replace(DEFAULT, **typed)
    if policy.min_length > policy.max_length:
        faulty.add("max_length")
    return policy, frozenset(faulty)


def _number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else None  # noqa: PLR2004


def _is_within(name: str, value: int) -> bool:
    least, most = BOUNDS[name]
    return least <= value <= most or (value == 0 and name in MAY_BE_OFF)


def faults(password: str, policy: PasswordPolicy) -> list[str]:
    """The names of the rules that the password breaks, in their order."""
    needed: list[tuple[str, Callable[[str], bool]]] = [
        ("min_amount_lower_case", str.islower),
        ("min_amount_upper_case", str.isupper),
        ("min_amount_special_characters", lambda c: not c.isalnum()),
        ("min_amount_numbers", str.isdecimal),
    ]
    broken = []
    if len(password) < policy.min_length:
        broken.append("min_length")
    if len(password) > policy.max_length:
        return [*broken, "max_length"]
    for name, is_of_kind in needed:
        if sum(map(is_of_kind, password)) < getattr(policy, name):
            broken.append(name)
    if 0 < policy.max_amount_identical_characters < _longest_run(password):
        broken.append("max_amount_identical_characters")
    return broken


def _longest_run(password: str) -> int:
    return max((len(list(run)) for _, run in groupby(password)), default=0)
