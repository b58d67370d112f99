"""Two login pages of one browser: whoever signed in on one need not do it again on the other."""

from support.relying_party import PASSWORD, RelyingParty, answer_of

ADA = {"email": "ada@acme.example", "password": PASSWORD}


async def test_the_second_page_goes_on_by_itself(desk: RelyingParty) -> None:
    first, second = await desk.authorize(), await desk.authorize(state="of-the-second-tab")
    assert "code" in answer_of(await desk.submit(second, **ADA))
    stale = await desk.submit(first, **ADA | {"email": " Ada@acme.example"})
    assert stale.status_code == 303
    assert "code" in answer_of(await desk.http.get(stale.headers["location"]))


async def test_it_does_not_if_somebody_else_was_typed(desk: RelyingParty) -> None:
    first, second = await desk.authorize(), await desk.authorize()
    await desk.submit(second, **ADA)
    stale = await desk.submit(first, **ADA | {"email": "bob@acme.example"})
    assert stale.status_code == 403
    assert 'value="bob@acme.example"' in stale.text
