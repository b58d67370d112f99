"""Which certificate of a chain is the bad one, and what an operator is told of it (lesson: TLS)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel.certificates import Certificate, presented, what_is_wrong

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, 12, 30, tzinfo=UTC)
WITHIN, AFTER = int(BEGIN.timestamp()) + 86_400, int(END.timestamp()) + 1


def certificate(
    subject: str = "api.example.com",
    issuer: str = "Example CA",
    names: tuple[str, ...] = ("api.example.com", "10.0.0.7"),
    until: datetime = END,
) -> Certificate:
    return Certificate(subject, issuer, names, BEGIN, until)


OWN = certificate()
BETWEEN = certificate("Example CA", "Example Root", ())
ROOT = certificate("Example Root", "Example Root", ())


# --- what is told --------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["tls_hostname", "tls_expired", "tls_untrusted"])
def test_of_a_chain_that_was_not_seen_nothing_is_told(failure: str) -> None:
    assert what_is_wrong((), failure, WITHIN) == ""


def test_a_certificate_of_another_host_is_told_with_the_names_that_it_has() -> None:
    told = what_is_wrong((OWN, BETWEEN), "tls_hostname", WITHIN)
    assert told == "It is for api.example.com, 10.0.0.7."
    assert what_is_wrong((certificate(names=()),), "tls_hostname", WITHIN) == (
        "It is for api.example.com."
    )


def test_of_a_chain_the_one_that_expired_is_named_with_its_dates() -> None:
    later = END + timedelta(days=900)
    fresh = certificate(until=later)
    told = "is valid from 2026-01-01 00:00 to 2026-04-01 12:30 UTC."
    assert what_is_wrong((OWN, ROOT), "tls_expired", AFTER) == f"api.example.com {told}"
    assert what_is_wrong((fresh, BETWEEN), "tls_expired", AFTER) == f"Example CA {told}"


def test_if_no_clock_here_explains_it_the_server_s_own_is_told() -> None:
    """The clock that the handshake went by is another than the one that is given."""
    told = what_is_wrong((OWN, ROOT), "tls_expired", WITHIN)
    assert told.startswith("api.example.com is valid from")


@pytest.mark.parametrize(
    ("moment", "valid"),
    [(BEGIN, True), (END, True), (BEGIN - timedelta(seconds=1), False), (AFTER, False)],
    ids=["first second", "last second", "too early", "too late"],
)
def test_a_certificate_is_valid_from_its_first_to_its_last_second(
    moment: datetime | int, valid: object
) -> None:
    now = int(moment.timestamp()) if isinstance(moment, datetime) else moment
    assert OWN.is_valid_at(now) is valid


def test_an_authority_that_nobody_here_knows_is_named() -> None:
    assert what_is_wrong((OWN,), "tls_untrusted", WITHIN) == (
        "api.example.com was signed by Example CA."
    )
    assert what_is_wrong((OWN, BETWEEN), "tls_untrusted", WITHIN) == (
        "Example CA was signed by Example Root."
    )
    assert what_is_wrong((OWN, BETWEEN, ROOT), "tls_untrusted", WITHIN) == (
        "Example Root signed itself."
    )


# --- what is seen --------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def serving(context: ssl.SSLContext | None, greeting: bytes = b"") -> AsyncIterator[int]:
    """A server that says its greeting and hangs up; its port."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(greeting)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def by_hand(folder: Path, subject: x509.Name, *, names: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A certificate that signed itself, as appliances have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    if names:
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
            critical=not list(subject),
        )
    path = folder / "own.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def named(**parts: str) -> x509.Name:
    kinds = {"common": NameOID.COMMON_NAME, "organisation": NameOID.ORGANIZATION_NAME}
    return x509.Name([x509.NameAttribute(kinds[kind], text) for kind, text in parts.items()])


async def test_the_whole_chain_is_seen_although_nobody_trusts_it() -> None:
    authority = trustme.CA(organization_name="Example Authority")
    below = authority.create_child_ca()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    below.issue_cert("127.0.0.1", common_name="api.example.com").configure_cert(context)
    async with serving(context) as port:
        chain = await presented("127.0.0.1", port)
    assert chain[0].subject == "api.example.com"
    assert chain[0].names == ("127.0.0.1",)
    assert len(chain) == 2
    assert chain[0].issuer == chain[1].subject
    assert not chain[1].is_self_signed  # the root is not sent along
    assert "Example Authority" in chain[1].issuer


@pytest.mark.parametrize(
    ("subject", "names", "told"),
    [
        (named(common="box.local"), (), "box.local"),
        (named(organisation="Box Makers"), (), "O=Box Makers"),
        (named(), ("box.local", "box"), "box.local, box"),
    ],
    ids=["without other names", "without a common name", "without any subject"],
)
async def test_a_certificate_made_by_hand_is_told_by_what_it_has(
    tmp_path: Path, subject: x509.Name, names: tuple[str, ...], told: str
) -> None:
    async with serving(by_hand(tmp_path, subject, names=names)) as port:
        (own,) = await presented("127.0.0.1", port)
    assert (own.subject, own.names) == (told, names)
    assert (own.not_before, own.not_after) == (BEGIN, END)
    assert own.is_self_signed is bool(list(subject))


async def test_who_does_not_speak_tls_shows_nothing() -> None:
    async with serving(None, b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert await presented("127.0.0.1", port) == ()


async def test_who_does_not_listen_shows_nothing() -> None:
    async with serving(None) as port:
        pass
    assert await presented("127.0.0.1", port) == ()


async def test_a_name_that_cannot_be_one_shows_nothing() -> None:
    """The address is an operator's: no character of it is a crash."""
    for host in ("", "a" * 300, "\x00"):
        assert await presented(host, 443) == ()
