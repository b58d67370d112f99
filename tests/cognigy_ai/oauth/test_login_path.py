"""The whole way, as a client goes it: authorize, login, code, token, userinfo."""

import httpx

from support.relying_party import ISSUER, RelyingParty, answer_of


async def test_a_person_logs_in_and_the_client_learns_who_it_is(desk: RelyingParty) -> None:
    redirect = await desk.log_in()
    assert redirect.status_code == 303
    assert redirect.headers["location"].startswith(desk.redirect_uri + "?")
    assert answer_of(redirect) == {"code": desk.code, "state": "the-state", "iss": ISSUER}

    answer = await desk.redeem()
    assert answer.status_code == 200, answer.text
    body = answer.json()
    claims = await desk.claims(body["id_token"])
    assert claims["email"] == "ada@acme.example"
    assert claims["roles"] == ["admin", "base_role", "liveAgentAdmin"]

    person = (await desk.userinfo(body["access_token"])).json()
    assert person["sub"] == claims["sub"]


async def test_a_plain_login_leads_to_the_persons_own_page(http: httpx.AsyncClient) -> None:
    desk = RelyingParty(http, "", None, "")
    shown = await http.get("/login")
    answer = await desk.submit(shown, email="ada@acme.example", password="correct-horse-battery")
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile")
