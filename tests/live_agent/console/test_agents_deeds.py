"""What administrators do with local people, and what they may not."""

import asyncio
import html

import httpx
import pytest

from support.office import ISSUER, Office, submit
from support.visitor import Form, forms_of

NEW_PASSWORD = "Copper-lantern-meadow-17"
ROLES = ("agent", "supervisor", "administrator")


@pytest.fixture
def environment() -> dict[str, str]:
    return {"LOCAL_USERS": "allowed"}


def agents_of(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/settings/agents"


async def administrator(office: Office) -> httpx.AsyncClient:
    return await office.signed_in_browser(
        subject="boss", email="boss@acme.example", name="Zoe Boss", roles=("administrator",)
    )


async def send(
    browser: httpx.AsyncClient, path: str, page: str = "", /, **fields: str
) -> httpx.Response:
    """A form of the page (or of the same address); roles are given as `agent="1"`."""
    forms = forms_of((await browser.get(page or path)).text)
    token = next(one.fields["csrf_token"] for one in forms if "csrf_token" in one.fields)
    named = {f"role.{key}" if key in ROLES else key: value for key, value in fields.items()}
    return await submit(browser, Form(path, "post", {"csrf_token": token}), **named)


async def test_an_added_person_confirms_by_mail_and_gets_in(office: Office):
    browser = await administrator(office)
    place = f"{agents_of(office)}/new"
    answer = await send(browser, place, name="Bea  Berg", email="bea@acme.example", agent="1")
    assert answer.status_code == 303
    page = await browser.get(answer.headers["location"])
    assert "Verification pending" in page.text
    [letter] = await office.letters("mail.invitation")
    path = f"/old-login/password/{letter['secret']}"
    visitor = office.browser()
    form = next(f for f in forms_of((await visitor.get(path)).text) if f.action == path)
    await submit(visitor, form, password=NEW_PASSWORD)
    entered = await office.old_login(office.browser(), "bea@acme.example", NEW_PASSWORD)
    assert entered.status_code == 303
    boss = next(u["id"] for u in await office.users() if u["email"] == "boss@acme.example")
    assert [boss in e["details"] for e in await office.events("user.created")].count(True) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "Write a name"),
        ({"name": "x" * 201}, "Write a name"),
        ({"email": "bea"}, "Write an address"),
        ({"email": "BOSS@acme.example"}, "has this address already"),
        ({"agent": ""}, "Choose at least one role"),
    ],
)
async def test_what_cannot_be_added_comes_back_with_its_fault(
    office: Office, changes: dict[str, str], said: str
):
    browser = await administrator(office)
    good = {"name": "Bea", "email": "bea@acme.example", "agent": "1"}
    place = f"{agents_of(office)}/new"
    answer = await send(browser, place, **(good | changes))
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert len(await office.users()) == 1


async def test_two_who_add_the_same_address_at_once_add_one(office: Office):
    browser = await administrator(office)
    place = f"{agents_of(office)}/new"
    answers = await asyncio.gather(
        *(send(browser, place, name="B", email="bea@acme.example", agent="1") for _ in range(3))
    )
    assert sorted(a.status_code for a in answers) == [303, 422, 422]


async def test_name_and_roles_are_changed_and_noted(office: Office):
    browser = await administrator(office)
    old = await office.add_old_user()
    place = f"{agents_of(office)}/{old}"
    answer = await send(browser, place, name="Ada King", supervisor="1", agent="1")
    assert answer.status_code == 303
    row = await office.user(old)
    assert (row["name"], row["roles"]) == ("Ada King", "agent supervisor")
    [event] = await office.events("user.changed")
    assert '"roles_before": "agent"' in event["details"]
    assert "Ada" not in event["details"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, "reset"),
        ({"confirmed": False}, "confirmation"),
        ({"confirmed": False, "digest": None}, "invitation"),
    ],
)
async def test_the_link_that_the_person_needs_is_mailed(
    office: Office, given: dict[str, object], kind: str
):
    browser = await administrator(office)
    place = f"{agents_of(office)}/{await office.add_old_user(**given)}"
    for _ in range(3):
        answer = await send(browser, f"{place}/mail", place)
        assert answer.headers["location"] == f"{place}?done={kind}"
    assert (await send(browser, f"{place}/mail", place)).status_code == 429
    assert len(await office.letters(f"mail.{kind}")) == 3


async def test_an_address_that_is_added_again_and_again_is_mailed_three_times_an_hour(
    office: Office,
):
    """Or an administrator floods a stranger, by adding and deleting them."""
    browser = await administrator(office)
    place = f"{agents_of(office)}/new"
    stranger = {"name": "Bea", "email": "bea@elsewhere.example", "agent": "1"}
    for _ in range(3):
        added = await send(browser, place, **stranger)
        at = added.headers["location"].partition("?")[0]
        await send(browser, f"{at}/delete", email=stranger["email"])
    assert (await send(browser, place, **stranger)).status_code == 429
    assert len(await office.letters("mail.invitation")) == 3
    assert len(await office.users()) == 1


async def test_deleting_asks_for_the_address_and_ends_everything(office: Office):
    browser = await administrator(office)
    old = await office.add_old_user()
    theirs = office.browser()
    await office.old_login(theirs)
    place = f"{agents_of(office)}/{old}/delete"
    page = await browser.get(place)
    assert "Delete Old Ada" in page.text
    assert (await send(browser, place, email="other@acme.example")).status_code == 422
    answer = await send(browser, place, email="ada@acme.example")
    assert answer.headers["location"] == f"{agents_of(office)}?done=deleted"
    assert (await theirs.get(office.dashboard)).status_code != 200
    assert [row["id"] for row in await office.users()] != [old]
    assert len(await office.events("user.deleted")) == 1


DEEDS = ("", "/mail", "/delete")


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_changes_a_moved_person_here(office: Office, deed: str):
    """Lesson 76 and DESIGN section 3 rule 5: refused with the link to the platform's page."""
    browser = await administrator(office)
    old = await office.add_old_user()
    await office.enter()
    before = await office.user(old)
    place = f"{agents_of(office)}/{old}"
    answer = await send(
        browser, place + deed, place, name="Other", agent="1", email="ada@acme.example"
    )
    assert answer.status_code == 403
    assert f"{ISSUER}/admin/users/ada-1" in html.unescape(answer.text)
    assert dict(await office.user(old)) == dict(before)
    assert await office.rows("old_links") == []


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_changes_themselves(office: Office, deed: str):
    old = await office.add_old_user(roles=("administrator",))
    await administrator(office)
    browser = office.browser()
    await office.old_login(browser)
    place = f"{agents_of(office)}/{old}"
    answer = await send(
        browser, place + deed, place, name="Other", agent="1", email="ada@acme.example"
    )
    assert answer.status_code == 409
    assert (await office.user(old))["name"] == "Old Ada"


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_reaches_people_of_another_account(office: Office, deed: str):
    browser = await administrator(office)
    other = await office.add_account("Globex", None)
    stranger = await office.add_old_user(account_id=other.id)
    answer = await send(
        browser,
        f"{agents_of(office)}/{stranger}{deed}",
        agents_of(office),
        name="Other",
        agent="1",
        email="ada@acme.example",
    )
    assert answer.status_code == 404
    assert (await office.user(stranger))["name"] == "Old Ada"


async def test_of_two_administrators_who_delete_each_other_at_once_one_stays(office: Office):
    """And the one who is left cannot be demoted by a colleague whose own login is not open."""
    people = {}
    for name in ("ann", "bob"):
        email = f"{name}@acme.example"
        user = await office.add_old_user(email=email, name=name, roles=("administrator",))
        browser = office.browser()
        await office.old_login(browser, email)
        people[name] = (user, email, browser)
    await asyncio.gather(
        *(
            send(
                people[one][2], f"{agents_of(office)}/{people[two][0]}/delete", email=people[two][1]
            )
            for one, two in (("ann", "bob"), ("bob", "ann"))
        ),
        return_exceptions=True,
    )
    assert len(await office.users()) == 1


async def test_the_last_administrator_who_can_get_in_stays_one(office: Office):
    boss = await office.add_old_user(
        email="boss@acme.example", name="Boss", roles=("administrator",)
    )
    helper = await office.add_old_user(roles=("administrator",))
    browser = office.browser()
    await office.old_login(browser)
    place = f"{agents_of(office)}/{boss}"
    await office.set_user(helper, confirmed_at=None)  # signed in still, and could not come back
    assert (await send(browser, place, name="Boss", agent="1")).status_code == 409
    assert (await send(browser, f"{place}/delete", email="boss@acme.example")).status_code == 409
    await office.set_user(helper, confirmed_at=1)
    assert (await send(browser, place, name="Boss", agent="1")).status_code == 303


@pytest.fixture
def frozen(environment: dict[str, str]) -> None:
    environment["LOCAL_USERS"] = "frozen"


@pytest.mark.usefixtures("frozen")
async def test_where_local_users_are_frozen_only_access_is_ended(office: Office):
    browser = await administrator(office)
    old = await office.add_old_user()
    place = f"{agents_of(office)}/{old}"
    assert "/new" not in (await browser.get(agents_of(office))).text
    assert (await browser.get(f"{agents_of(office)}/new")).status_code == 403
    for path in (f"{agents_of(office)}/new", place, f"{place}/mail"):
        answer = await send(browser, path, place, name="X", email="x@acme.example", agent="1")
        assert answer.status_code == 403
    assert await office.rows("old_links") == []
    assert (await send(browser, f"{place}/delete", email="ada@acme.example")).status_code == 303
