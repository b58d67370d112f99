"""`cognigy-ai users list`."""

from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.cli.people import Json
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.roles import actions as roles
from cognigy_ai.users import listing
from cognigy_ai.users.listing import Cursor, Person, Query, Sort, State
from cognigy_ai.users.queries import MOST_ON_A_PAGE
from kernel.cli import print_json, print_line, print_table
from kernel.emails import email_key
from kernel.words import asked_words

commands = typer.Typer()

AFTER_EVERY_ID = "~"  # behind all ids, so that a page begins after the address


@commands.command("list")
def list_(
    organisation: Annotated[str, typer.Option("--organisation", help="Id.")],
    search: Annotated[
        str, typer.Option("--search", help="Beginnings of words of name or address.")
    ] = "",
    role: Annotated[str | None, typer.Option("--role", help="Who has it.")] = None,
    state: Annotated[State | None, typer.Option("--state")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Default: everybody.")] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="E-mail address that the list begins after.")
    ] = None,
    json: Json = False,
) -> None:
    """The people of an organisation, by e-mail address."""
    query = Query(
        organisation_id=organisation,
        words=asked_words(search),
        role=role,
        state=state,
        sort=Sort.EMAIL,
        limit=min(limit or MOST_ON_A_PAGE, MOST_ON_A_PAGE),
    )
    found, more = do(lambda means: _everybody(means, query, limit, after))
    if json:
        print_json([_as_json(person) for person in found])
        return
    rows = [(one.email, one.name, ", ".join(one.roles), one.state.value, one.id) for one in found]
    print_table("Users", ("E-mail", "Name", "Roles", "State", "Id"), rows)
    if more:
        print_line(f"There are more: --after {found[-1].email}")


async def _everybody(
    means: Means, query: Query, limit: int | None, after: str | None
) -> tuple[list[Person], bool]:
    """As many as are wanted, page by page; and whether there are more."""
    await organisations.get(means.database, query.organisation_id)
    if query.role is not None:
        roles.check_known((query.role,))
    cursor = None if after is None else Cursor(Sort.EMAIL, email_key(after), AFTER_EVERY_ID)
    found: list[Person] = []
    while True:
        page = await listing.list_page(means.database, query, cursor)
        found += page.people
        cursor = page.next
        if cursor is None or (limit is not None and len(found) >= limit):
            more = cursor is not None or (limit is not None and len(found) > limit)
            return found[:limit], more


def _as_json(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email,
        "email_verified": person.email_verified,
        "name": person.name,
        "organisation": person.organisation_id,
        "roles": list(person.roles),
        "locale": person.locale,
        "state": person.state.value,
        "disabled": person.disabled,
        "last_login_at": person.last_login_at,
        "last_active_at": person.last_active_at,
        "created_at": person.created_at,
    }
