"""SQL for imports: whose they are, how far they are, and which process has one."""

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from cognigy_ai.db.tables import imports, users
from cognigy_ai.imports import rules
from cognigy_ai.imports.rules import Import
from kernel.db import Row, Tx

c = imports.c
_import = bindparam("import", type_=String)
_organisation = bindparam("organisation", type_=String)
_now = bindparam("now", type_=BigInteger)
_until = bindparam("until", type_=BigInteger)
_most = bindparam("most", type_=Integer)
# In the words of the partial index: with bound values it would not be used.
_under_way = c.state.in_([literal_column("'waiting'"), literal_column("'running'")])
NOBODY = 0

ADD = insert(imports).values(
    id=_import,
    organisation_id=_organisation,
    file_name=bindparam("file_name"),
    asked_by=bindparam("asked_by"),
    state=rules.CHECKED,
    invite=0,
    total=bindparam("total"),
    done=0,
    created_at=_now,
    leased_until=NOBODY,
    proposed_by=bindparam("proposed_by"),
)
READ = select(imports, users.c.name.label("asked_by_name")).join_from(
    imports,
    users,
    and_(users.c.id == c.asked_by, users.c.organisation_id == c.organisation_id),
    isouter=True,
)
FIND = READ.where(c.id == _import, c.organisation_id == _organisation)
COUNT_PROPOSED = select(func.count().label("waiting")).where(
    c.organisation_id == _organisation, c.state == rules.CHECKED, c.proposed_by.is_not(None)
)
LIST = READ.where(c.organisation_id == _organisation).order_by(c.created_at.desc()).limit(_most)
START = (
    update(imports)
    .where(
        c.id == _import,
        c.organisation_id == _organisation,
        # A proposal is started by whoever decides about it, with that person's rights.
        or_(c.asked_by == bindparam("by", type_=String), c.proposed_by.is_not(None)),
        c.state == rules.CHECKED,
    )
    .values(
        state=rules.WAITING,
        asked_by=bindparam("by", type_=String),
        invite=bindparam("new_invite", type_=Integer),
        started_at=_now,
    )
    .returning(c.total)
)
STOP = (
    update(imports)
    .where(c.id == _import, _under_way)
    .values(state=rules.STOPPED, finished_at=_now, leased_until=NOBODY)
    .returning(c.id)
)
FINISH = (
    update(imports)
    .where(c.id == _import, _under_way)
    .values(state=rules.DONE, finished_at=_now, leased_until=NOBODY)
    .returning(c.id)
)
DISCARD = (
    delete(imports)
    .where(c.id == _import, c.organisation_id == _organisation, c.state == rules.CHECKED)
    .returning(c.id)
)
_free = (
    select(c.id)
    .where(_under_way, c.leased_until <= _now)
    .order_by(c.leased_until)
    .limit(1)
    .with_for_update(skip_locked=True)  # SQLite has one writer and no such clause
    .cte("free")
)
LEASE = (
    update(imports)
    .where(c.id.in_(select(_free.c.id)))
    .values(state=rules.RUNNING, leased_until=_until)
    .returning(*imports.c)
)
RENEW = (
    update(imports)
    .where(c.id == _import, c.state == rules.RUNNING)
    .values(leased_until=_until)
    .returning(c.id)
)
PRUNE = (
    delete(imports)
    .where(
        or_(
            and_(
                c.state == rules.CHECKED,
                c.proposed_by.is_(None),
                c.created_at <= _now - rules.FORGOTTEN_AFTER_SECONDS,
            ),
            and_(c.state == rules.CHECKED, c.created_at <= _now - rules.KEPT_SECONDS),
            and_(not_(_under_way), c.finished_at <= _now - rules.KEPT_SECONDS),
        )
    )
    .returning(c.id)
)


async def add(tx: Tx, new: Import) -> None:
    await tx.one(
        ADD,
        **{"import": new.id},
        organisation=new.organisation_id,
        file_name=new.file_name,
        asked_by=new.asked_by,
        total=new.total,
        now=new.created_at,
        proposed_by=new.proposed_by,
    )


async def find(db: Tx, organisation_id: str, import_id: str) -> Import | None:
    row = await db.one(FIND, **{"import": import_id}, organisation=organisation_id)
    return None if row is None else _import_of(row)


async def list_imports(db: Tx, organisation_id: str, most: int) -> list[Import]:
    return [_import_of(row) for row in await db.all(LIST, organisation=organisation_id, most=most)]


async def count_proposed(db: Tx, organisation_id: str) -> int:
    row = await db.one(COUNT_PROPOSED, organisation=organisation_id)
    return 0 if row is None else int(row["waiting"])


async def start(tx: Tx, found: Import, by: str, now: int, *, invite: bool) -> bool:
    """False if somebody else uploaded it, or it was started."""
    row = await tx.one(
        START,
        **{"import": found.id},
        organisation=found.organisation_id,
        by=by,
        new_invite=int(invite),
        now=now,
    )
    return row is not None


async def stop(tx: Tx, import_id: str, now: int) -> bool:
    """False if it is over, or was never started."""
    return await tx.one(STOP, **{"import": import_id}, now=now) is not None


async def finish(tx: Tx, import_id: str, now: int) -> bool:
    return await tx.one(FINISH, **{"import": import_id}, now=now) is not None


async def discard(tx: Tx, organisation_id: str, import_id: str) -> bool:
    """False if it is not there, or was started."""
    row = await tx.one(DISCARD, **{"import": import_id}, organisation=organisation_id)
    return row is not None


async def lease(db: Tx, now: int, until: int) -> Import | None:
    """One that waits, or whose process went away; nobody else gets it till then."""
    row = await db.one(LEASE, now=now, until=until)
    return None if row is None else _import_of(row, named=False)


async def renew(db: Tx, import_id: str, until: int) -> bool:
    """False if it was stopped."""
    return await db.one(RENEW, **{"import": import_id}, until=until) is not None


async def prune(db: Tx, now: int) -> int:
    """Lists that nobody started for a day, and what became of others a month ago."""
    return len(await db.all(PRUNE, now=now))


def _import_of(row: Row, *, named: bool = True) -> Import:
    return Import(
        id=row["id"],
        organisation_id=row["organisation_id"],
        file_name=row["file_name"],
        asked_by=row["asked_by"],
        state=row["state"],
        invite=bool(row["invite"]),
        total=row["total"],
        done=row["done"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        asked_by_name=row["asked_by_name"] if named else None,
        proposed_by=row["proposed_by"],
    )
