"""Logs are events with fields, one line each, and hold no secret and no query string."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from kernel import log


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    log.get_logger("kernel.test").info("token.issued", client_id="cognigy", words="a\nb")
    [line] = lines(capsys)
    assert line["event"] == "token.issued"
    assert line["client_id"] == "cognigy"
    assert line["level"] == "info"
    assert line["logger_name"] == "kernel.test"
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("field", sorted(log.SECRET_FIELDS))
@pytest.mark.parametrize("readable", [False, True])
def test_a_field_with_a_secrets_name_is_hidden(
    capsys: pytest.CaptureFixture[str], field: str, *, readable: bool
) -> None:
    log.configure("debug", readable=readable)
    log.get_logger("x").debug("something.happened", **{field: "s3cr3t"})
    shown = capsys.readouterr().err
    assert "s3cr3t" not in shown
    assert log.HIDDEN in shown


@pytest.mark.parametrize("readable", [False, True])
def test_no_query_string_is_shown(capsys: pytest.CaptureFixture[str], *, readable: bool) -> None:
    log.configure("debug", readable=readable)
    url = "http://localhost:3000/cb?code=c0de&state=st4te"

    def fail() -> None:
        local = "l0cal"
        raise ValueError(url, len(local))

    try:
        fail()
    except ValueError:
        log.get_logger("x").exception("it.failed", url=url, words='said "/cb?code=c0de" twice')
        logging.getLogger("library").exception("GET %s", url + "&é=c0de")
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "twice" in shown
    for secret in ("c0de", "st4te", "l0cal"):
        assert secret not in shown


def test_a_line_is_json_also_when_something_was_hidden(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure()
    log.get_logger("x").info("a.b", one='x?a=b"c', two="?a=b\\c", three="why? yes", four="?a=\n")
    [line] = lines(capsys)
    assert line["one"] == 'x?[hidden]"c'
    assert line["three"] == "why? yes"


def test_the_level_holds_and_libraries_speak_at_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("debug")
    log.get_logger("x").debug("ours")
    logging.getLogger("library").info("http://x/?code=1")
    logging.getLogger("library").warning("careful %s", "now")
    assert [line["event"] for line in lines(capsys)] == ["ours", "careful now"]
    log.configure("error")
    log.get_logger("x").warning("ours")
    logging.getLogger("library").warning("theirs")
    assert lines(capsys) == []


def test_bound_context_is_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    with structlog.contextvars.bound_contextvars(reference="ABC"):
        log.get_logger("x").info("a.b")
    assert lines(capsys)[0]["reference"] == "ABC"
    assert sys.stderr is not None
