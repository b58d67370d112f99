"""People whom the previous version makes, renames and lets in are found after one repair."""

import asyncio

from sqlalchemy import BigInteger, bindparam, text

from cognigy_ai.app import _janitor
from cognigy_ai.cli.commands import cli as command
from cognigy_ai.roles import actions as roles
from cognigy_ai.users import actions as users
from cognigy_ai.users import keys, listing
from cognigy_ai.users.keys import Repaired, repair
from cognigy_ai.users.listing import Query, Sort
from cognigy_ai.users.rules import NewUser
from kernel.words import asked_words
from support.command_line import CommandLine
from support.platform import ACME, ENVIRONMENT, Platform

# As the version before 0002 writes them.
OLD_USER = text(
    "INSERT INTO users (id, organisation_id, email, email_key, email_verified, name, locale, "
    "password_digest, password_changed_at, access_revision, created_at, last_login_at, disabled_at)"
    " VALUES (:id, :organisation, :email, :email, 1, :name, 'en', '$none', NULL, 1, 1, NULL, NULL)"
)
OLD_ROLE = text(
    "INSERT INTO user_roles (user_id, role) VALUES (:id, :role) "
    "ON CONFLICT (user_id, role) DO NOTHING RETURNING role"
)
OLD_NAME = text("UPDATE users SET name = :name, locale = 'en', email_verified = 1 WHERE id = :id")
OLD_LOGIN = text("UPDATE users SET last_login_at = :now WHERE id = :id").bindparams(
    bindparam("now", type_=BigInteger)
)
GLOBEX = "b" * 24


def old_id(number: int) -> str:
    return f"{number:024x}"


async def add_old(platform: Platform, number: int, name: str, organisation: str = ACME) -> str:
    """Somebody whom the previous version makes, with a role."""
    who = old_id(number)
    email = f"{name.split()[0].lower()}.{number}@old.example"
    async with platform.database.transaction() as tx:
        await tx.one(OLD_USER, id=who, organisation=organisation, email=email, name=name)
        await tx.one(OLD_ROLE, id=who, role="liveAgentAgent")
    return who


async def names(platform: Platform, query: Query) -> list[str]:
    return [p.name for p in (await listing.list_page(platform.database, query)).people]


def search(typed: str) -> Query:
    return Query(ACME, words=asked_words(typed))


async def test_a_person_of_the_previous_version_is_found_after_one_repair(acme: Platform) -> None:
    await add_old(acme, 2, "Zoë Müller")
    await add_old(acme, 1, "Ada Allen")
    assert await names(acme, search("muller")) == []
    assert await repair(acme.database) == Repaired(people=2, roles=2)
    assert await names(acme, search("muller")) == ["Zoë Müller"]
    assert await names(acme, search("ada.1@old")) == ["Ada Allen"]
    assert await names(acme, Query(ACME)) == ["Ada Allen", "Zoë Müller"]


async def test_the_role_filter_is_right_before_the_repair_too(acme: Platform) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    await add_old(acme, 1, "Ada Allen")
    await add_old(acme, 2, "Bob Backus", GLOBEX)
    await acme.add_user("carl@acme.example", name="Carl Cerf", roles=("liveAgentAgent",))
    for _ in range(2):
        for organisation, there in ((ACME, ["Ada Allen", "Carl Cerf"]), (GLOBEX, ["Bob Backus"])):
            page = await listing.list_page(
                acme.database, Query(organisation, role="liveAgentAgent", sort=Sort.EMAIL)
            )
            assert [person.name for person in page.people] == there
            assert page.total == len(there)
        await repair(acme.database)


async def test_a_person_whom_the_previous_version_renames_is_found_by_the_new_name(
    acme: Platform,
) -> None:
    bob = (await acme.add_user("bob@acme.example", name="Bob Marley")).id
    await acme.database.one(OLD_NAME, id=bob, name="Robert Zimmerman")
    assert await repair(acme.database) == Repaired(people=1)
    assert await names(acme, search("zimm")) == ["Robert Zimmerman"]
    assert await names(acme, search("marley")) == []


async def test_a_login_at_the_previous_version_counts_as_activity(acme: Platform) -> None:
    ada = (await acme.add_user("ada@acme.example", name="Ada")).id
    await acme.add_user("bob@acme.example", name="Bob")
    await acme.database.one(OLD_LOGIN, id=ada, now=acme.now)
    assert await repair(acme.database) == Repaired(people=1)
    assert await names(acme, Query(ACME, sort=Sort.ACTIVE, descending=True)) == ["Ada", "Bob"]
    assert (await listing.get_person(acme.database, ACME, ada)).last_active_at == acme.now


async def test_what_this_version_writes_needs_no_repair(acme: Platform) -> None:
    ada = (await acme.add_user(" ada@acme.example ", name=" Ada  Ällmann ", roles=("admin",))).id
    bob = (await acme.add_user("bob@acme.example", name="Bob")).id
    async with acme.database.transaction() as tx:
        await users.change(tx, ada, name="Ada King ", locale="de", now=acme.now)
        await users.set_address(tx, bob, "robert@acme.example", acme.now, verified=True)
        await users.add_role(tx, bob, "liveAgentAgent", acme.now)
    assert await repair(acme.database) == Repaired()
    assert await names(acme, search("robert@")) == ["Bob"]


async def test_many_are_repaired_in_batches_and_by_several_at_once(acme: Platform) -> None:
    for number in range(25):
        await add_old(acme, number, f"Person {number:02}")
    done = await asyncio.gather(*(repair(acme.database, batch=4) for _ in range(3)))
    again = await repair(acme.database)
    assert sum(one.people for one in [*done, again]) == 25
    assert sum(one.roles for one in [*done, again]) == 25
    assert len(await names(acme, search("person"))) == 25


async def test_a_repair_that_was_stopped_goes_on(acme: Platform) -> None:
    for number in range(6):
        await add_old(acme, number, f"Person {number}")
    assert await keys._repair_people(acme.database, 4) == 4
    assert await roles.fill_in_organisations(acme.database, 4) == 4
    assert await repair(acme.database) == Repaired(people=2, roles=2)


async def test_the_upgrade_of_the_database_repairs(acme: Platform, database_url: str) -> None:
    await add_old(acme, 1, "Ada Allen")
    cli = CommandLine(command, ENVIRONMENT | {"DATABASE_URL": database_url})
    told = await asyncio.to_thread(cli.run_json, "database", "upgrade")
    assert told.pop("before") == told.pop("after")
    assert told == {"changed": False, "people_repaired": 1, "roles_repaired": 1}
    assert await names(acme, search("allen")) == ["Ada Allen"]
    assert "already" in await asyncio.to_thread(cli.run, "database", "upgrade")


async def test_the_words_of_a_person_are_one_statement(acme: Platform) -> None:
    async with acme.database.transaction() as tx:
        before = acme.database.statements
        for name in ("Ada", "Ada Augusta King Noel Byron Lovelace"):
            email = f"{name.replace(' ', '.').lower()}@acme.example"
            await users.create(tx, NewUser(ACME, email, name, (), email_verified=True), acme.now)
            spent, before = acme.database.statements - before, acme.database.statements
            assert spent == 5  # the organisation, the person, the words, the role, the event


async def test_the_janitor_repairs(acme: Platform) -> None:
    await add_old(acme, 1, "Ada Allen")
    assert await _janitor(acme.app.state.all).sweep() == 0
    assert await names(acme, search("allen")) == ["Ada Allen"]
