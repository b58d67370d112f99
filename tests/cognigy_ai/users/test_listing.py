"""Lists of people: searched, narrowed, sorted, and read page by page in both directions."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import activity, listing
from cognigy_ai.users.listing import Cursor, Page, Query, Sort, State
from cognigy_ai.users.store import listing as store
from kernel.keyring import KeyRing
from kernel.problems import ProblemError
from kernel.words import asked_words
from support.crowd import seed_crowd
from support.platform import ACME, Platform

GLOBEX = "b" * 24


async def names(platform: Platform, query: Query) -> list[str]:
    return [p.name for p in (await listing.list_page(platform.database, query)).people]


async def walk(platform: Platform, query: Query) -> Iterator[Page]:
    """All pages from the first to the last."""
    pages = [await listing.list_page(platform.database, query)]
    while pages[-1].next is not None:
        pages.append(await listing.list_page(platform.database, query, pages[-1].next))
    return iter(pages)


@pytest.fixture
async def people(acme: Platform) -> Platform:
    """Four people with names that differ in case and accents."""
    await acme.add_user("zoe@acme.example", name="Änne Östberg", roles=("admin",))
    await acme.add_user("bob@acme.example", name="bob Marley", roles=("liveAgentAgent",))
    await acme.add_user("carl@acme.example", name="Carl O'Neill", password=None)
    await acme.add_user("ada@other.example", name="Ada King-Lovelace", roles=("admin",))
    return acme


async def test_names_are_sorted_without_regard_to_case_and_accents(people: Platform) -> None:
    wanted = ["Ada King-Lovelace", "Änne Östberg", "bob Marley", "Carl O'Neill"]
    assert await names(people, Query(ACME)) == wanted
    assert await names(people, Query(ACME, descending=True)) == wanted[::-1]


async def test_addresses_and_activity_sort_too(people: Platform) -> None:
    by_email = await listing.list_page(people.database, Query(ACME, sort=Sort.EMAIL))
    assert [p.email.partition("@")[0] for p in by_email.people] == ["ada", "bob", "carl", "zoe"]
    async with people.database.transaction() as tx:
        bob = await users.get_by_email(tx, "bob@acme.example", ACME)
        await activity.note(tx, bob.id, people.now)
    latest = await names(people, Query(ACME, sort=Sort.ACTIVE, descending=True))
    assert latest[0] == "bob Marley"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ost", ["Änne Östberg"]),
        ("ÖSTBERG änne", ["Änne Östberg"]),
        ("lovelace", ["Ada King-Lovelace"]),
        ("king-lo", ["Ada King-Lovelace"]),
        ("ada@other.example", ["Ada King-Lovelace"]),
        ("acme", ["Änne Östberg", "bob Marley", "Carl O'Neill"]),
        ("o'nei", ["Carl O'Neill"]),
        ("ada bob", []),
        ("ley", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_every_typed_word_is_the_beginning_of_a_word(
    people: Platform, typed: str, found: list[str]
) -> None:
    assert await names(people, Query(ACME, words=asked_words(typed))) == found


async def test_a_new_name_is_found_and_the_old_one_is_not(people: Platform) -> None:
    bob = await users.get_by_email(people.database, "bob@acme.example", ACME)
    async with people.database.transaction() as tx:
        await users.change(tx, bob.id, name="Robert Zimmerman", locale="en", now=people.now)
    assert await names(people, Query(ACME, words=("zimm",))) == ["Robert Zimmerman"]
    assert await names(people, Query(ACME, words=("marley",))) == []


async def test_roles_and_states_narrow_the_list(people: Platform) -> None:
    assert await names(people, Query(ACME, role="admin")) == ["Ada King-Lovelace", "Änne Östberg"]
    assert await names(people, Query(ACME, state=State.INVITED)) == ["Carl O'Neill"]
    assert len(await names(people, Query(ACME, state=State.NEVER))) == 4
    bob = await users.get_by_email(people.database, "bob@acme.example", ACME)
    async with people.database.transaction() as tx:
        await users.disable(tx, bob.id, people.now)
    assert await names(people, Query(ACME, state=State.DISABLED)) == ["bob Marley"]
    assert "bob Marley" not in await names(people, Query(ACME, state=State.ACTIVE))
    assert await names(people, Query(ACME, role="admin", state=State.DISABLED)) == []
    assert await names(people, Query(ACME, words=("ada",), role="admin")) == ["Ada King-Lovelace"]


async def test_a_list_holds_nobody_of_another_organisation(people: Platform) -> None:
    await people.add_organisation(GLOBEX, "Globex")
    await people.add_user("ada@acme.example", organisation=GLOBEX, roles=("admin",))
    for query in (Query(GLOBEX), Query(GLOBEX, words=("ada",)), Query(GLOBEX, role="admin")):
        page = await listing.list_page(people.database, query)
        assert [(p.organisation_id, page.total) for p in page.people] == [(GLOBEX, 1)]
    assert len(await names(people, Query(ACME, role="admin"))) == 2


async def test_a_person_is_got_in_their_own_organisation_only(people: Platform) -> None:
    bob = await users.get_by_email(people.database, "bob@acme.example", ACME)
    person = await listing.get_person(people.database, ACME, bob.id)
    assert (person.name, person.has_password, person.last_active_at) == ("bob Marley", True, None)
    assert await listing.get_person(people.database, None, bob.id) == person
    for organisation, user_id in ((GLOBEX, bob.id), (ACME, "f" * 24)):
        with pytest.raises(ProblemError) as refused:
            await listing.get_person(people.database, organisation, user_id)
        assert refused.value.problem is Problem.USER_UNKNOWN


QUERIES = {
    "everybody": Query(ACME),
    "by-email": Query(ACME, sort=Sort.EMAIL, descending=True),
    "by-activity": Query(ACME, sort=Sort.ACTIVE),
    "of-a-role": Query(ACME, role="liveAgentSupervisor", sort=Sort.ACTIVE, descending=True),
    "words": Query(ACME, words=("s", "acme")),
    "word-and-role": Query(ACME, words=("acme",), role="liveAgentAgent", descending=True),
    "state-and-role": Query(ACME, role="liveAgentAgent", state=State.DISABLED),
}


WAYS = {
    "walked": {"FEW": 0, "SOME": 0, "MOST": 0, "GLANCE": 0},
    "few-sorted": {},
    "some-sorted": {"FEW": 0, "GLANCE": 0},
    "most-sorted": {"FEW": 0, "SOME": 0, "GLANCE": 0},
    "glanced": {"FEW": 0, "SOME": 0, "MOST": 0, "GLANCE": 60},
}


@pytest.mark.parametrize("limits", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", QUERIES)
async def test_pages_hold_everybody_once_and_lead_back(
    acme: Platform,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    limits: dict[str, int],
) -> None:
    """All ways of finding a page give the same ones."""
    for name_of_limit, limit in limits.items():
        monkeypatch.setattr(store, name_of_limit, limit)
    await seed_crowd(database_url, 300)
    await acme.add_organisation(GLOBEX, "Globex")
    await seed_crowd(database_url, 300, GLOBEX)
    query = replace(QUERIES[name], limit=37)
    whole = await listing.list_page(acme.database, replace(query, limit=1000))
    pages = list(await walk(acme, query))
    seen = [person for page in pages for person in page.people]
    assert [p.id for p in seen] == [p.id for p in whole.people]
    assert pages[0].previous is None
    back = pages[-1]
    for page in reversed(pages[:-1]):
        assert back.previous is not None
        back = await listing.list_page(acme.database, query, back.previous)
        assert back.people == page.people
    assert back.previous is None


async def test_a_page_goes_on_where_somebody_was_deleted(people: Platform) -> None:
    query = Query(ACME, limit=2)
    first = await listing.list_page(people.database, query)
    async with people.database.transaction() as tx:
        await users.delete(tx, first.people[-1].id, people.now)
    second = await listing.list_page(people.database, query, first.next)
    assert [p.name for p in second.people] == ["bob Marley", "Carl O'Neill"]


async def test_a_small_list_says_how_many(people: Platform) -> None:
    assert (await listing.list_page(people.database, Query(ACME, limit=1))).total == 4
    assert (await listing.list_page(people.database, Query(ACME, words=("acme",)))).total == 3
    assert (await listing.list_page(people.database, Query(ACME, role="odata"))).total == 0


def test_a_cursor_comes_back_as_it_was() -> None:
    keyring = KeyRing("0123456789abcdef" * 5)
    for cursor in (
        Cursor(Sort.NAME, "ada", "a" * 24),
        Cursor(Sort.ACTIVE, 0, "a" * 24, backwards=True),
    ):
        sealed = listing.seal_cursor(keyring, cursor)
        assert "ada" not in sealed
        assert listing.open_cursor(keyring, sealed, cursor.sort) == cursor


@pytest.mark.parametrize("text", ["", "x", "€", "A" * 5000, "bnVsbA"])
def test_an_altered_cursor_is_none(text: str) -> None:
    keyring = KeyRing("0123456789abcdef" * 5)
    assert listing.open_cursor(keyring, text, Sort.NAME) is None


def test_a_cursor_of_another_order_is_none() -> None:
    keyring = KeyRing("0123456789abcdef" * 5)
    sealed = listing.seal_cursor(keyring, Cursor(Sort.NAME, "ada", "a" * 24))
    assert listing.open_cursor(keyring, sealed, Sort.EMAIL) is None
