"""Mail leaves whole, over TLS, once for each letter, and nobody writes headers into it."""

import asyncio
import os
import socket
import ssl
import threading
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import trustme

from kernel.mail import (
    FolderMail,
    FolderTransport,
    Mail,
    NoTransport,
    SmtpServer,
    SmtpTransport,
    as_message,
    delivery,
    list_folder,
    mail_transport,
)
from kernel.outbox import DeliveryFailed
from kernel.settings import CommonSettings, load
from support.clock import JANUARY_2026, FrozenClock
from support.postgres import free_port
from support.smtp import mail_server

SENDER = "Live Agent <no-reply@acme.example>"
MAIL = Mail("ana@acme.example", "Passwort für Sie", "Grüße\n.\n", "<p>Grüße</p>", "de")


def changed(**changes: str) -> Mail:
    return Mail(**(MAIL.payload() | changes))


def test_a_message_says_the_same_in_text_and_html() -> None:
    message = as_message(MAIL, SENDER, "letter1", JANUARY_2026)
    read = BytesParser(policy=policy.default).parsebytes(message.as_bytes())
    assert str(read["From"]) == SENDER
    assert str(read["To"]) == "ana@acme.example"
    assert str(read["Subject"]) == "Passwort für Sie"
    assert read["Date"].datetime.timestamp() == JANUARY_2026
    assert read["Message-ID"] == "<letter1@acme.example>"
    assert read["Content-Language"] == "de"
    assert read.get_body(("plain",)).get_content() == "Grüße\r\n.\r\n"
    assert read.get_body(("html",)).get_content() == "<p>Grüße</p>\r\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "ana@acme.example\r\nBcc: eve@evil.example"},
        {"to": "ana@acme.example\nBcc: eve@evil.example"},
        {"to": "ana@acme.example, eve@evil.example"},
        {"to": "ana"},
        {"to": ""},
        {"subject": "Hello\r\nBcc: eve@evil.example"},
        {"subject": "Hello\nBcc: eve@evil.example"},
        {"subject": "Hello\rBcc: eve@evil.example"},
    ],
)
def test_nobody_writes_headers_or_recipients_into_it(changes: dict[str, str]) -> None:
    with pytest.raises(DeliveryFailed, match="not fit for a header"):
        as_message(changed(**changes), SENDER, "letter1", JANUARY_2026)


# --- a mail server --------------------------------------------------------------------------------


async def send(port: int, mail: Mail = MAIL, **changes: Any) -> None:
    server = SmtpServer(**({"address": "127.0.0.1", "port": port} | changes))
    await SmtpTransport(server, SENDER).send(mail, "letter1", JANUARY_2026)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


async def test_a_mail_server_gets_the_message_whole() -> None:
    async with mail_server() as server:
        await send(server.port)
    [content] = server.mails
    read = BytesParser(policy=policy.default).parsebytes(content.replace(b"\r\n..", b"\r\n."))
    assert read["Message-ID"] == "<letter1@acme.example>"
    assert read.get_body(("plain",)).get_content() == "Grüße\r\n.\r\n"
    assert any("<ana@acme.example>" in command for command in server.commands)


async def test_an_address_beyond_ascii_needs_and_uses_smtputf8() -> None:
    async with mail_server() as server:
        await send(server.port, changed(to="jürgen@acme.example"))
    assert any("SMTPUTF8" in command for command in server.commands if "MAIL" in command)
    async with mail_server(offers=["8BITMIME"]) as server:
        with pytest.raises(DeliveryFailed, match="SMTPNotSupported"):
            await send(server.port, changed(to="jürgen@acme.example"))


@pytest.mark.parametrize("authentication", ["plain", "login", "cram_md5"])
async def test_it_logs_in_as_it_is_told(authentication: str) -> None:
    method = {"plain": "PLAIN", "login": "LOGIN", "cram_md5": "CRAM-MD5"}[authentication]
    async with mail_server(offers=[f"AUTH {method}"]) as server:
        await send(server.port, username="me", password="pw", authentication=authentication)
    [said] = [command for command in server.commands if command.startswith("said ")]
    assert "me" in said
    assert ("pw" in said) is (method != "CRAM-MD5")


async def test_starttls_is_used_and_the_certificate_verified(
    tls: ssl.SSLContext, ca_file: Path
) -> None:
    async with mail_server(context=tls) as server:
        await send(server.port, ca_file=ca_file)
        assert server.over_tls
        assert len(server.mails) == 1
    async with mail_server(context=tls) as server:
        with pytest.raises(DeliveryFailed):
            await send(server.port)  # nobody known signed it
        assert server.mails == []
    async with mail_server(context=tls) as server:
        await send(server.port, verified=False)
        assert len(server.mails) == 1
    async with mail_server(context=tls) as server:
        await send(server.port, starttls=False)  # on loopback only
        assert not server.over_tls


async def test_authorities_that_were_renewed_are_read_after_a_mail_that_failed(
    authority: trustme.CA, tls: ssl.SSLContext, ca_file: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(ca_file))  # the old one
    async with mail_server(context=tls) as server:
        transport = SmtpTransport(SmtpServer("127.0.0.1", server.port, ca_file=ca_file), SENDER)
        with pytest.raises(DeliveryFailed):
            await transport.send(MAIL, "letter1", JANUARY_2026)
        authority.cert_pem.write_to_path(str(ca_file))
        await transport.send(MAIL, "letter2", JANUARY_2026)
        assert len(server.mails) == 1


async def test_the_authorities_are_read_once_and_not_by_the_event_loop(
    tls: ssl.SSLContext, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by: list[int] = []
    read = ssl.create_default_context

    def told() -> ssl.SSLContext:
        read_by.append(threading.get_ident())
        return read()

    monkeypatch.setattr(ssl, "create_default_context", told)
    async with mail_server(context=tls) as server:
        transport = SmtpTransport(SmtpServer("127.0.0.1", server.port, ca_file=ca_file), SENDER)
        sent = (transport.send(MAIL, f"letter{n}", JANUARY_2026) for n in range(3))
        await asyncio.gather(*sent)
    assert len(server.mails) == 3
    [thread] = read_by
    assert thread != threading.get_ident()


async def test_mail_never_goes_in_clear_to_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    original = socket.getaddrinfo

    def here(_host: str, *args: Any, **named: Any) -> Any:
        return original("127.0.0.1", *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    async with mail_server() as server:
        with pytest.raises(DeliveryFailed, match="SMTP_ENABLE_STARTTLS_AUTO"):
            await send(server.port, address="mail.example", starttls=False)
        with pytest.raises(DeliveryFailed):
            await send(server.port, address="mail.example")  # it does not offer STARTTLS
    assert server.mails == []


async def test_a_server_that_refuses_is_named_by_its_code_alone() -> None:
    refusal = "550 5.1.1 <ana@acme.example> is unknown"
    async with mail_server(refuse={"MAIL": refusal}) as server:
        with pytest.raises(DeliveryFailed, match=r"^SMTPSenderRefused 550$"):
            await send(server.port)
    async with mail_server(refuse={"RCPT": refusal}) as server:
        with pytest.raises(DeliveryFailed) as caught:
            await send(server.port)
    assert "ana" not in str(caught.value)


async def test_a_mail_that_is_given_up_waits_for_no_answer_any_more() -> None:
    """The courier gives up before its lease ends, and at the end of the process."""
    async with mail_server(hangs_at="MAIL") as server:
        sending = asyncio.create_task(send(server.port))
        await asyncio.wait_for(server.hanging.wait(), 20)
        sending.cancel()
        done, _ = await asyncio.wait([sending], timeout=15)  # of the 30 of a command
    assert done
    assert sending.cancelled()


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(DeliveryFailed, match="SMTPConnectError"):
        await send(free_port())


async def test_from_the_start_of_port_465_it_speaks_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    import aiosmtplib

    seen: dict[str, Any] = {}

    class Recorded(Exception):  # noqa: N818
        pass

    def record(**named: Any) -> None:
        seen.update(named)
        raise Recorded

    monkeypatch.setattr(aiosmtplib, "SMTP", record)
    with pytest.raises(Recorded):
        await send(465, address="mail.example")
    assert (seen["use_tls"], seen["start_tls"]) == (True, False)


def test_the_password_of_the_mail_server_is_not_shown() -> None:
    assert "pw" not in repr(SmtpServer("mail.example", username="me", password="pw"))


async def test_without_a_mail_server_the_letter_stays() -> None:
    with pytest.raises(DeliveryFailed, match="SMTP_ADDRESS"):
        await NoTransport().send(MAIL, "letter1", JANUARY_2026)


# --- the demo's folder ----------------------------------------------------------------------------


async def test_the_folder_lists_the_newest_first(tmp_path: Path, clock: FrozenClock) -> None:
    folder = tmp_path / "demo" / "mail"
    deliver = delivery(FolderTransport(folder, SENDER), clock)
    for number in (1, 2, 3):
        clock.advance(60)
        await deliver(changed(subject=f"Mail {number}").payload(), f"letter{number}")
        os.utime(folder / f"letter{number}.eml", ns=(number, number))
    mails = list_folder(folder)
    assert [mail.subject for mail in mails] == ["Mail 3", "Mail 2", "Mail 1"]
    assert mails[0] == FolderMail(
        "letter3", "ana@acme.example", "Mail 3", "Grüße\n.\n", JANUARY_2026 + 180
    )


async def test_a_letter_that_comes_twice_is_one_file_for_the_owner(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    transport = FolderTransport(folder, SENDER)
    await asyncio.gather(*(transport.send(MAIL, "letter1", JANUARY_2026) for _ in range(2)))
    assert os.listdir(folder) == ["letter1.eml"]  # noqa: PTH208
    assert (folder / "letter1.eml").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_letters_id_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed):
        await FolderTransport(tmp_path, SENDER).send(MAIL, "../letter", JANUARY_2026)


def test_a_folder_that_is_not_there_has_no_mail(tmp_path: Path) -> None:
    assert list_folder(tmp_path / "absent") == []


def test_a_mail_without_text_is_listed_too(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(
        b"To: a@b.example\r\nSubject: x\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
        b"Content-Type: text/html\r\n\r\n<p>only</p>"
    )
    [mail] = list_folder(tmp_path)
    assert (mail.text, mail.date) == ("", JANUARY_2026)


def test_the_settings_choose_the_transport(tmp_path: Path) -> None:
    environment = {"SECRET_KEY_BASE": "0123456789abcdef" * 8, "PORT": "1"}

    def chosen(**more: str) -> object:
        return mail_transport(load(CommonSettings, environment | more))

    assert isinstance(chosen(), NoTransport)
    assert isinstance(chosen(SMTP_ADDRESS="mail.example"), SmtpTransport)
    assert isinstance(chosen(SMTP_ADDRESS="mail.example", SMTP_PASSWORD="x"), SmtpTransport)
    folder = chosen(DEMO_MAIL_FOLDER=str(tmp_path), DEVELOPMENT_MODE="true")
    assert isinstance(folder, FolderTransport)
