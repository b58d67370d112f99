"""`cognigy-ai users`: give and take roles, disable, enable, end sessions and two-step login."""

import typer

from cognigy_ai.cli.means import Means
from cognigy_ai.cli.people import Json, Roles, Where, Who, do_to, say
from cognigy_ai.db import features
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration
from cognigy_ai.users.rules import User
from kernel.db import Tx

commands = typer.Typer()


@commands.command("set-roles")
def set_roles(who: Who, role: Roles, organisation: Where = None, json: Json = False) -> None:
    """Give exactly these roles; the others are taken away."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        return await users.set_roles(tx, user.id, tuple(role), means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "The roles are changed.", "The roles were so already.", json=json)


@commands.command("add-role")
def add_role(who: Who, role: str, organisation: Where = None, json: Json = False) -> None:
    """Give one role; the others stay."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        return await users.add_role(tx, user.id, role, means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, f"{role} is given.", f"The user has {role} already.", json=json)


@commands.command("remove-role")
def remove_role(who: Who, role: str, organisation: Where = None, json: Json = False) -> None:
    """Take one role away; the others stay."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        users.check_roles((role,))
        return await administration.take(tx, administration.OPERATOR, user.id, role, means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, f"{role} is taken away.", f"The user does not have {role}.", json=json)


@commands.command("disable")
def disable(who: Who, organisation: Where = None, json: Json = False) -> None:
    """End all access of a user."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        return await users.disable(tx, user.id, means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Disabled.", "The user was disabled already.", json=json)


@commands.command("enable")
def enable(who: Who, organisation: Where = None, json: Json = False) -> None:
    """Let a disabled user log in again."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        return await users.enable(tx, user.id, means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Enabled.", "The user was not disabled.", json=json)


@commands.command("end-sessions")
def end_sessions(who: Who, organisation: Where = None, json: Json = False) -> None:
    """Sign a person out everywhere and revoke their API keys; signing in again is possible."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        await users.end_access(tx, user.id, means.now)
        return True

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Signed out everywhere; API keys are revoked.", "", json=json)


@commands.command("reset-two-step")
def reset_two_step(who: Who, organisation: Where = None, json: Json = False) -> None:
    """Turn two-step login off for a person who lost the telephone and the recovery codes."""

    async def deed(means: Means, tx: Tx, user: User) -> bool:
        outbox = features.outbox(means.keyring)
        return await second_factors.reset(tx, outbox, user, means.now)

    user, changed = do_to(who, organisation, deed)
    say(user, changed, "Two-step login is off.", "The user has no two-step login.", json=json)
