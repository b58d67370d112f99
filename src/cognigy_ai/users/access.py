"""Who would get into Live Agent: what a login would say of each person of an organisation."""

from cognigy_ai.users.rules import Access
from cognigy_ai.users.store import access
from kernel.db import Database, Tx


async def list_page(
    db: Tx | Database, organisation_id: str, after: str, most: int
) -> tuple[list[Access], str | None]:
    """People whose id comes after, disabled ones too, and the `after` of the next page.

    By what never changes: whoever is missing is taken for deleted, so that nobody may slip through
    between two pages because their address changed.
    """
    found = await access.list_page(db, organisation_id, after, most + 1)
    shown = found[:most]
    return shown, shown[-1].user_id if len(found) > most else None
