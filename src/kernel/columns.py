"""Kinds of columns that both applications' tables use."""

from sqlalchemy import String


def bytewise(length: int) -> String:
    """Compared byte by byte on every engine, so that a beginning is a range of an index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
