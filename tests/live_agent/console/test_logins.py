"""Settings → Logins: who was refused lately, and the story of one login."""

import ssl

import pytest

from support.office import ADMIN, Office, read_as_admin

EVIL = '"><script>alert(1)</script>'
NOT_AUTHORISED = "The Cognigy user is not authorised to access the system"


def place(office: Office, rest: str = "") -> str:
    return f"/app/accounts/{office.account.id}/settings/logins{rest}"


async def read(office: Office, rest: str = "") -> str:
    return await read_as_admin(office, place(office, rest))


async def test_nobody_was_refused(office: Office):
    assert "Nobody was refused" in await read(office)


async def test_who_was_refused_lately_leads_to_the_story(office: Office):
    await office.enter(name="Ada Lovelace")
    await office.refusal(roles=(), access_revision=2, reference="QQQQQQQQQQQQ")
    await office.refusal(
        subject="eve", email="eve@acme.example", roles=(), reference="RRRRRRRRRRRR"
    )
    text = await read(office)
    assert NOT_AUTHORISED in text
    assert "Ada Lovelace" in text
    assert "Nobody who has a user here" in text
    assert text.index("RRRRRRRRRRRR") < text.index("QQQQQQQQQQQQ")
    assert f'href="{place(office)}?reference=QQQQQQQQQQQQ"' in text


async def test_another_accounts_refusals_are_not_listed(office: Office):
    acme = office.account
    office.account = await office.add_account("Globex", "b" * 24)
    await office.refusal(organisation="b" * 24, roles=(), reference="QQQQQQQQQQQQ")
    office.account = acme
    assert "QQQQQQQQQQQQ" not in await read(office)


async def test_the_story_is_shown_although_cognigy_ai_does_not_answer(office: Office):
    await office.enter()
    await office.refusal(roles=(), access_revision=2, reference="QQQQQQQQQQQQ")
    text = await read(office, "?reference=qqqq-qqqq qqqq")
    assert "Cognigy.AI did not tell its part" in text
    assert "Not let in to Live Agent" in text
    assert "Refused lately" not in text


async def test_what_is_no_reference_is_said_so_and_does_no_harm(office: Office):
    text = await read(office, f"?reference={EVIL}")
    assert "A reference has twelve letters and digits" in text
    browser = await office.signed_in_browser(**ADMIN)
    page = await browser.get(place(office), params={"reference": EVIL})
    assert "<script>alert" not in page.text


async def test_a_supervisor_sees_nothing_of_it(office: Office):
    browser = await office.signed_in_browser(roles=("supervisor",))
    assert (await browser.get(place(office))).status_code == 403


async def test_many_look_ups_in_a_minute_stall_neither_the_desk_nor_the_platform(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    contexts: list[ssl.SSLContext] = []
    create = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        contexts.append(create())
        return contexts[-1]

    browser = await office.signed_in_browser(**ADMIN)
    monkeypatch.setattr(ssl, "create_default_context", counted)
    for number in range(20):
        story = place(office, f"?reference=QQQQQQQQQQ{'ABCDEFGHIJKLMNOPQRST'[number]}2")
        assert (await browser.get(story)).status_code == 200
    assert len(contexts) <= 1, "each takes 50 ms of the event loop"
    refused = await browser.get(place(office, "?reference=QQQQQQQQQQQQ"))
    assert refused.status_code == 429
    assert "looked up many logins" in refused.text
    assert int(refused.headers["retry-after"]) <= 60
    assert (await browser.get(place(office))).status_code == 200, "nobody is asked for that"
    acme, office.account = office.account, await office.add_account("Globex", "b" * 24)
    other = await office.signed_in_browser(**ADMIN | {"organisation": "b" * 24, "subject": "b"})
    page = await other.get(place(office, "?reference=QQQQQQQQQQQQ"))
    assert page.status_code == 200, page.text
    office.account = acme
    office.clock.advance(60)
    assert (await browser.get(place(office, "?reference=QQQQQQQQQQQQ"))).status_code == 200
