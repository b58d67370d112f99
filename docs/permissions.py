"""docs/reference/permissions.md: who may do what, from the tables that the applications ask."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from writing import code, page, table, words

import cognigy_ai.routes
import live_agent.routes
from cognigy_ai.roles.rules import PERMISSIONS_OF_ROLE, ROLES, Permission
from kernel.web.api.application import ApiMount, permission_of, routes_of
from live_agent.agents.rules import ROLES as DESK_ROLES
from live_agent.agents.rules import Right

YES = "yes"
ABOUT = (
    "One table for each system, in code: `src/cognigy_ai/roles/rules.py` and "
    "`src/live_agent/agents/rules.py`. A route names what it needs (`ROUTES` in "
    "`src/<app>/routes.py`), and `tests/cognigy_ai/test_permissions.py` asks every route as "
    "everybody."
)
NOTES = (
    "Whoever may change people may not change somebody who has `admin`, nor give it, without "
    "`ADMINS_WRITE`. Nobody gives or takes a role that allows more than their own roles do: a "
    "userManager gives neither `fullSupportUser` nor `apiKeys`. The last admin of an organisation "
    "who can sign in stays one. Nothing of another organisation is visible with any role: it is "
    "answered as if it were not there. Roles that are not listed give no permission here."
)


def permissions_page() -> str:
    return page(
        "Permissions",
        ABOUT,
        "## Cognigy.AI",
        words(NOTES),
        _platform_table(),
        "### Where each is needed",
        _platform_places(),
        "## Live Agent",
        "Rights of several roles add up. Which role of the platform gives which role here is said "
        "by `COGNIGY_OAUTH_ROLE_MAP`.",
        _desk_table(),
        "### Addresses of Live Agent",
        _desk_places(),
    )


def _platform_table() -> str:
    roles = [role for role in ROLES if role in PERMISSIONS_OF_ROLE]
    rows = (
        (
            code(permission.name),
            words(permission.value),
            *(YES if permission in PERMISSIONS_OF_ROLE[role] else "" for role in roles),
        )
        for permission in Permission
    )
    return table(("permission", "what it allows", *(code(role) for role in roles)), rows)


def _platform_places() -> str:
    found: dict[str, list[str]] = {permission.name: [] for permission in Permission}
    for permission, place in _places(cognigy_ai.routes.ROUTES):
        found.setdefault(permission, []).append(place)
    rows = ((code(name), ", ".join(map(code, places))) for name, places in found.items() if places)
    return table(("permission", "addresses"), rows)


def _places(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, ApiMount):
            for path, operation in routes_of(route.api):
                methods = " ".join(sorted(operation.methods or ()))
                yield Permission(permission_of(operation)).name, f"{methods} {path}"
        permission = getattr(getattr(route, "guard", None), "permission", None)
        if permission is not None:
            yield permission.name, f"{' '.join(sorted(route.methods - {'HEAD'}))} {route.path}"


def _desk_table() -> str:
    rows: Iterable[Sequence[str]] = (
        (
            words(right.spec.area.value),
            words(right.spec.text),
            *(YES if role in right.spec.roles else "" for role in DESK_ROLES),
        )
        for right in Right
    )
    return table(("area", "right", *DESK_ROLES), rows)


def _desk_places() -> str:
    rows = (
        (
            code(type(route.guard).__name__),
            words(route.guard.right.spec.text) if hasattr(route.guard, "right") else "",
            code(f"{' '.join(sorted(route.methods - {'HEAD'}))} {route.path}"),
        )
        for route in live_agent.routes.ROUTES
        if getattr(route, "path", "").startswith("/app/") and hasattr(route, "guard")
    )
    return table(("guard", "right", "address"), dict.fromkeys(rows))
