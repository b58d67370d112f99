"""The query of docs/how-to/migrate-users.md, on the old product's tables in a real PostgreSQL."""

import csv
import io
import re
from pathlib import Path

import asyncpg

from live_agent.imports.files import read_lines
from support.databases import Databases

PAGE = Path(__file__).parents[3] / "docs/how-to/migrate-users.md"
# As in Chatwoot's db/schema.rb, those columns that the query reads.
TABLES = """
CREATE TABLE users (id serial PRIMARY KEY, provider varchar NOT NULL DEFAULT 'email',
    uid varchar NOT NULL DEFAULT '', encrypted_password varchar NOT NULL DEFAULT '',
    confirmed_at timestamp, name varchar NOT NULL, display_name varchar, email varchar);
CREATE TABLE account_users (id bigserial PRIMARY KEY, account_id bigint, user_id bigint,
    role integer DEFAULT 0);
INSERT INTO users (email, name, encrypted_password, confirmed_at, provider) VALUES
    ('ada@acme.example', E'Ada\\n"King"', '{digest}', now(), 'email'),
    ('bob@acme.example', 'Bob', '', NULL, 'email'),
    ('sso@acme.example', 'Already elsewhere', '', now(), 'cognigy');
INSERT INTO account_users (account_id, user_id, role) VALUES
    (7, 1, 1), (8, 1, 0), (7, 2, 5), (7, 3, 0);
"""
DIGEST = "$2a$11$" + "abcdefghijklmnopqrstuv" + "A" * 31


async def test_its_rows_can_be_imported_as_they_are(databases: Databases):
    query = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    connection = await asyncpg.connect(databases.empty("postgresql"))
    try:
        await connection.execute(TABLES.replace("{digest}", DIGEST))
        rows = await connection.fetch(query)
    finally:
        await connection.close()
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(rows[0].keys())
    for row in rows:  # psql writes booleans so
        out.writerow([("t" if v else "f") if isinstance(v, bool) else v for v in row])
    ada, bob, other = read_lines(io.BytesIO(written.getvalue().encode()))
    assert ada.row is not None
    assert (ada.row.account_id, ada.row.name) == (7, 'Ada "King"')
    assert ada.row.roles == ("administrator",)
    assert (ada.row.digest, ada.row.confirmed) == (DIGEST, True)
    assert bob.reason.startswith("role:")
    assert other.row is not None
    assert (other.row.account_id, other.row.roles) == (8, ("agent",))
