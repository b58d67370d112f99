"""`cognigy-ai clients`: create, list, show, rotate, disable, enable."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cognigy_ai.cli.means import Means, do
from cognigy_ai.clients import actions as clients
from cognigy_ai.clients import rules, secret_uses
from cognigy_ai.clients.rules import Client
from cognigy_ai.clients.secret_uses import SecretUse
from cognigy_ai.problems import Problem
from kernel.cli import print_json, print_line, print_table
from kernel.clock import utc_text
from kernel.opaque import fingerprint, new_secret
from kernel.problems import ProblemError

commands = typer.Typer(help="Registered OAuth clients.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
SecretStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="Read the secret from standard input.")
]
SHORTEST_SECRET = 24


@commands.command("create")
def create(
    client_id: str,
    name: Annotated[str, typer.Option("--name", help="What people read.")],
    redirect_uri: Annotated[
        list[str], typer.Option("--redirect-uri", help="Compared exactly; may be repeated.")
    ] = [],
    post_logout_redirect_uri: Annotated[
        list[str], typer.Option("--post-logout-redirect-uri", help="May be repeated.")
    ] = [],
    backchannel_logout_uri: Annotated[str | None, typer.Option()] = None,
    auth_method: Annotated[
        str, typer.Option(help=", ".join(rules.AUTH_METHODS))
    ] = "client_secret_basic",
    scope: Annotated[list[str], typer.Option("--scope", help="Default: all.")] = list(rules.SCOPES),
    grant_type: Annotated[list[str], typer.Option("--grant-type", help="May be repeated.")] = [
        "authorization_code",
        "refresh_token",
    ],
    pkce: Annotated[str, typer.Option(help=", ".join(rules.PKCE))] = "required",
    consent: Annotated[str, typer.Option(help=", ".join(rules.CONSENT))] = "ask",
    id_token_alg: Annotated[str, typer.Option(help=", ".join(rules.ID_TOKEN_ALGS))] = "RS256",  # noqa: S107 - an algorithm
    grant_lifetime: Annotated[int, typer.Option(help="Seconds.")] = rules.TWO_WEEKS,
    secret_stdin: SecretStdin = False,
    json: Json = False,
) -> None:
    """Register a client. Its secret is printed once and stored as a hash only."""
    client = Client(
        client_id=client_id,
        name=name,
        auth_method=auth_method,
        redirect_uris=tuple(redirect_uri),
        post_logout_redirect_uris=tuple(post_logout_redirect_uri),
        backchannel_logout_uri=backchannel_logout_uri,
        scopes=tuple(scope),
        grant_types=tuple(grant_type),
        id_token_alg=id_token_alg,
        pkce=pkce,
        consent=consent,
        grant_lifetime=grant_lifetime,
    )
    secret = "" if auth_method == "none" else _secret(secret_stdin)

    async def work(means: Means) -> None:
        check_not_live_agent(means, client_id)
        async with means.database.transaction() as tx:
            await clients.register(tx, client, fingerprint(secret) if secret else None, means.now)

    do(work)
    _print_secret(client_id, secret, typed=secret_stdin, json=json)


@commands.command("list")
def list_(json: Json = False) -> None:
    """All clients; Live Agent's comes from the environment."""

    async def work(means: Means) -> list[Client]:
        return await clients.list_(means.database, means.settings)

    found = do(work)
    if json:
        print_json([as_json(client) for client in found])
        return
    rows = [(c.client_id, c.name, c.auth_method, "disabled" if c.disabled else "") for c in found]
    print_table("Clients", ("Client id", "Name", "Authentication", "State"), rows)


@commands.command("show")
def show(client_id: str, json: Json = False) -> None:
    """One client; never its secret."""

    async def work(means: Means) -> tuple[Client, list[SecretUse]]:
        found = await clients.find_registered(means.database, means.settings, client_id)
        client = found or await clients.get(means.database, client_id)
        return client, await secret_uses.uses_of(means.database, client)

    client, uses = do(work)
    shown = as_json(client) | {"secrets": [asdict(use) for use in uses]}
    if json:
        print_json(shown)
        return
    shown["secrets"] = [_use_in_words(use) for use in uses]
    rows = [(k, "\n".join(v) if isinstance(v, list) else v) for k, v in shown.items()]
    print_table(client_id, ("Field", "Value"), rows)


@commands.command("rotate")
def rotate(
    client_id: str,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The secret leaked: the old one ends now.")
    ] = False,
    secret_stdin: SecretStdin = False,
    json: Json = False,
) -> None:
    """Print a new secret; the one before stays valid until the next rotation."""
    secret = _secret(secret_stdin)

    async def work(means: Means) -> None:
        check_not_live_agent(means, client_id)
        made = fingerprint(secret)
        async with means.database.transaction() as tx:
            await clients.rotate_secret(tx, client_id, made, means.now, keep_previous=not at_once)

    do(work)
    _print_secret(client_id, secret, typed=secret_stdin, json=json)


@commands.command("disable")
def disable(client_id: str, json: Json = False) -> None:
    """Nothing is issued to the client any more."""

    async def work(means: Means) -> bool:
        check_not_live_agent(means, client_id)
        async with means.database.transaction() as tx:
            return await clients.disable(tx, client_id, means.now)

    _say(client_id, do(work), "Disabled.", "The client was disabled already.", json=json)


@commands.command("enable")
def enable(client_id: str, json: Json = False) -> None:
    """The client may be used again."""

    async def work(means: Means) -> bool:
        check_not_live_agent(means, client_id)
        async with means.database.transaction() as tx:
            return await clients.enable(tx, client_id, means.now)

    _say(client_id, do(work), "Enabled.", "The client was not disabled.", json=json)


def check_not_live_agent(means: Means, client_id: str) -> None:
    """The environment's client is changed there; a row of the same id would never be read."""
    live_agent = clients.live_agent_client(means.settings)
    if live_agent is not None and live_agent.client_id == client_id:
        raise ProblemError(
            Problem.CLIENT_INVALID,
            client_id=client_id,
            fault_text="it is set by CLIENT_ID_COGNIGY_LIVE_AGENT and the keys beside it",
        )


def as_json(client: Client) -> dict[str, object]:
    """A client as `--json` prints it: everything but the secrets."""
    values = asdict(client)
    del values["secret_fingerprints"]
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _use_in_words(use: SecretUse) -> str:
    last = "not used yet" if use.last_used_at is None else f"last {utc_text(use.last_used_at)}"
    return f"{use.id} ({use.valid_as}): {use.uses} uses, {last}"


def _say(client_id: str, changed: bool, done: str, was_so: str, *, json: bool) -> None:
    if json:
        print_json({"client_id": client_id, "changed": changed})
    else:
        print_line(done if changed else was_so)


def _secret(from_stdin: bool) -> str:
    if not from_stdin:
        return new_secret("cs_")
    typed = sys.stdin.readline().rstrip("\r\n")
    if len(typed) < SHORTEST_SECRET:
        raise typer.BadParameter(f"a secret has at least {SHORTEST_SECRET} characters")
    return typed


def _print_secret(client_id: str, secret: str, *, typed: bool, json: bool) -> None:
    if json:
        print_json({"client_id": client_id, "client_secret": None if typed else secret or None})
    elif secret and not typed:
        print_line(secret)
    else:
        print_line("Done.")
