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

NAME_OF_HOST = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
ADDRESS_OF_HOST = r"[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"  # IPv6: at least two colons
AUTHORITY = rf"({NAME_OF_HOST}|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?"
HOST = f"https://{AUTHORITY}"
REST = r"[^\s<>{}\\#@]*"
CHANGE_ME = "change[-_ ]?me"
LEFT = (
    r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{\w+\}|\$\(\w+\)"  # what a template or a manifest left as it was
)
NOTHING = r"\*+|x{3,}|\.\.\.|todo|tbd"
# `change-me` not within a word: exchange-mel01.example.com is a host.
PLACEHOLDER = f"(?i)({LEFT}|^({NOTHING})$|(^|[^A-Za-z]){CHANGE_ME}([^A-Za-z]|$))"
WHOLE_PLACEHOLDER = f"(?i)^({LEFT}|{NOTHING}|{CHANGE_ME})$"
SAMPLE = r"(?i)^(your|insert|replace)[-_ ]"
PUBLISHED_WORD = "(?i)^(" + "|".join(sorted(PUBLISHED)) + ")$"
NUMBER = r"^[0-9]*$"
SWITCH = r"^(|[Tt]rue|[Ff]alse)$"
SENDER = r"^(|[^<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$"
EXAMPLE_SENDER = r"@domain\.com>?$"
VALKEY = r"^(|rediss?://[^\s<>?#]+)$"
POSTGRES = "^(|postgres(ql)?://[^<>]+)$"
# Names as Kubernetes (RFC 1123), registries and PostgreSQL spell them.
OBJECT = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
SECRET_KEY = r"^[A-Za-z0-9._-]*$"
REPOSITORY = r"^(|([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/)?[a-z0-9]([a-z0-9._/-]*[a-z0-9])?)$"
TAG = r"^(|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$"
DIGEST = r"^(|sha256:[0-9a-f]{64})$"


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


def plain_address_schema() -> Schema:
    """An address within the cluster, where http is usual."""
    return address_schema(f"https?://{AUTHORITY}([/?]{REST})?")


def pattern_schema(pattern: str) -> Schema:
    return {"type": ["string", "number", "null"], "pattern": pattern, "not": placeholder()}


def object_name_schema() -> Schema:
    """The name of a secret or of another object of Kubernetes; may be empty."""
    return pattern_schema(f"^(|{OBJECT})$")


def host_schema(*, brackets: bool) -> Schema:
    """A host by itself: no scheme, no port."""
    address = rf"{ADDRESS_OF_HOST}|\[{ADDRESS_OF_HOST}\]" if brackets else ADDRESS_OF_HOST
    return pattern_schema(f"^(|{NAME_OF_HOST}[.]?|{address})$")


def quantities_schema() -> Schema:
    """`resources` of a container."""
    amount = {"type": ["string", "number", "null"], "pattern": r"^[0-9.]+([eE]?[0-9]+|[A-Za-z]+)?$"}
    amounts = {"type": ["object", "null"], "additionalProperties": amount}
    properties = {"requests": amounts, "limits": amounts, "claims": {"type": "array"}}
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": properties,
    }


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
