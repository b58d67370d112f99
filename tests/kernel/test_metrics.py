"""Numbers for Prometheus: of one application each, on a port of their own, and only when asked."""

import subprocess
import sys
import urllib.request

import pytest

from kernel.exporter import exporter
from kernel.metrics import OFF, Metrics, counter, gauge, histogram
from support.postgres import free_port

SIGN_INS = counter("sign_ins_total", "People who came in.", "outcome")
REFUSED = counter("refused_total", "People who did not.")
QUEUE = gauge("queue", "Who waits.", "door")
WAITED = histogram("waited_seconds", "For how long.", buckets=(1, 10))


def lines(metrics: Metrics) -> list[str]:
    return metrics.text().splitlines()


def test_what_is_counted_is_told_with_its_labels():
    metrics = Metrics(on=True)
    metrics.count(SIGN_INS, "ok")
    metrics.count(SIGN_INS, "ok", by=2)
    metrics.count(SIGN_INS, "late")
    metrics.observe(WAITED, 5)
    metrics.set(QUEUE, 4, "front")
    told = lines(metrics)
    assert 'sign_ins_total{outcome="ok"} 3.0' in told
    assert 'sign_ins_total{outcome="late"} 1.0' in told
    assert 'waited_seconds_bucket{le="1.0"} 0.0' in told
    assert 'waited_seconds_bucket{le="10.0"} 1.0' in told
    assert 'queue{door="front"} 4.0' in told
    assert not [line for line in told if "_created" in line]


def test_a_watched_gauge_is_read_at_each_look():
    metrics, waiting = Metrics(on=True), [1.0]
    metrics.watch(QUEUE, lambda: waiting[0], "back")
    assert 'queue{door="back"} 1.0' in lines(metrics)
    waiting[0] = 7
    assert 'queue{door="back"} 7.0' in lines(metrics)


def test_a_block_is_timed_also_when_it_fails():
    metrics = Metrics(on=True)
    with pytest.raises(KeyError), metrics.timed(WAITED):
        raise KeyError
    assert "waited_seconds_count 1.0" in lines(metrics)


def test_a_declared_counter_begins_with_zero():
    metrics = Metrics(on=True)
    metrics.declare(REFUSED)
    assert "refused_total 0.0" in lines(metrics)


def test_two_applications_in_one_process_share_nothing():
    one, other = Metrics(on=True), Metrics(on=True)
    one.count(REFUSED)
    other.declare(REFUSED)
    assert "refused_total 1.0" in lines(one)
    assert "refused_total 0.0" in lines(other)


def test_names_that_others_choose_are_bounded():
    metrics = Metrics(on=True)
    told = [metrics.bounded("organisation", f"org-{n}", most=2) for n in range(4)]
    assert told == ["org-0", "org-1", "other", "other"]
    assert metrics.bounded("organisation", "org-1", most=2) == "org-1"
    assert metrics.bounded("another list", "org-3", most=2) == "org-3"


def test_switched_off_nothing_is_kept_and_the_library_is_not_loaded():
    program = """
import sys
from kernel.exporter import exporter
from kernel.metrics import OFF, counter, gauge
OFF.count(counter("a_total", "x")); OFF.observe(gauge("b", "x"), 1); OFF.set(gauge("c", "x"), 1)
OFF.watch(gauge("d", "x"), lambda: 1.0); OFF.declare(gauge("e", "x"))
assert OFF.bounded("list", "value", most=0) == "value"
with exporter(OFF, "127.0.0.1", 1):
    assert OFF.text() == ""
print("prometheus_client" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
    assert OFF.text() == ""


def test_prometheus_is_answered_on_its_own_port_until_the_end():
    metrics, port = Metrics(on=True), free_port()
    metrics.count(SIGN_INS, "ok")
    with exporter(metrics, "127.0.0.1", port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        assert 'sign_ins_total{outcome="ok"} 1.0' in text
        assert "process_resident_memory_bytes" in text
    with exporter(metrics, "127.0.0.1", port):  # the port was given back
        pass


def test_a_taken_port_is_named_with_its_key(capsys: pytest.CaptureFixture[str]):
    port = free_port()
    with (
        exporter(Metrics(on=True), "127.0.0.1", port),
        pytest.raises(SystemExit) as ended,
        exporter(Metrics(on=True), "127.0.0.1", port),
    ):
        pass
    assert ended.value.code == 2
    assert "PROMETHEUS_EXPORTER_PORT" in capsys.readouterr().err
