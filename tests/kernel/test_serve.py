"""The server as a program: it starts or says why not, and ends when it is told."""

import http.client
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kernel.serve import open_listener, read_tls_files
from support.postgres import free_port

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from kernel import log
import kernel.serve as module
from kernel.connection import Connection
from kernel.life import Life
from kernel.serve import Late, serve
from kernel.web.shared import show_alive

async def hello(request):
    return PlainTextResponse("hello " + request.client.host + " " + request.url.scheme)

async def body(request):
    return PlainTextResponse(str(len(await request.body())))

async def slow(request):
    print("slow", flush=True)
    await asyncio.sleep(0.5)
    return PlainTextResponse("done")

async def broken(request):
    raise ValueError("bug at " + str(request.url))

@asynccontextmanager
async def lifespan(app):
    if "fail" in sys.argv:
        raise LookupError("no database")
    print("started", flush=True)
    yield
    print("stopped", flush=True)

log.configure("debug")
routes = [Route("/", hello), Route("/slow", slow), Route("/body", body, methods=["POST"]),
          Route("/broken", broken), Route("/health/liveness", show_alive),
          Route("/health/startup", show_alive), Route("/health/readiness", hello)]
files = [Path(a) for a in sys.argv[3:5]] if len(sys.argv) > 4 else [None, None]

if "small" in sys.argv:
    module.MOST_CONNECTIONS = 3
module.LOOK_FOR_TLS_FILES_EVERY = 1
if "impatient" in sys.argv:
    Connection.headers_seconds = Connection.rest_seconds = 0.3

async def make():
    asyncio.get_running_loop()
    print("made", file=sys.stderr) if "fail" in sys.argv else None
    return Starlette(routes=routes, lifespan=lifespan)

drain = 30 if "drains" in sys.argv else 0
life = Life(drain, 5)
life.at_last_call(lambda: print("last call", flush=True) if drain else None)
serve(Late(make), sys.argv[1], int(sys.argv[2]), *files, life)
print("returned", flush=True)
"""


def command(port: int, *arguments: str, address: str = "127.0.0.1") -> list[str]:
    return [sys.executable, "-c", PROGRAM, address, str(port), *arguments]


@contextmanager
def server(port: int, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command(port, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read().decode()
    assert "server" not in {name.lower() for name, _ in response.getheaders()}
    assert response.getheader("date") is not None
    connection.close()
    return response.status, body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_finish_and_ends_with_zero(number: signal.Signals) -> None:
    port = free_port()
    answers: list[tuple[int, str]] = []
    with server(port) as process:
        assert process.stdout is not None
        request = threading.Thread(target=lambda: answers.append(get(port, "/slow")))
        request.start()
        assert process.stdout.readline() == "slow\n"
        process.send_signal(number)
        request.join()
        rest, errors = process.communicate(timeout=10)
    assert answers == [(200, "done")]
    assert rest == "stopped\nreturned\n"
    assert (process.returncode, errors) == (0, "")


def test_a_client_cannot_say_where_it_comes_from() -> None:
    port = free_port()
    with server(port):
        headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        assert get(port, headers=headers) == (200, "hello 127.0.0.1 http")


def test_no_query_string_stands_in_the_log() -> None:
    port = free_port()
    with server(port) as process:
        assert get(port, "/?code=c0de")[0] == 200
        assert get(port, "/broken?code=c0de&state=st4te")[0] == 500
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert "bug at" in errors
    assert "c0de" not in errors
    assert "st4te" not in errors


def read_all(client: socket.socket) -> bytes:
    """Until the server hangs up; what it has sent may be lost when it does so early."""
    received = b""
    client.settimeout(10)
    try:
        while more := client.recv(65_536):
            received += more
    except ConnectionError:
        pass
    return received


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


def test_headers_may_have_32_kilobytes_and_not_more() -> None:
    port = free_port()
    with server(port):
        assert get(port, headers={"Cookie": "a" * 32_000})[0] == 200
        for headers in (
            b"X-Long: " + b"a" * 33_000,
            b"".join(b"X-%d: %s\r\n" % (i, b"a" * 100) for i in range(400)),
        ):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(REQUEST + headers + b"\r\n\r\n")
                assert read_all(client).startswith(b"HTTP/1.1 431 ")
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /?" + b"a" * 33_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert read_all(client).startswith(b"HTTP/1.1 431 ")
        assert get(port) == (200, "hello 127.0.0.1 http")


def test_a_header_that_never_ends_is_cut_off() -> None:
    port = free_port()
    with server(port), socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST + b"X-Endless: ")
        with pytest.raises(ConnectionError):
            client.sendall(b"a" * 50_000_000)


def test_large_bodies_are_no_headers() -> None:
    port = free_port()
    with server(port), socket.create_connection(("127.0.0.1", port)) as client:
        head = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n"
        for _ in range(2):  # on one connection
            client.sendall(head + b"\r\n" + b"a" * 200_000)
            client.settimeout(10)
            answer = b""
            while not answer.endswith(b"200000"):  # head and body may come one after the other
                received = client.recv(65_536)
                assert received, answer
                answer += received


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        REQUEST,
        REQUEST + b"\r\n" + REQUEST,  # the second one on a connection
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
    ],
    ids=["nothing", "half a request", "half a second one", "half a body that nobody reads"],
)
def test_a_client_that_dawdles_is_left(sent: bytes) -> None:
    port = free_port()
    with server(port, "impatient"), socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        read_all(client)  # ends, or is a time-out


def test_a_connection_stays_open_between_two_requests() -> None:
    port = free_port()
    with server(port, "impatient"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for _ in range(2):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"hello 127.0.0.1 http"
            time.sleep(0.5)
        connection.close()


def test_a_full_server_is_alive_and_not_ready() -> None:
    port = free_port()
    with server(port, "small"), ExitStack() as streams:
        for _ in range(3):
            client = socket.create_connection(("127.0.0.1", port))
            streams.enter_context(client)
            client.sendall(REQUEST + b"\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 ")  # it holds a place by now
        for path in ("/", "/health/readiness", "/health/liveness/x", "/?/health/liveness"):
            assert get(port, path)[0] == 503, path
        for path in ("/health/liveness", "/health/startup", "/health/liveness?by=kubelet"):
            assert get(port, path)[0] == 200, path
        # One connection that asks for both has the limit at the second request.
        with socket.create_connection(("127.0.0.1", port)) as client:
            alive = b"GET /health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n"
            client.sendall(alive + REQUEST + b"\r\n")
            answers = read_all(client)
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert answers.count(b"hello") == 0


def test_it_serves_tls_itself(tmp_path: Path) -> None:
    authority = trustme.CA()
    cert = authority.issue_cert("127.0.0.1")
    cert.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    cert.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    port = free_port()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with server(port, str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")):
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello 127.0.0.1 https"
        connection.close()


def shown_by(port: int, *trusted: trustme.CA) -> bytes:
    """The certificate that the server shows at this moment, on a new connection."""
    context = ssl.create_default_context()
    for authority in trusted:
        authority.configure_trust(context)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello 127.0.0.1 https"
    found = connection.sock.getpeercert(binary_form=True)
    connection.close()
    return found


def test_a_renewed_certificate_is_served_and_a_broken_one_is_not(tmp_path: Path) -> None:
    old, new = trustme.CA(), trustme.CA()
    files = tmp_path / "cert.pem", tmp_path / "key.pem"

    def write(cert: trustme.LeafCert, key: trustme.LeafCert) -> None:
        """At once, as the kubelet does; half a pair if they are not of one certificate."""
        for file, pem in zip(files, (cert.cert_chain_pems[0], key.private_key_pem), strict=True):
            pem.write_to_path(f"{file}.new")
            Path(f"{file}.new").replace(file)

    first, second = old.issue_cert("127.0.0.1"), new.issue_cert("127.0.0.1")
    write(first, first)
    port = free_port()
    with server(port, *map(str, files)) as process:
        assert process.stderr is not None
        limit = threading.Timer(60, process.kill)
        limit.start()
        before = shown_by(port, old)
        write(second, first)
        while "tls.not_renewed" not in (line := process.stderr.readline()):
            assert line, "it ended"
        assert "KEY_VALUES_MISMATCH" in line.upper().replace(" ", "_")
        assert shown_by(port, old) == before
        write(second, second)
        while "tls.renewed" not in (line := process.stderr.readline()):
            assert line, "it ended"
        limit.cancel()
        assert shown_by(port, new) != before


def test_a_start_that_fails_in_the_application_is_no_success() -> None:
    done = subprocess.run(command(free_port(), "fail"), capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "no database" in done.stderr
    assert done.stderr.count("made\n") == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(command(port), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in done.stderr


@pytest.mark.parametrize(("address", "port"), [("192.0.2.1", 0), ("nowhere.invalid", 0)])
def test_an_address_that_is_not_ours_is_one_line(
    capsys: pytest.CaptureFixture[str], address: str, port: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        open_listener(address, port)
    assert ended.value.code == 2
    assert f"Cannot listen on {address}" in capsys.readouterr().err


def test_a_port_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        open_listener("127.0.0.1", 70_000)
    assert "0-65535" in capsys.readouterr().err


def test_it_listens_on_ipv6() -> None:
    with open_listener("::1", 0) as listener:
        assert listener.family is socket.AF_INET6


def test_tls_files_that_cannot_be_used_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    cert = trustme.CA().issue_cert("localhost")
    files = {name: tmp_path / name for name in ("cert", "key", "locked", "text", "other")}
    cert.cert_chain_pems[0].write_to_path(str(files["cert"]))
    cert.private_key_pem.write_to_path(str(files["key"]))
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(str(files["other"]))
    files["locked"].write_bytes(locked)
    files["text"].write_text("no certificate")
    read_tls_files(None, None)
    read_tls_files(files["cert"], files["key"])
    for pair, reason in (
        ((files["cert"], tmp_path / "absent"), "No such file"),
        ((files["text"], files["key"]), ""),
        ((files["cert"], files["other"]), "KEY_VALUES_MISMATCH"),
        ((files["cert"], files["locked"]), "the key has a password"),
    ):
        with pytest.raises(SystemExit) as ended:
            read_tls_files(*pair)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith("Cannot use TLS_CERT_FILE")
        assert said.count("\n") == 1
        assert reason.lower() in said.lower()


def test_after_sigterm_it_serves_on_and_sends_clients_away_until_the_last_call() -> None:
    port = free_port()
    with server(port, "drains") as process:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/")
        before = client.getresponse()
        before.read()
        assert before.getheader("connection") is None
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        headers: str | None = None
        while headers is None and time.monotonic() < deadline:
            client.request("GET", "/")
            answer = client.getresponse()
            assert answer.read().startswith(b"hello")
            headers = answer.getheader("connection")
        assert headers == "close"
        assert get(port) == (200, "hello 127.0.0.1 http")  # new connections are taken still
        process.send_signal(signal.SIGTERM)  # whoever is in haste says it twice
        rest, _ = process.communicate(timeout=10)
    assert rest == "last call\nstopped\nreturned\n"
    assert process.returncode == 0


def test_ctrl_c_does_not_wait_for_load_balancers() -> None:
    port = free_port()
    with server(port, "drains") as process:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert time.monotonic() - began < 15  # of 30
    assert process.returncode == 0


def test_a_request_that_comes_while_the_server_ends_is_answered_on_its_old_connection() -> None:
    port = free_port()
    with server(port) as process:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/")
        client.getresponse().read()
        busy = threading.Thread(target=get, args=(port, "/slow"))  # keeps it from ending at once
        busy.start()
        assert process.stdout is not None
        assert process.stdout.readline() == "slow\n"
        process.send_signal(signal.SIGTERM)
        client.request("GET", "/")
        answer = client.getresponse()
        assert answer.read() == b"hello 127.0.0.1 http"
        client.close()
        busy.join()
        process.communicate(timeout=10)
    assert process.returncode == 0
