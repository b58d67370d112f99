"""Every event that the platform records has words of its own on the audit page."""

from cognigy_ai.admin.audit_words import WORDS
from support.audit_words import handed_to_record, recorded

OF_NO_ORGANISATION = {"client", "key"}


def test_every_event_has_words_and_every_words_an_event() -> None:
    handed = handed_to_record("cognigy_ai")
    assert len(handed) > 20
    assert handed - set(WORDS.events) == set()
    nouns = OF_NO_ORGANISATION | set(WORDS.groups)
    assert recorded("cognigy_ai", nouns) == set(WORDS.events)


def test_every_event_of_an_organisation_is_in_a_group() -> None:
    nouns = {event.partition(".")[0] for event in WORDS.events}
    assert nouns - OF_NO_ORGANISATION == set(WORDS.groups)
