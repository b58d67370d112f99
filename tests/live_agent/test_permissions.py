"""Every address of Live Agent, asked by everybody: what `ROUTES` says is what the server does."""

import re
from dataclasses import dataclass

import httpx
import pytest
from starlette.routing import Route

from kernel.web.api.application import ApiMount, permission_of, routes_of
from live_agent.agents.rules import rights_of
from live_agent.guards import RightGuard, SignedInGuard
from live_agent.routes import ROUTES
from support.office import BASE, Office

GLOBEX = "b" * 24
PEOPLE = {
    "agent": ("agent",),
    "supervisor": ("supervisor",),
    "administrator": ("administrator",),
    "stranger": ("administrator",),  # of another account
}
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Asked:
    """One method of one route."""

    method: str
    path: str
    guard: object


def pages() -> list[Asked]:
    return [
        Asked(method, route.path, route.guard)
        for route in ROUTES
        if isinstance(route, Route) and hasattr(route, "guard")
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


async def browser_of(office: Office, who: str) -> httpx.AsyncClient:
    """In a session of its own: what one route does must not spoil the next."""
    if who == ANONYMOUS:
        return office.browser()
    organisation = {"organisation": GLOBEX} if who == "stranger" else {}
    return await office.signed_in_browser(
        subject=who, email=f"{who}@acme.example", roles=PEOPLE[who], **organisation
    )


async def ask(office: Office, who: str, asked: Asked) -> httpx.Response:
    known = {"account_id": str(office.account.id)}
    path = re.sub(r"{(\w+)(:\w+)?}", lambda m: known.get(m[1], "ABCDEFGHIJKL"), asked.path)
    async with await browser_of(office, who) as browser:
        # A live connection answers at once to whoever may not have it, and else stays open.
        if path.endswith("/stream") and who in ("agent", "supervisor", "administrator"):
            return httpx.Response(200)
        return await browser.request(
            asked.method, path, headers={"origin": BASE, "sec-fetch-site": "same-origin"}
        )


@pytest.fixture
async def town(office: Office) -> Office:
    await office.add_account("Globex", GLOBEX)
    return office


def is_sent_to_log_in(answer: httpx.Response) -> bool:
    to = answer.headers.get("location", "")
    return answer.status_code == 303 and (to == "/login" or to.startswith("/login?return_to="))


async def test_signed_in_pages_are_for_whoever_is_signed_in(town: Office):
    wrong = []
    for asked in pages():
        if not isinstance(asked.guard, SignedInGuard):
            continue
        for who in (ANONYMOUS, *PEOPLE):
            answer = await ask(town, who, asked)
            if asked.method == "POST":  # no form of ours: nobody gets as far as the deed
                refused = answer.status_code in (400, 403) and who == ANONYMOUS
            else:
                told = asked.path.endswith("/stream") and answer.status_code == 403
                refused = is_sent_to_log_in(answer) or told
            if refused is not (who == ANONYMOUS) or answer.status_code >= 500:
                wrong.append(f"{who} {asked.method} {asked.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_a_page_that_names_a_right_is_for_whoever_has_it(town: Office):
    of_rights = [asked for asked in pages() if isinstance(asked.guard, RightGuard)]
    assert of_rights
    wrong = []
    for asked in of_rights:
        if asked.method != "GET":
            continue  # no form of ours: nobody gets as far as the right
        for who, roles in PEOPLE.items():
            if who == "stranger":
                continue
            answer = await ask(town, who, asked)
            refused = answer.status_code == 403 and "Your roles do not allow this" in answer.text
            if refused is (asked.guard.right in rights_of(roles)):
                wrong.append(f"{who} {asked.method} {asked.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_page_of_the_settings_names_a_right():
    of_settings = [asked for asked in pages() if "/settings/" in asked.path]
    assert of_settings
    for asked in of_settings:
        assert isinstance(asked.guard, RightGuard), asked.path


async def test_an_account_is_not_there_for_people_of_another_one(town: Office):
    of_account = [a for a in pages() if "{account_id" in a.path and a.method == "GET"]
    assert len(of_account) >= 3
    for asked in of_account:
        answer = await ask(town, "stranger", asked)
        assert answer.status_code == 404, f"{asked.path}: {answer.status_code}"
        assert "Acme" not in answer.text


async def test_everything_else_answers_everybody_and_nothing_fails(town: Office):
    for asked in pages():
        if isinstance(asked.guard, SignedInGuard):
            continue
        for who in (ANONYMOUS, "agent"):
            answer = await ask(town, who, asked)
            unexpected = answer.status_code == 500 and "Something went wrong" in answer.text
            assert not unexpected, f"{who} {asked.method} {asked.path}"


async def test_the_platform_api_is_nobodys_without_the_platform_token(town: Office):
    """No session of a person opens it, whatever their role."""
    mount = next(route for route in ROUTES if isinstance(route, ApiMount))
    operations = list(routes_of(mount.api))
    assert len(operations) >= 9
    for path, route in operations:
        assert permission_of(route), path
        for method in sorted(route.methods or ()):
            for who in (ANONYMOUS, "administrator"):
                async with await browser_of(town, who) as browser:
                    answer = await browser.request(method, re.sub(r"{\w+}", "1", path))
                assert answer.status_code in (401, 503), f"{who} {method} {path}"
