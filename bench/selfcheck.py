"""Before anything is measured: the servers refuse what must be refused."""

from dataclasses import replace

from bench.client import Client, Request, new_request
from bench.http import Cookies, Failed
from bench.operations import Worker
from bench.target import CLIENT_ID, REDIRECT_URI, Target


async def check_refusals(target: Target, worker: Worker) -> list[str]:
    """What was tried; raises Failed if something of it was accepted."""
    client = worker.client
    code, request = await _new_code(worker)
    await client.redeem(code, request)
    await _refused("a replayed code", client, code, request)

    code, request = await _new_code(worker)
    wrong = replace(request, code_verifier=new_request().code_verifier)
    await _refused("a wrong code_verifier", client, code, wrong)

    code, request = await _new_code(worker)
    stranger = Client(replace(target, client_secret="0" * 64))
    await _refused("a wrong client secret", stranger, code, request)
    stranger.close()

    code, request = await _new_code(worker)
    form = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT_ID}
    elsewhere = {"redirect_uri": REDIRECT_URI + "/other", "code_verifier": request.code_verifier}
    answer = await client.platform.post(
        "/auth/oauth2/token", form | elsewhere, client.authorization
    )
    _must_be_refused("another redirect_uri", answer.status)

    bearer = {"Authorization": "Bearer at_of_nobody"}
    answer = await client.platform.get("/auth/oauth2/userinfo", bearer)
    _must_be_refused("an unknown access token", answer.status)

    answer = await worker.desk.get(f"/app/accounts/{target.account}/dashboard")
    _must_be_refused("a dashboard without a session", answer.status)

    await _wrong_password(client, worker)
    return [
        "replayed code",
        "wrong code_verifier",
        "wrong client secret",
        "other redirect_uri",
        "unknown access token",
        "no session",
        "wrong password",
    ]


async def _new_code(worker: Worker) -> tuple[str, Request]:
    request = new_request()
    return await worker.client.authorize(worker.cookies, request), request


async def _refused(what: str, client: Client, code: str, request: Request) -> None:
    try:
        await client.redeem(code, request)
    except Failed:
        return
    raise Failed(f"{what} was accepted")


async def _wrong_password(client: Client, worker: Worker) -> None:
    person = replace(worker.person, password="not the password of anybody")
    try:
        await client.sign_in(Cookies(), person, new_request())
    except Failed:
        return
    raise Failed("a wrong password was accepted")


def _must_be_refused(what: str, status: int) -> None:
    if status == 200:
        raise Failed(f"{what} was accepted")
