"""What values.schema.json says of one setting: its own type, as far as JSON Schema can say it.

A refusal of Helm repeats a value that does not match a pattern, so secrets are judged by `not`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from kernel.setting_types import DATABASE_SCHEMES, PUBLISHED

Schema = dict[str, Any]

HOST = r"https://[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?"
REST = r"[^\s<>{}\\#@]*"
PLACEHOLDER = (
    r"(?i)(<[^<>]*>|\{\{|\$\{\w+\}|\$\(\w+\)|change[-_ ]?me|^(\*+|x{3,}|\.\.\.|todo|tbd)$)"
)
WHOLE_PLACEHOLDER = f"(?i)^{PLACEHOLDER.removeprefix('(?i)')}$"
SAMPLE = r"(?i)^(your|insert|replace)[-_ ]"
PUBLISHED_WORD = "(?i)^(" + "|".join(sorted(PUBLISHED)) + ")$"
NUMBER = r"^[0-9]*$"
SWITCH = r"^(|[Tt]rue|[Ff]alse)$"
SENDER = r"^(|[^<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$"
EXAMPLE_SENDER = r"@domain\.com>?$"
VALKEY = r"^(|rediss?://[^\s<>?#]+)$"
POSTGRES = "^(|postgres(ql)?://[^<>]+)$"


def setting_schema(field: FieldInfo) -> Schema:
    checks = dict(validators(field.annotation, field.metadata))
    if is_secret(field):
        return secret_schema(checks)
    found = next((name for name in KINDS if name in checks), "")
    if found:
        return KINDS[found](checks[found])
    if "bool" in str(field.annotation):
        return switch_schema()
    is_number = field.annotation is int
    return number_schema(0, 2_147_483_647) if is_number else text_schema()


def validators(annotation: object, metadata: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of the judgements that `kernel.setting_types` makes, with what they were given."""
    for one in metadata if isinstance(metadata, list | tuple) else ():
        check: Callable[..., object] | None = getattr(one, "func", None)
        if check is not None:
            name = check.__qualname__.partition(".")[0]
            yield name, dict(inspect.getclosurevars(check).nonlocals)
    for inner in get_args(annotation):
        yield from validators(inner, getattr(inner, "__metadata__", ()))


def secret_schema(checks: Mapping[str, dict[str, Any]]) -> Schema:
    if "_database" in checks:
        return {"type": "string", "not": {"not": {"pattern": POSTGRES}}}
    if "_redis" in checks:
        return {"type": "string", "not": {"not": {"pattern": VALKEY}}}
    least = checks["_long"]["length"] if "_long" in checks else 0
    if "_words" in checks:
        least = 64
    if not least:
        return password_schema()
    bad = {"anyOf": [{"pattern": one} for one in (PLACEHOLDER, SAMPLE, PUBLISHED_WORD)]}
    return {
        "type": ["string", "null"],
        "if": {"minLength": 1},
        "then": {"minLength": least, "not": bad},
    }


def password_schema() -> Schema:
    bad = {"anyOf": [{"pattern": one} for one in (WHOLE_PLACEHOLDER, PUBLISHED_WORD)]}
    return {"type": ["string", "number", "null"], "not": {"type": "string", **bad}}


def address_schema(pattern: str) -> Schema:
    return {"type": ["string", "null"], "pattern": f"^(|{pattern})$"}


def text_schema() -> Schema:
    return {"type": ["string", "number", "boolean", "null"], "not": placeholder()}


def placeholder() -> Schema:
    return {"type": "string", "pattern": PLACEHOLDER}


def number_schema(least: int, most: int) -> Schema:
    return {
        "type": ["integer", "string", "null"],
        "minimum": least,
        "maximum": most,
        "pattern": NUMBER,
    }


def switch_schema() -> Schema:
    return {"type": ["boolean", "string", "null"], "pattern": SWITCH}


def is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation) or isinstance(field.default, SecretStr)


# Judgements of `kernel.setting_types`, the strictest first, and what the schema says of them.
KINDS: dict[str, Callable[[dict[str, Any]], Schema]] = {
    "_root": lambda _: address_schema(f"{HOST}/?"),
    "_base": lambda _: address_schema(f"{HOST}(/[^\\s<>{{}}\\\\#@?]*)?"),
    "_address": lambda _: address_schema(f"{HOST}([/?]{REST})?"),
    "one_of": lambda found: {"pattern": "^(|(?i:" + "|".join(found["words"]) + "))$"},
    "between": lambda found: number_schema(found["least"], found["most"]),
    "_unsupported": lambda _: {"enum": ["", None]},
    "_sender": lambda _: {
        "type": ["string", "null"],
        "pattern": SENDER,
        "not": {"pattern": EXAMPLE_SENDER},
    },
}
assert DATABASE_SCHEMES[0].startswith("postgres")  # POSTGRES above knows those of the network
