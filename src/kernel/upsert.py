"""INSERT ... ON CONFLICT DO UPDATE, written once for both databases.

PostgreSQL's form of the statement also compiles for SQLite, which has the same clause; the other
way round it does not.
"""

from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["upsert"]
