"""The demo's people, made through the two command lines alone, as an operator would."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from demo.data import Demo, read_json, write_private, write_private_json
from demo.people import ACCOUNT, ORGANISATIONS, PEOPLE, RENAMED
from demo.systems import System


def seed(demo: Demo, platform: System, desk: System) -> int:
    """Bring both databases up to date; the id of Live Agent's account.

    What a visitor changes stays: people are made once, and again only for a new DEMO_PASSWORD.
    """
    with ThreadPoolExecutor() as at_once:
        for upgrade in [at_once.submit(s.run, "database", "upgrade") for s in (platform, desk)]:
            upgrade.result()
    mark = _mark(demo)
    seeded = read_json(mark) or {}
    password = hashlib.sha256(demo.password.encode()).hexdigest()
    if seeded.get("password_sha256") == password:
        return int(seeded["account_id"])
    _apply_platform(demo, platform, first=not seeded)
    account_id = _account(desk)
    _old_users(demo, desk, account_id)
    write_private_json(mark, {"password_sha256": password, "account_id": str(account_id)})
    return account_id


def is_new(demo: Demo) -> bool:
    """Nobody was made yet."""
    return not _mark(demo).exists()


def _mark(demo: Demo) -> Path:
    return demo.data / "seeded.json"


def _apply_platform(demo: Demo, platform: System, *, first: bool) -> None:
    people = (*PEOPLE, RENAMED) if first else PEOPLE
    wanted = {
        "organisations": [{"id": id_, "name": name} for name, id_ in ORGANISATIONS.items()],
        "users": [
            {
                "email": person.email,
                "organisation": ORGANISATIONS[person.organisation],
                "name": person.name,
                "roles": list(person.roles),
                "email_verified": True,
                "password": demo.password,
            }
            for person in people
            if person.organisation
        ],
    }
    file = demo.data / "people.yaml"
    write_private(file, json.dumps(wanted))  # JSON is YAML
    try:
        platform.run("apply", str(file))
    finally:
        file.unlink()


def _account(desk: System) -> int:
    organisation = ORGANISATIONS[ACCOUNT]
    for account in _rows(desk, "accounts", "list"):
        if account["organisation_id"] == organisation:
            return int(account["id"])
    made = desk.run_json("accounts", "create", ACCOUNT, "--organisation", organisation)
    return int(made["id"])


def _old_users(demo: Demo, desk: System, account_id: int) -> None:
    at = ("--account", str(account_id))
    there = {user["email"]: user for user in _rows(desk, "users", "list", *at)}
    for person in PEOPLE:
        if not person.old_role:
            continue
        if person.email not in there:
            options = ("--name", person.name, "--role", person.old_role, "--confirmed")
            desk.run(
                *("users", "create", person.email, *at, *options, "--password-stdin"),
                stdin=demo.password + "\n",
            )
        elif not there[person.email].get("linked"):
            desk.run(
                *("users", "set-password", person.email, *at, "--password-stdin"),
                stdin=demo.password + "\n",
            )


def _rows(desk: System, *arguments: str) -> list[dict[str, Any]]:
    rows = desk.run_json(*arguments)
    assert isinstance(rows, list)
    return rows
