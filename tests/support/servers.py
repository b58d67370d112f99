"""The two systems as programs of their own: command lines and servers on loopback sockets.

    pair = pair_of(platform_database, desk_database, tmp_path)      # of `databases.fresh`
    pair.platform.apply(organisations=[...], users=[...])
    pair.desk.create_account("Acme", organisation)
    with pair.running():
        ...                                  # pair.platform.url, pair.desk.url, pair.desk.events()

`running(replicas=2)` starts two processes of each system with the same public address, as behind a
load balancer: `system.servers[1].address` is where the second one listens.
"""

import contextlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.postgres import free_port
from support.programs import CommandFailed, Server, System, running

__all__ = ["CLIENT_ID", "CommandFailed", "Desk", "Pair", "Platform", "Server", "pair_of", "running"]

CLIENT_ID = "cognigy-live-agent"


class Platform(System):
    """Cognigy.AI."""

    command = "cognigy-ai"

    def __init__(self, database_url: str, folder: Path, port: int = 0, **environment: str) -> None:
        port = port or free_port()
        own = {"BACKEND_BASE_URL_WITH_PROTOCOL": f"http://127.0.0.1:{port}"}
        super().__init__(database_url, folder, port, own | environment)

    def apply(
        self,
        *,
        organisations: Sequence[dict[str, Any]] = (),
        users: Sequence[dict[str, Any]] = (),
        clients: Sequence[dict[str, Any]] = (),
    ) -> None:
        """`cognigy-ai apply`: rows as its YAML file has them."""
        wanted = {
            "organisations": list(organisations),
            "users": list(users),
            "clients": list(clients),
        }
        file = self.folder / "apply.yaml"
        file.write_text(json.dumps(wanted))  # JSON is YAML
        self.run("apply", str(file))


class Desk(System):
    """Live Agent. Everything about its provider is in the environment."""

    command = "live-agent"

    def __init__(self, database_url: str, folder: Path, port: int = 0, **environment: str) -> None:
        port = port or free_port()
        own = {"FRONTEND_URL": f"http://127.0.0.1:{port}"}
        super().__init__(database_url, folder, port, own | environment)

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}/omniauth/cognigy/callback"

    def create_account(self, name: str, organisation: str | None = None) -> int:
        """`live-agent accounts create`; the account's number."""
        mapped = ("--organisation", organisation) if organisation else ()
        return int(self.run_json("accounts", "create", name, *mapped)["id"])

    def create_old_user(
        self,
        email: str,
        account: int,
        password: str,
        *,
        name: str = "Old User",
        role: str = "agent",
    ) -> None:
        """A confirmed user with a password of Live Agent's own."""
        whose = ("--account", str(account), "--name", name, "--role", role)
        self.run(
            *("users", "create", email, *whose, "--confirmed", "--password-stdin"),
            stdin=password + "\n",
        )

    def users(self, account: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run_json("users", "list", "--account", str(account))
        return found


@dataclass(frozen=True)
class Pair:
    """A platform and a desk that know each other."""

    platform: Platform
    desk: Desk

    @contextlib.contextmanager
    def running(self, replicas: int = 1) -> Iterator[None]:
        """Both with so many servers each, until the block is left."""
        with running(self.platform, self.desk, replicas=replicas):
            yield


def pair_of(platform_database: str, desk_database: str, folder: Path) -> Pair:
    """Both systems on migrated databases, set up for each other as an operator would."""
    platform_port, desk_port = free_port(), free_port()
    client_secret, platform_token = secrets.token_hex(32), secrets.token_hex(32)
    platform_url = f"http://127.0.0.1:{platform_port}"
    desk_url = f"http://127.0.0.1:{desk_port}"
    platform = Platform(
        platform_database,
        folder,
        platform_port,
        FEATURE_USE_COGNIGY_LIVE_AGENT="true",
        CLIENT_ID_COGNIGY_LIVE_AGENT=CLIENT_ID,
        CLIENT_SECRET_COGNIGY_LIVE_AGENT=client_secret,
        REDIRECT_URI_COGNIGY_LIVE_AGENT=f"{desk_url}/omniauth/cognigy/callback",
        COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL=desk_url,
        COGNIGY_LIVE_AGENT_PLATFORM_TOKEN=platform_token,
    )
    desk = Desk(
        desk_database,
        folder,
        desk_port,
        COGNIGY_OAUTH_CLIENT_ID=CLIENT_ID,
        COGNIGY_OAUTH_CLIENT_SECRET=client_secret,
        COGNIGY_OAUTH_SITE=platform_url,
        COGNIGY_OAUTH_AUTHORIZE_URL=f"{platform_url}/login?cognigy-live-agent=true",
        COGNIGY_OAUTH_TOKEN_URL=f"{platform_url}/auth/oauth2/token",
        COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL=platform_url,
        COGNIGY_PLATFORM_APP_TOKEN=platform_token,
    )
    return Pair(platform, desk)
