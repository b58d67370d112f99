"""After a restore everything goes on: logins, sessions, the audit chain, numbers of accounts.

From PostgreSQL into SQLite: a backup of one fills the other (each into itself:
tests/live_agent/test_backup.py).
"""

from pathlib import Path

import pytest

from support.databases import Databases
from support.races import ORGANISATION, RACER, Scene, prepared
from support.servers import CommandFailed
from support.visitor import Visitor


async def signed_in(scene: Scene) -> Visitor:
    """A browser with a session of both systems."""
    visitor = scene.visitor()
    page = await visitor.get(f"{scene.pair.desk.url}/omniauth/cognigy")
    page = await visitor.submit(page, email=RACER, password=scene.password)
    assert page.url.path.endswith("/dashboard")
    return visitor


async def test_people_stay_signed_in_and_sign_in_again_after_a_restore(
    databases: Databases, tmp_path: Path
):
    scene = prepared(databases, "postgresql", tmp_path)
    platform, desk = scene.pair.platform, scene.pair.desk
    with scene.pair.running():
        browser = await signed_in(scene)
        platform.run("backup", "platform.backup")  # while the servers go on
        desk.run("backup", "desk.backup")
        events = platform.run_json("audit", "verify")["events"]
        desk.create_account("Made after the backup")
    for system, package in ((platform, "cognigy_ai"), (desk, "live_agent")):
        system.environment["DATABASE_URL"] = databases.fresh("sqlite", package)
    assert "In order" in platform.run("verify", "platform.backup")
    told = platform.run_json("restore", "platform.backup")
    assert (told["system"], told["rows"]["users"]) == ("cognigy_ai", 4)
    desk.run("restore", "desk.backup")
    with scene.pair.running():
        page = await browser.get(f"{desk.url}/")  # the session of before
        assert page.url.path.endswith("/dashboard"), page.url
        again = await signed_in(scene)
        await again.http.aclose()
        verdict = platform.run_json("audit", "verify")
        assert verdict["good"], verdict
        assert verdict["events"] >= events
        assert desk.create_account("The next one") == scene.account + 1
        assert [a["name"] for a in desk.run_json("accounts", "list")] == ["Acme", "The next one"]
        with pytest.raises(CommandFailed, match="not empty"):
            desk.run("restore", "desk.backup")
    await browser.http.aclose()
    assert ORGANISATION in platform.run("organisations", "list", "--json")
