"""Security event tokens and logout tokens as a platform signs them."""

from typing import Any

import httpx

from kernel import jose
from kernel.jose import SigningKey
from kernel.opaque import new_id
from support.oauth_desk import Desk
from support.provider import CLIENT_ID, SUBJECT

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
EVENTS = "/omniauth/cognigy/events"
MEDIA_TYPE = "application/secevent+jwt"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def person(issuer: str, subject: str) -> dict[str, str]:
    return {"format": "iss_sub", "iss": issuer, "sub": subject}


def session_of(issuer: str, subject: str, sid: str) -> dict[str, Any]:
    session = {"format": "opaque", "id": sid}
    return {"format": "complex", "user": person(issuer, subject), "session": session}


def organisation(name: str) -> dict[str, Any]:
    return {"format": "complex", "tenant": {"format": "opaque", "id": name}}


def event_claims(
    issuer: str, audience: str, now: int, sub_id: Any, kind: str, **event: Any
) -> dict[str, Any]:
    """The claims of one event; a test changes one of them."""
    return {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "jti": new_id("ev_"),
        "sub_id": sub_id,
        "events": {kind: {"event_timestamp": now, **event}},
    }


def logout_claims(issuer: str, audience: str, now: int, **whose: str) -> dict[str, Any]:
    return {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + 120,
        "jti": new_id("lo_"),
        "events": {LOGOUT: {}},
        **whose,
    }


def signed(key: SigningKey, claims: dict[str, Any], typ: str = "secevent+jwt") -> str:
    return jose.sign(key, claims, typ)


def claims_of(
    desk: Desk, kind: str = CAEP + "session-revoked", sub_id: Any = None, **event: Any
) -> dict[str, Any]:
    issuer = desk.provider.url
    whom = person(issuer, SUBJECT) if sub_id is None else sub_id
    return event_claims(issuer, CLIENT_ID, desk.clock.now(), whom, kind, **event)


async def push(desk: Desk, token: str, media_type: str = MEDIA_TYPE) -> httpx.Response:
    async with desk.browser() as platform:
        return await platform.post(EVENTS, content=token, headers={"content-type": media_type})


async def tell(desk: Desk, kind: str, sub_id: Any = None, **event: Any) -> None:
    answer = await push(desk, signed(desk.provider.key, claims_of(desk, kind, sub_id, **event)))
    assert (answer.status_code, answer.content) == (202, b""), answer.text
