"""Waiting for whoever changes the same people; `db.locks` says in which order."""

from cognigy_ai.db.locks import lock_organisation, lock_person, lock_user

__all__ = ["lock_organisation", "lock_person", "lock_user"]
