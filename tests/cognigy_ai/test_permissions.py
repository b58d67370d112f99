"""Every route, asked by everybody: what the guard in ROUTES says is what the server does.

The expectation is made of the one permission table (`roles.rules.PERMISSIONS_OF_ROLE`) and of what
each route names; docs/reference/permissions.md is made of the same two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from cognigy_ai.api.caller import Needs, NeedsOperator
from cognigy_ai.api.platform_api import API
from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.guards import SIGNED_IN, PermittedGuard, SignedInGuard
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, permissions_of
from cognigy_ai.routes import ROUTES
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from kernel.web.api.application import routes_of
from kernel.web.site import Site
from support.platform import BASE, Platform

GLOBEX = "b" * 24
DAY = 86_400
PEOPLE = {
    "agent": ("liveAgentAgent",),
    "supervisor": ("liveAgentSupervisor",),
    "viewer": ("userDetailsViewer",),
    "manager": ("userManager",),
    "admin": ("admin",),
    "stranger": ("admin",),  # of another organisation
}
ANONYMOUS = "anonymous"
EVERYBODY = (ANONYMOUS, *PEOPLE)
REFUSED = "You do not have the permission for this"
FAILED = Problem.INTERNAL_ERROR.spec.title
BROWSER = "b" * 43
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"


@dataclass(frozen=True)
class Asked:
    """One method of one route."""

    method: str
    path: str
    guard: object

    @property
    def permission(self) -> Permission | None:
        return getattr(self.guard, "permission", None)


def pages() -> list[Asked]:
    return [
        Asked(method, route.path, route.guard)
        for route in ROUTES
        if isinstance(route, Route) and hasattr(route, "guard")
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def of_api() -> Iterator[tuple[str, str, Needs]]:
    for path, route in routes_of(API):
        for method in sorted(route.methods or ()):
            yield method, path, needs_of(route)


def needs_of(route: APIRoute) -> Needs:
    found = [one.call for one in route.dependant.dependencies if isinstance(one.call, Needs)]
    assert len(found) == 1, f"{route.path} does not say who may call it"
    return found[0]


@dataclass
class Town:
    """Acme with one person of each kind, and an admin of Globex."""

    platform: Platform
    people: dict[str, User]
    target: User

    def path_of(self, asked: Asked) -> str:
        known = {"user_id": self.target.id, "role": "liveAgentAgent", "kind": "csv"}
        return re.sub(r"{(\w+)(:\w+)?}", lambda m: known.get(m[1], "x" * 24), asked.path)

    async def ask(self, who: str, asked: Asked) -> httpx.Response:
        """In a session of its own: what one route does must not spoil the next."""
        site: Site = self.platform.app.state.site
        cookies = {site.cookies.name("browser"): BROWSER}
        secret = ""
        if who != ANONYMOUS:
            async with self.platform.database.transaction() as tx:
                secret, _ = await sessions.start(
                    tx, self.people[who].id, "pwd", DAY, "a test", self.platform.now
                )
            cookies[site.cookies.name("session")] = secret
        token = site.keyring.mac("csrf", f"{BROWSER}|{fingerprint(secret)}")
        async with self.platform.browser() as browser:
            sent = {"data": {"csrf_token": token}} if asked.method == "POST" else {}
            header = "; ".join(f"{name}={value}" for name, value in cookies.items())
            return await browser.request(
                asked.method,
                self.path_of(asked),
                headers={"cookie": header, "origin": BASE},
                **sent,
            )


@pytest.fixture
async def town(acme: Platform) -> Town:
    await acme.add_organisation(GLOBEX, "Globex")
    people = {
        name: await acme.add_user(
            f"{name}@acme.example",
            organisation=GLOBEX if name == "stranger" else "a" * 24,
            roles=roles,
        )
        for name, roles in PEOPLE.items()
    }
    # A second admin, so that the first one is not the last one.
    await acme.add_user("second@acme.example", roles=("admin",))
    target = await acme.add_user("target@acme.example", roles=("liveAgentAgent",))
    return Town(acme, people, target)


def is_sent_to_log_in(answer: httpx.Response) -> bool:
    to = answer.headers.get("location", "")
    return answer.status_code == 303 and (to == "/login" or to.startswith("/login?return_to="))


async def test_everybody_reaches_what_their_roles_allow_and_nothing_else(town: Town):
    wrong = []
    for asked in pages():
        for who in EVERYBODY:
            answer = await town.ask(who, asked)
            got = (
                "login"
                if is_sent_to_log_in(answer)
                else "refused"
                if answer.status_code == 403 and REFUSED in answer.text
                else "failed"
                if answer.status_code >= 500 and FAILED in answer.text
                else "reached"
            )
            if got not in expected(asked, who):
                wrong.append(f"{who} {asked.method} {asked.path}: {got}, {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def expected(asked: Asked, who: str) -> tuple[str, ...]:
    """Of guards that ask for nobody in particular only that they answer."""
    if asked.permission is None and not isinstance(asked.guard, SignedInGuard):
        return ("reached", "login")
    if who == ANONYMOUS:
        return ("login",)
    if asked.path == "/admin":  # leads to the first page that the roles allow, if there is one
        pages_of_it = permissions_of(PEOPLE[who]) - {Permission.API_KEYS_OWN}
        return ("reached",) if pages_of_it else ("refused",)
    if asked.permission is None or asked.permission in permissions_of(PEOPLE[who]):
        return ("reached",)
    return ("refused",)


async def test_what_belongs_to_another_organisation_is_as_absent_as_nothing(town: Town):
    of_somebody = [a for a in pages() if "{user_id}" in a.path]
    assert len(of_somebody) > 8
    for asked in of_somebody:
        answer = await town.ask("stranger", asked)
        assert answer.status_code == 404, f"{asked.method} {asked.path}: {answer.status_code}"
        assert town.target.email not in answer.text
        assert town.target.name not in answer.text


def test_every_page_of_the_admin_center_names_a_permission_and_a_form_one_to_change_something():
    for asked in pages():
        if not asked.path.startswith("/admin/"):
            continue
        if asked.guard is SIGNED_IN:  # an address that leads on to a guarded one
            assert asked.method == "GET"
            continue
        assert isinstance(asked.guard, PermittedGuard) or asked.permission is not None
        if asked.method == "POST":
            assert asked.permission is not None
            assert not asked.permission.name.endswith("_READ"), asked.path


async def test_the_json_api_does_what_it_names(town: Town):
    platform, wrong = town.platform, []
    for who in PEOPLE:
        roles = (*PEOPLE[who], "apiKeys")
        owner = await platform.add_user(
            f"key.{who}@acme.example",
            organisation=GLOBEX if who == "stranger" else "a" * 24,
            roles=roles,
        )
        async with platform.database.transaction() as tx:
            key = await api_keys.create(tx, owner, "a key", platform.now + DAY, platform.now)
        async with platform.browser() as program:
            for method, path, needs in of_api():
                answer = await program.request(
                    method,
                    re.sub(r"{\w+}", town.target.id, path),
                    headers={"x-api-key": key.secret, "accept": "application/json"},
                )
                allowed = needs.permission in permissions_of(roles) and not isinstance(
                    needs, NeedsOperator
                )
                expected = (answer.status_code != 403) is allowed
                if allowed and who == "stranger" and "{" in path:
                    expected = answer.status_code in (400, 404)
                if not expected or answer.status_code >= 500:
                    wrong.append(f"{who} {method} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_each_route_needs_is_what_was_decided():
    """A guard that is changed shows here: the page is committed, and read when it changes."""
    told = REFERENCE.read_text()
    decided = {
        row.split(" | ")[0].strip("|` "): row
        for row in told.splitlines()
        if row.startswith("| `") and ("GET /" in row or "POST /" in row)
    }
    for asked in pages():
        if asked.permission is not None:
            assert f"{asked.method} {asked.path}`" in decided[asked.permission.name], asked.path
    for method, path, needs in of_api():
        assert f"{method} {path}`" in decided[needs.permission.name], path


async def test_nobody_asks_the_json_api_without_a_credential(town: Town):
    async with town.platform.browser() as program:
        for method, path, _ in of_api():
            answer = await program.request(method, path, headers={"accept": "application/json"})
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
