"""One setting, and the values that it may have: each type says what is wrong in one clause.

No fault repeats the value of a secret.
"""

import ipaddress
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

REQUIRED: Any = ...
PLACEHOLDER = re.compile(
    r"<[^<>]*>"  # <installation.domain.com>
    r"|\{\{[^{}]*\}\}|\$\{\w+\}|\$\(\w+\)"  # what a template or a manifest left as it was
    r"|(?<![a-z])change[-_ ]?me(?![a-z])"
    r"|^(\*+|xxx+|\.\.\.|todo|tbd)$",
    re.IGNORECASE,
)
SAMPLE = re.compile(r"(your|insert|replace)[-_ ]", re.IGNORECASE)
# Published in manuals and sample files: as good as no secret.
PUBLISHED = frozenset(
    [
        "replace_with_lengthy_secure_hex",
        "secret",
        "password",
        "postgres",
        "cognigy",
        "cognigy-live-agent",
        "live-agent",
        "changeit",
        "supersecret",
        "mysecret",
        "default",
    ]
)
LEAST_DISTINCT_CHARACTERS = 8
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
SENDER_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
MOST_SECONDS = 315_360_000  # ten years
DATABASE_SCHEMES = ("postgresql://", "postgres://", "sqlite:///")


def setting(key: str, default: Any, meaning: str, *, fix: str = "", group: str = "General") -> Any:
    """One environment key. `fix` says what to write when the value is missing or wrong."""
    return Field(
        default=default,
        validation_alias=key,
        description=meaning,
        json_schema_extra={"fix": fix, "group": group},
    )


def is_loopback(host: str) -> bool:
    """`localhost` and the loopback addresses (RFC 8252 section 7.3 counts the same ones)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_published(secret: SecretStr) -> bool:
    """A default that anybody can look up."""
    return secret.get_secret_value().strip().lower() in PUBLISHED


def one_of(*words: str) -> AfterValidator:
    """One of the words, however capitals are written."""

    def check(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return value.lower()

    return AfterValidator(check)


def between(least: int, most: int) -> AfterValidator:
    """A whole number with sensible bounds."""

    def check(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"is not between {least} and {most}")
        return value

    return AfterValidator(check)


def _not_a_placeholder(value: object) -> object:
    if isinstance(value, str) and PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    return value


def _not_only_a_placeholder(value: object) -> object:
    """For passwords, in which any character may stand."""
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
        raise ValueError("is still a placeholder")
    return value


def _address(value: str) -> str:
    """An absolute http(s) URL without credentials or fragment (RFC 3986, so ASCII)."""
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        raise ValueError("holds a space or a character that has to be written %XX or xn--")
    parts = _split(value)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("is not an address that begins with https://")
    if "@" in parts.netloc or "#" in value:
        raise ValueError("holds credentials or a fragment")
    if ":" not in host and not HOST.fullmatch(host):
        raise ValueError("does not name a host")
    return value


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("has a host or a port that is none") from None
    if port == 0:
        raise ValueError("has a host or a port that is none")
    return parts


def _base(value: str) -> str:
    """An address to which paths are appended: no query, and the trailing slash is dropped."""
    if "?" in _address(value):
        raise ValueError("has a query, but paths are appended to it")
    return value.rstrip("/")


def _root(value: str) -> str:
    """A base address of pages or of the issuer: its routes stand at the root of the host."""
    if urlsplit(value).path:
        raise ValueError("has a path, but everything stands at the root of the host")
    return value


def _strong(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value()
    if is_published(value) or SAMPLE.match(plain):
        raise ValueError("is a published default that anybody can look up")
    if len(set(plain)) < LEAST_DISTINCT_CHARACTERS:
        raise ValueError("is made of too few different characters")
    return value


def _long(length: int) -> Callable[[SecretStr], SecretStr]:
    def check(value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < length:
            raise ValueError(f"is shorter than {length} characters")
        return value

    return check


def _words(value: str) -> tuple[str, ...]:
    """A list as people write it: separated by commas or spaces."""
    return tuple(word for word in re.split(r"[\s,]+", value) if word)


def _networks(value: str) -> tuple[str, ...]:
    """Networks or single addresses; a typing mistake is told with the word that has it."""
    words = _words(value)
    for word in words:
        try:
            ipaddress.ip_network(word)
        except ValueError as error:
            raise ValueError(f"has a word that is no network: {error}") from None
    return words


def _not_everybody(value: Any) -> Any:
    if any(network.prefixlen == 0 for network in value):
        raise ValueError("names the whole Internet, so that anybody could claim any address")
    return value


def _database(value: SecretStr) -> SecretStr:
    """The scheme, and something behind it; the driver judges the rest."""
    plain = value.get_secret_value()
    if not any(plain.startswith(s) and len(plain) > len(s) for s in DATABASE_SCHEMES):
        raise ValueError("begins neither with postgresql:// nor with sqlite:///")
    return value


def _redis(value: SecretStr) -> SecretStr:
    """`redis://` or `rediss://` with a host; options could switch the check of TLS off."""
    try:
        parts = _split(value.get_secret_value())
    except ValueError as error:
        raise ValueError(str(error)) from None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("begins neither with redis:// nor with rediss://, or names no host")
    if parts.query or parts.fragment:
        raise ValueError("has options behind the address")
    if not re.fullmatch(r"/?|/\d{1,5}", parts.path):
        raise ValueError("has a path that is no number of a database")
    return value


def _unsupported(what: str) -> AfterValidator:
    def check(value: str) -> str:
        if value:
            raise ValueError(f"is set, but {what}")
        return value

    return AfterValidator(check)


def _readable(value: Path) -> Path:
    try:
        with value.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ValueError(f"names {value}, which cannot be read ({error.strerror})") from None
    return value


def _sender(value: str) -> str:
    """`Name <user@host>` or `user@host` (RFC 5322 section 3.4)."""
    name, address = parseaddr(value)
    if not value.isprintable() or not SENDER_ADDRESS.fullmatch(address):
        raise ValueError("is not a sender such as Live Agent <no-reply@example.com>")
    _not_a_placeholder(name)
    if address.endswith("@domain.com"):
        raise ValueError("is still the chart's example")
    return value


NotAPlaceholder = BeforeValidator(_not_a_placeholder)
Text = Annotated[str, NotAPlaceholder]
Address = Annotated[str, NotAPlaceholder, AfterValidator(_address)]
BaseAddress = Annotated[str, NotAPlaceholder, AfterValidator(_base)]
RootAddress = Annotated[BaseAddress, AfterValidator(_root)]
Password = Annotated[SecretStr, BeforeValidator(_not_only_a_placeholder)]
Secret = Annotated[SecretStr, NotAPlaceholder, AfterValidator(_long(24)), AfterValidator(_strong)]
LongSecret = Annotated[
    SecretStr, NotAPlaceholder, AfterValidator(_long(64)), AfterValidator(_strong)
]
DatabaseAddress = Annotated[SecretStr, NotAPlaceholder, AfterValidator(_database)]
RedisAddress = Annotated[SecretStr, NotAPlaceholder, AfterValidator(_redis)]
NoSentinels = Annotated[str, _unsupported("sentinels are not asked")]
Networks = Annotated[
    tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], BeforeValidator(_networks)
]
Proxies = Annotated[Networks, AfterValidator(_not_everybody)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
SecretWords = Annotated[tuple[LongSecret, ...], BeforeValidator(_words)]
ReadableFile = Annotated[Path, AfterValidator(_readable)]
Sender = Annotated[str, AfterValidator(_sender)]
Port = Annotated[int, between(1, 65_535)]
Seconds = Annotated[int, between(1, MOST_SECONDS)]
