"""Every event that Live Agent records has words of its own on the page of the audit log."""

from live_agent.console.audit_words import WORDS
from support.audit_words import handed_to_record, recorded


def test_every_event_has_words_and_every_words_an_event() -> None:
    handed = handed_to_record("live_agent")
    assert len(handed) > 15
    assert handed - set(WORDS.events) == set()
    # `login.expired` and the like are names of log lines and of texts.
    assert set(WORDS.events) - recorded("live_agent", WORDS.groups) == set()


def test_every_event_is_in_a_group() -> None:
    assert {event.partition(".")[0] for event in WORDS.events} == set(WORDS.groups)
