"""`cognigy-ai roles`: the global roles, and what each allows."""

from typing import Annotated

import typer

from cognigy_ai.cli.means import words_of
from cognigy_ai.roles import actions as roles
from cognigy_ai.roles import rules
from cognigy_ai.roles.rules import Permission
from kernel.cli import fail, print_json, print_table
from kernel.problems import ProblemError

commands = typer.Typer(help="Global roles and their permissions.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
NONE = "no page of the platform beside one's own"


@commands.command("list")
def list_(json: Json = False) -> None:
    """All roles, with what each is for and allows."""
    found = [_as_json(role) for role in rules.ROLES]
    if json:
        print_json(found)
        return
    rows = [(one["role"], one["meaning"], "\n".join(_names(str(one["role"])))) for one in found]
    print_table("Roles", ("Role", "Meaning", "Permissions"), rows)


@commands.command("show")
def show(role: str, json: Json = False) -> None:
    """One role, with its permissions in words."""
    try:
        roles.check_known((role,))
    except ProblemError as error:
        fail(words_of(error))
    if json:
        print_json(_as_json(role))
        return
    allowed = rules.permissions_of((role,))
    rows = [(one.name.lower(), one.value) for one in Permission if one in allowed]
    print_table(f"{role}: {rules.ROLES[role]}", ("Permission", "Allows"), rows, f"{role}: {NONE}.")


def _as_json(role: str) -> dict[str, object]:
    return {
        "role": role,
        "meaning": rules.ROLES[role],
        "live_agent": role in rules.LIVE_AGENT_ROLES,
        "permissions": _names(role),
    }


def _names(role: str) -> list[str]:
    allowed = rules.permissions_of((role,))
    return [permission.name.lower() for permission in Permission if permission in allowed]
