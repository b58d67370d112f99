"""POST /omniauth/cognigy/events: what a pushed security event token does, and which are refused."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from kernel import jose
from live_agent.db import tables
from live_agent.signals import actions as signals
from support.event_tokens import (
    CAEP,
    MEDIA_TYPE,
    RISC,
    claims_of,
    organisation,
    push,
    session_of,
    signed,
    tell,
)
from support.oauth_desk import Desk, log_in
from support.provider import (
    ABSENT,
    CLIENT_ID,
    ORGANISATION,
    SUBJECT,
    Provider,
    without_absent,
)


async def is_in(desk: Desk, browser: httpx.AsyncClient) -> bool:
    return (await browser.get(desk.dashboard)).status_code == 200


async def user(desk: Desk) -> Any:
    return await desk.database.one(select(tables.users).where(tables.users.c.subject == SUBJECT))


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (CAEP + "session-revoked", {"access_revision": 2}),
        (CAEP + "session-revoked", {}),
        (CAEP + "token-claims-change", {"access_revision": 2, "claims": {"roles": []}}),
        (CAEP + "token-claims-change", {"access_revision": 2, "claims": {"roles": ["admon"]}}),
        (RISC + "account-disabled", {"access_revision": 2}),
        (RISC + "account-purged", {"access_revision": 2}),
    ],
    ids=["revoked", "revoked without revision", "no roles", "no role known", "disabled", "purged"],
)
async def test_access_that_is_taken_away_ends_at_once(
    desk: Desk, browser: httpx.AsyncClient, kind: str, event: dict[str, Any]
):
    """Lesson 41."""
    await log_in(desk, browser)
    assert await is_in(desk, browser)
    await tell(desk, kind, **event)
    assert not await is_in(desk, browser)


async def test_a_session_whose_roles_changed_goes_on_with_the_new_rights(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await tell(
        desk,
        CAEP + "token-claims-change",
        access_revision=2,
        claims={"roles": ["liveAgentSupervisor"], "name": "Ada King", "email": "king@acme.example"},
    )
    page = await browser.get(desk.dashboard)
    assert page.status_code == 200
    assert "Supervisor" in page.text
    assert "Ada King" in page.text
    row = await user(desk)
    assert (row["roles"], row["email"], row["access_revision"]) == (
        "supervisor",
        "king@acme.example",
        2,
    )


async def test_only_the_session_that_ended_at_the_platform_ends(desk: Desk):
    first, second = desk.browser(), desk.browser()
    await log_in(desk, first)
    desk.provider.person["sid"] = "sid-2"
    await log_in(desk, second)
    await tell(desk, CAEP + "session-revoked", session_of(desk.provider.url, SUBJECT, "sid-1"))
    assert not await is_in(desk, first)
    assert await is_in(desk, second)


async def test_a_revocation_of_an_organisation_ends_everybody_who_logged_in_there(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await tell(desk, CAEP + "session-revoked", organisation("65f0cccccccccccccccccccc"))
    await tell(desk, RISC + "account-enabled", organisation(ORGANISATION))
    assert await is_in(desk, browser)
    await tell(desk, CAEP + "session-revoked", organisation(ORGANISATION))
    assert not await is_in(desk, browser)


async def test_a_session_begun_after_the_change_stays_however_late_the_signal_comes(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.person["access_revision"] = 2
    await log_in(desk, browser)
    await tell(desk, CAEP + "session-revoked", access_revision=2)
    assert await is_in(desk, browser)


async def test_an_older_signal_undoes_nothing(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    await tell(
        desk, CAEP + "token-claims-change", access_revision=5, claims={"roles": ["liveAgentAdmin"]}
    )
    await tell(
        desk, CAEP + "token-claims-change", access_revision=4, claims={"roles": ["liveAgentAgent"]}
    )
    await tell(desk, RISC + "account-disabled", access_revision=3)
    assert await is_in(desk, browser)
    assert (await user(desk))["roles"] == "administrator"


async def test_a_login_with_an_id_token_from_before_a_signal_starts_again_once_and_then_says_why(
    desk: Desk, browser: httpx.AsyncClient
):
    """Also for somebody who never logged in before (DESIGN section 3 rule 6)."""
    await tell(desk, RISC + "account-disabled", access_revision=7)
    answer = await log_in(desk, browser)
    assert answer.headers["location"].startswith(desk.provider.url)
    again = await browser.get(desk.provider.log_in(answer.headers["location"]))
    assert again.headers["location"].startswith("/login/failed/")
    assert desk.refusal()["problem"] == "access_ended"
    desk.provider.person["access_revision"] = 8
    await log_in(desk, browser)
    assert await is_in(desk, browser)


async def test_the_same_token_is_applied_once_and_acknowledged_twice(
    desk: Desk, browser: httpx.AsyncClient
):
    token = signed(desk.provider.key, claims_of(desk))
    assert (await push(desk, token)).status_code == 202
    desk.clock.advance(1)
    await log_in(desk, browser)
    assert (await push(desk, token)).status_code == 202
    assert await is_in(desk, browser)


async def test_a_new_address_that_a_colleague_holds_is_not_taken_over(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 2: the change of an address at the provider gives nobody another's account."""
    await log_in(desk, browser)
    desk.provider.person |= {"sub": "another", "email": "grace@acme.example"}
    await log_in(desk, desk.browser())
    await tell(
        desk,
        CAEP + "token-claims-change",
        access_revision=2,
        claims={"roles": ["liveAgentAgent"], "email": "GRACE@acme.example"},
    )
    assert (await user(desk))["email"] == "ada@acme.example"
    conflicts = await desk.database.all(select(tables.conflicts))
    assert [row["kind"] for row in conflicts] == ["address_held"]


async def test_somebody_deleted_cannot_come_back_and_is_erased_later(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await tell(desk, RISC + "account-purged", access_revision=2)
    row = await user(desk)
    assert row["disabled_at"] == row["purged_at"] == desk.clock.now()
    assert row["erase_at"] == desk.clock.now() + 30 * 86_400
    desk.provider.person["access_revision"] = 3
    await log_in(desk, browser)
    assert desk.refusal()["problem"] == "user_disabled"
    assert await signals.erase_due(desk.database, desk.clock.now()) == 0
    desk.clock.advance(30 * 86_400)
    assert await signals.erase_due(desk.database, desk.clock.now()) == 1
    assert await signals.erase_due(desk.database, desk.clock.now()) == 0
    row = await user(desk)
    assert (row["name"], row["email"], row["locale"]) == ("Deleted user", "", "")
    left = await desk.database.one(select(tables.sessions))
    assert left is not None
    assert (left["user_agent"], left["sealed_tokens"]) == ("", None)


async def test_an_event_that_means_nothing_here_is_acknowledged(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await tell(desk, "https://schemas.openid.net/secevent/risc/event-type/opt-out")
    await tell(desk, CAEP + "credential-change", change_type="update", credential_type="password")
    assert await is_in(desk, browser)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"iss": "https://evil.example"}, "invalid_issuer"),
        ({"iss": ABSENT}, "invalid_issuer"),
        ({"aud": "somebody-else"}, "invalid_audience"),
        ({"aud": ABSENT}, "invalid_audience"),
        ({"aud": [CLIENT_ID + "x"]}, "invalid_audience"),
        ({"iat": ABSENT}, "invalid_request"),
        ({"iat": "now"}, "invalid_request"),
        ({"iat": True}, "invalid_request"),
        ({"iat": 1}, "invalid_request"),
        ({"jti": ABSENT}, "invalid_request"),
        ({"jti": ""}, "invalid_request"),
        ({"jti": 7}, "invalid_request"),
        ({"jti": "a\0b"}, "invalid_request"),
        ({"jti": "j" * 256}, "invalid_request"),
        ({"nonce": "n"}, "invalid_request"),
        ({"exp": 2_000_000_000}, "invalid_request"),
        ({"events": ABSENT}, "invalid_request"),
        ({"events": {}}, "invalid_request"),
        ({"events": [CAEP + "session-revoked"]}, "invalid_request"),
        ({"events": {CAEP + "session-revoked": "yes"}}, "invalid_request"),
        ({"events": {CAEP + "session-revoked": {}, RISC + "opt-out": {}}}, "invalid_request"),
        ({"sub_id": ABSENT}, "invalid_request"),
        ({"sub_id": {"format": "email", "email": "ada@acme.example"}}, "invalid_request"),
        (
            {"sub_id": {"format": "iss_sub", "iss": "https://x.example", "sub": SUBJECT}},
            "invalid_request",
        ),
        (
            {"sub_id": {"format": "complex", "session": {"format": "opaque", "id": "sid-1"}}},
            "invalid_request",
        ),
        (
            {
                "sub_id": {
                    "format": "complex",
                    "user": {"format": "iss_sub", "iss": "https://x.example", "sub": SUBJECT},
                    "tenant": {"format": "opaque", "id": ORGANISATION},
                }
            },
            "invalid_request",
        ),
    ],
    ids=list("abcdefghijklmnopqrstuvwxyz"),
)
async def test_a_token_that_is_wrong_in_one_thing_changes_nothing(
    desk: Desk, browser: httpx.AsyncClient, changes: dict[str, Any], fault: str
):
    """Lesson 44; each starts from a token that would end the session."""
    await log_in(desk, browser)
    token = signed(desk.provider.key, without_absent(claims_of(desk) | changes))
    answer = await push(desk, token)
    assert answer.status_code == 400
    assert answer.json()["err"] == fault
    assert answer.headers["content-language"] == "en"
    assert await is_in(desk, browser)


async def test_the_future_is_not_believed(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    claims = claims_of(desk)
    claims["iat"] += 31 * 24 * 3600
    assert (await push(desk, signed(desk.provider.key, claims))).json()["err"] == "invalid_request"
    assert await is_in(desk, browser)


async def test_while_the_clock_here_is_behind_an_event_is_kept_by_whoever_sends_it(
    desk: Desk, browser: httpx.AsyncClient
):
    """An answer of RFC 8935 would end the matter, and the person would stay in for good."""
    await log_in(desk, browser)
    claims = claims_of(desk, access_revision=2)
    claims["iat"] += 300
    token = signed(desk.provider.key, claims)
    early = await push(desk, token)
    assert (early.status_code, early.content) == (503, b"")
    assert int(early.headers["retry-after"]) > 0
    assert await is_in(desk, browser)
    desk.clock.advance(240)
    assert (await push(desk, token)).status_code == 202
    assert not await is_in(desk, browser)


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "at+jwt", ""])
async def test_a_token_of_another_kind_is_no_event(
    desk: Desk, browser: httpx.AsyncClient, typ: str
):
    """RFC 8725 section 3.11: an ID token or a logout token is never taken for an event."""
    await log_in(desk, browser)
    answer = await push(desk, signed(desk.provider.key, claims_of(desk), typ))
    assert answer.json()["err"] == "invalid_request"
    assert await is_in(desk, browser)


async def test_a_token_of_a_stranger_is_refused(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    stranger = jose.new_key("ES256")
    answer = await push(desk, signed(stranger, claims_of(desk)))
    assert answer.json()["err"] == "invalid_key"
    header, _, signature = signed(desk.provider.key, claims_of(desk)).split(".")
    forged = signed(stranger, claims_of(desk)).split(".")[1]
    answer = await push(desk, f"{header}.{forged}.{signature}")
    assert answer.json()["err"] == "authentication_failed"
    assert await is_in(desk, browser)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ("", MEDIA_TYPE),
        ("not a token", MEDIA_TYPE),
        ("é", MEDIA_TYPE),
        ("a.b.c", MEDIA_TYPE),
        ("x" * 70_000, MEDIA_TYPE),
        ("a.b.c", "application/json"),
    ],
    ids=["empty", "words", "not ascii", "three parts", "too long", "another type"],
)
async def test_what_is_no_token_is_an_invalid_request(desk: Desk, body: str, media_type: str):
    answer = await push(desk, body, media_type)
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")


async def test_without_the_keys_nothing_is_judged_and_the_sender_keeps_the_token(
    desk: Desk, provider: Provider
):
    from starlette.responses import Response

    provider.answers["/jwks"] = lambda: Response(status_code=500)
    answer = await push(desk, signed(desk.provider.key, claims_of(desk)))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
