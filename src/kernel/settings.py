"""Settings: declared once with their meaning, read from the environment here and nowhere else.

A wrong, missing or placeholder value stops the start with the key, its fault and the fix, all
faults at once. What both systems have: `kernel.common_settings`. What a value may be:
`kernel.setting_types`. What goes together: `kernel.setting_checks`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from kernel.common_settings import CommonSettings
from kernel.setting_checks import (
    COMMON_CHECKS,
    Check,
    Fault,
    SettingsError,
    http_only_on_loopback,
)
from kernel.setting_types import (
    REQUIRED,
    Address,
    BaseAddress,
    LongSecret,
    Networks,
    Password,
    Port,
    ReadableFile,
    Seconds,
    Secret,
    SecretWords,
    Text,
    Words,
    between,
    is_loopback,
    one_of,
    setting,
)

__all__ = [
    "REQUIRED",
    "Address",
    "BaseAddress",
    "Check",
    "CommonSettings",
    "Fault",
    "LongSecret",
    "Networks",
    "Password",
    "Port",
    "ReadableFile",
    "Seconds",
    "Secret",
    "SecretWords",
    "SettingsError",
    "Text",
    "Words",
    "between",
    "fix_of",
    "http_only_on_loopback",
    "is_loopback",
    "load",
    "naming_sides",
    "one_of",
    "setting",
]

FIXES = {"bool": "Write `true` or `false`", "int": "Write a whole number"}
MOST_OF_A_NUMBER = 2_147_483_647
KINDS = {"bool": "is neither true nor false", "int": "is not a whole number"}

S = TypeVar("S", bound="CommonSettings")


def load(kind: type[S], environment: Mapping[str, str] | None = None) -> S:
    """Read and judge the environment; raises SettingsError with all faults at once."""
    values = os.environ if environment is None else environment
    keys_of = [str(field.validation_alias) for field in kind.model_fields.values()]
    # Values that are mounted as files often end in a line feed; blank counts as absent.
    given = {key: values[key].strip("\r\n") for key in keys_of if values.get(key, "").strip()}
    faults: list[Fault] = []
    try:
        settings = kind.model_validate(given)
    except ValidationError as error:
        faults = list(_faults(kind, error))
        settings = _with_stand_ins(kind, given, {fault.key for fault in faults})
    faults += _absurd_numbers(kind, settings, {fault.key for fault in faults})
    wrong = {fault.key for fault in faults}
    for keys, check in (*COMMON_CHECKS, *kind.CHECKS):
        found = None if wrong.intersection(keys) else check(settings)
        if found is not None:
            faults.append(found)
    if faults:
        raise SettingsError(faults)
    return settings


def _with_stand_ins(kind: type[S], given: Mapping[str, str], wrong: set[str]) -> S:
    """An instance for the checks over several keys that are right themselves."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        key = str(field.validation_alias)
        if key in wrong:
            values[name] = None
        elif key in given:
            of: Any = Annotated[field.annotation, "", *field.metadata]
            adapter: Any = TypeAdapter(of)
            values[name] = adapter.validate_python(given[key])
        else:
            values[name] = field.get_default()
    return kind.model_construct(**values)


def _faults(kind: type[CommonSettings], error: ValidationError) -> Iterator[Fault]:
    fields = {f.validation_alias: f for f in kind.model_fields.values()}
    seen = set()
    for item in error.errors(include_url=False, include_input=False):
        key = str(item["loc"][0])
        if key in seen:
            continue
        seen.add(key)
        kind_of, _, _ = item["type"].partition("_")
        message = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
        fault = KINDS.get(kind_of) or message[0].lower() + message[1:]
        if kind_of == "missing":
            fault = "is missing"
        yield Fault(key, fault, FIXES.get(kind_of) or fix_of(fields[key]))


def _absurd_numbers(kind: type[S], settings: S, wrong: set[str]) -> list[Fault]:
    """Numbers that were declared without bounds still fit a column and a clock."""
    return [
        Fault(key, f"is not between 0 and {MOST_OF_A_NUMBER}", fix_of(field))
        for name, field in kind.model_fields.items()
        if field.annotation is int
        and (key := str(field.validation_alias)) not in wrong
        and not 0 <= getattr(settings, name) <= MOST_OF_A_NUMBER
    ]


def naming_sides(known: type[CommonSettings], here: str, there: str) -> Callable[[str], str]:
    """Writes a key with the system whose environment has it: "SMTP_PORT (Cognigy.AI)".

    `here` has the keys that are `known`, the system `there` all others.
    """
    keys = frozenset(str(field.validation_alias) for field in known.model_fields.values())
    return lambda key: f"{key} ({here if key in keys else there})"


def fix_of(field: FieldInfo) -> str:
    """What to write, from the setting's own words."""
    extra = field.json_schema_extra
    fix = str(extra.get("fix", "")) if isinstance(extra, dict) else ""
    return fix or str(field.description)
