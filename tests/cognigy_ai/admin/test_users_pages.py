"""Access Control in the browser: the list, a person's page, and everything that is done there."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import links, listing
from cognigy_ai.users.rules import User
from support.crowd import seed_crowd
from support.platform import ACME, Platform, submit
from support.visitor import forms_of

GLOBEX = "b" * 24
GOOD = {"name": "Grace Hopper", "email": "grace@acme.example", "locale": "en", "way": "invite"}
STRONG = "four walking horses sing"


async def sign_in(platform: Platform, browser: httpx.AsyncClient, user_id: str) -> None:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user_id, "pwd", 3600, "", platform.now)
    browser.cookies.set("ai_8000_session", secret)


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an administrator."""
    user = await acme.add_user(roles=("admin",))
    async with acme.browser() as browser:
        await sign_in(acme, browser, user.id)
        yield browser


@pytest.fixture
async def max_(acme: Platform, ada: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a user manager."""
    user = await acme.add_user("max@acme.example", name="Max", roles=("userManager",))
    async with acme.browser() as browser:
        await sign_in(acme, browser, user.id)
        yield browser


@pytest.fixture
async def bob(acme: Platform) -> User:
    return await acme.add_user("bob@acme.example", name="Bob Marley", roles=("liveAgentAgent",))


async def by_email(platform: Platform, email: str) -> User:
    return await users.get_by_email(platform.database, email, ACME)


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


def links_of(page: httpx.Response, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page.text)
    return html.unescape(found[1]) if found else ""


# --- the list


async def test_the_list_shows_people_with_roles_and_state(
    ada: httpx.AsyncClient, bob: User
) -> None:
    page = await ada.get("/admin/users")
    assert page.status_code == 200
    assert "<title>Access Control · Cognigy.AI</title>" in page.text
    for shown in ("Bob Marley", "bob@acme.example", "liveAgentAgent", "never signed in"):
        assert shown in page.text
    assert f'href="/admin/users/{bob.id}"' in page.text


async def test_the_list_is_searched_narrowed_and_sorted(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    await acme.add_user("zoe@acme.example", name="Zoe", roles=(), password=None)
    for query, there in [
        ("q=marl", {"Bob Marley"}),
        ("q=nobody", set()),
        ("role=liveAgentAgent", {"Bob Marley"}),
        ("state=invited", {"Zoe"}),
        ("state=disabled", set()),
        ("q=acme&sort=email&order=desc", {"Bob Marley", "Zoe"}),
        ("q=%00&role=emperor&state=sleepy&sort=height", {"Bob Marley", "Zoe"}),
    ]:
        page = await ada.get(f"/admin/users?{query}")
        shown = {name for name in ("Bob Marley", "Zoe") if name in page.text}
        assert (query, shown) == (query, there)
    latest = await ada.get("/admin/users?sort=name&order=desc")
    assert latest.text.index("Zoe") < latest.text.index("Bob Marley")
    assert 'aria-sort="descending"' in latest.text


async def test_pages_follow_each_other_and_lead_back(
    acme: Platform, ada: httpx.AsyncClient, database_url: str
) -> None:
    await seed_crowd(database_url, 120)
    page = await ada.get("/admin/users")
    assert "121 people" in page.text
    assert links_of(page, "prev") == ""
    seen, first = [], page.text
    while True:
        seen += re.findall(r'name="user\.([0-9a-f]{24})"', page.text)
        if not (following := links_of(page, "next")):
            break
        assert "acme" not in following  # no name and no address in an address
        page = await ada.get(following)
    assert len(seen) == len(set(seen)) == 121
    back = await ada.get(links_of(page, "prev"))
    back = await ada.get(links_of(back, "prev"))
    names = re.compile(r'name="user\.([0-9a-f]{24})"')
    assert names.findall(back.text) == names.findall(first)


@pytest.mark.parametrize("at", ["x", "%00", "A" * 9000])
async def test_an_altered_place_is_the_first_page(ada: httpx.AsyncClient, at: str) -> None:
    page = await ada.get(f"/admin/users?at={at}")
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text


async def test_who_may_only_look_has_nothing_to_press(acme: Platform, bob: User) -> None:
    viewer = await acme.add_user("v@acme.example", name="Vera", roles=("userDetailsViewer",))
    async with acme.browser() as browser:
        await sign_in(acme, browser, viewer.id)
        page = await browser.get("/admin/users")
        one = await browser.get(f"/admin/users/{bob.id}")
        new = await browser.get("/admin/users/new")
    assert page.status_code == one.status_code == 200
    assert "New person" not in page.text
    assert "select-row" not in page.text
    assert [f.action for f in forms_of(one.text) if "/admin/" in f.action] == []
    assert new.status_code == 403


# --- a new person


async def test_an_invited_person_is_mailed_and_has_no_password(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    page = await ada.get("/admin/users/new")
    fields = GOOD | {"role.liveAgentAgent": "1"}
    answer = await submit(ada, page, "/admin/users/new", **fields)
    grace = await by_email(acme, "grace@acme.example")
    assert answer.headers["location"] == f"/admin/users/{grace.id}?done=invited"
    assert grace.roles == ("base_role", "liveAgentAgent")
    assert not grace.email_verified
    assert await users.find_digest(acme.database, grace.id) is None
    shown = await ada.get(answer.headers["location"])
    assert "an invitation is on its way" in shown.text
    assert "no password yet" in shown.text
    assert "Ada Lovelace" in shown.text  # who made it


async def test_a_password_set_now_has_to_be_changed(acme: Platform, ada: httpx.AsyncClient) -> None:
    page = await ada.get("/admin/users/new")
    await submit(ada, page, "/admin/users/new", **GOOD | {"way": "now", "password": STRONG})
    grace = await by_email(acme, "grace@acme.example")
    person = await listing.get_person(acme.database, ACME, grace.id)
    assert (person.has_password, person.must_change_password) == (True, True)
    digest = await users.find_digest(acme.database, grace.id)
    assert digest is not None
    assert await acme.means.passwords.matches(STRONG, digest)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"name": " "}, "Write a name"),
        ({"email": "no address"}, "Write an address such as"),
        ({"email": "ADA@acme.example"}, "has this address already"),
        ({"way": "now", "password": "short"}, "Use at least 12 characters."),
        ({"way": "now", "password": "grace hopper 2026"}, "must not contain your name"),
        ({"way": "now", "password": ""}, "Use at least 12 characters."),
    ],
)
async def test_one_fault_makes_nobody_and_keeps_what_was_typed(
    acme: Platform, ada: httpx.AsyncClient, changes: dict[str, str], shown: str
) -> None:
    page = await ada.get("/admin/users/new")
    fields = GOOD | {"role.odata": "1"} | changes
    answer = await submit(ada, page, "/admin/users/new", **fields)
    assert answer.status_code == 422
    assert shown in html.unescape(answer.text)
    form = next(f for f in forms_of(answer.text) if f.action == "/admin/users/new")
    assert form.fields["role.odata"] == "1"
    assert form.fields["way"] == fields["way"]
    assert not form.fields["password"]
    assert len(await users.list_users(acme.database, ACME)) == 1


async def test_a_form_cannot_make_more_than_the_page_offers(
    acme: Platform, max_: httpx.AsyncClient
) -> None:
    page = await max_.get("/admin/users/new")
    assert "role.admin" not in page.text
    answer = await submit(max_, page, "/admin/users/new", **GOOD | {"role.admin": "1"})
    assert answer.status_code == 403
    extra = GOOD | {"organisation_id": GLOBEX, "email_verified": "1", "role.emperor": "1"}
    assert (await submit(max_, page, "/admin/users/new", **extra)).status_code == 400
    del extra["role.emperor"]
    await submit(max_, page, "/admin/users/new", **extra)
    grace = await by_email(acme, "grace@acme.example")
    assert (grace.organisation_id, grace.email_verified) == (ACME, False)


# --- one person


async def test_name_and_language_are_saved(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    at = f"/admin/users/{bob.id}"
    page = await ada.get(at)
    assert heading(page) == "Bob Marley"
    answer = await submit(ada, page, at, name="Robert Marley", locale="de")
    assert answer.headers["location"] == f"{at}?done=saved"
    changed = await users.get(acme.database, bob.id)
    assert (changed.name, changed.locale) == ("Robert Marley", "de")
    wrong = await submit(ada, page, at, name=" ")
    assert wrong.status_code == 422
    assert "Write a name" in wrong.text


async def test_an_address_changes_by_a_link_and_that_of_whoever_is_only_invited_at_once(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    at = f"/admin/users/{bob.id}"
    page = await ada.get(at)
    asked = await submit(ada, page, f"{at}/email", email="robert@acme.example")
    assert asked.headers["location"] == f"{at}?done=address_asked"
    assert (await users.get(acme.database, bob.id)).email == "bob@acme.example"
    assert "robert@acme.example waits" in (await ada.get(at)).text
    new = await acme.add_user("typo@acme.example", name="Tina", password=None, email_verified=False)
    page = await ada.get(f"/admin/users/{new.id}")
    await submit(ada, page, f"/admin/users/{new.id}/email", email="tina@acme.example")
    tina = await users.get(acme.database, new.id)
    assert (tina.email, tina.email_verified) == ("tina@acme.example", False)
    taken = await submit(ada, page, f"/admin/users/{new.id}/email", email="bob@acme.example")
    assert taken.status_code == 422


async def test_a_role_says_what_it_changes_before_it_is_taken(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    at = f"/admin/users/{bob.id}/roles/liveAgentAgent"
    page = await ada.get(at)
    assert "Bob Marley loses: Agent in Live Agent." in page.text
    assert "No way in remains" in page.text
    answer = await submit(ada, page, at, deed="take")
    assert answer.headers["location"].endswith("?done=taken")
    assert (await users.get(acme.database, bob.id)).roles == ("base_role",)
    page = await ada.get(f"/admin/users/{bob.id}/roles/admin")
    assert "becomes Administrator in Live Agent" in page.text
    await submit(ada, page, f"/admin/users/{bob.id}/roles/admin", deed="give")
    assert "admin" in (await users.get(acme.database, bob.id)).roles


async def test_an_unknown_role_has_no_page(ada: httpx.AsyncClient, bob: User) -> None:
    for role in ("emperor", "base_role"):
        assert (await ada.get(f"/admin/users/{bob.id}/roles/{role}")).status_code in (400, 409)
    # what no address can hold names no page at all (kernel.web.guards)
    assert (await ada.get(f"/admin/users/{bob.id}/roles/%00")).status_code == 404


async def test_disabling_ends_access_and_enabling_opens_it(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, bob.id, "pwd", 3600, "", acme.now)
    at = f"/admin/users/{bob.id}"
    await submit(ada, await ada.get(at), f"{at}/state", deed="disable")
    assert await sessions.find(acme.database, secret, acme.now) is None
    page = await ada.get(at)
    assert (await users.get(acme.database, bob.id)).disabled
    assert f"{at}/mail" not in page.text
    await submit(ada, page, f"{at}/state", deed="enable")
    assert not (await users.get(acme.database, bob.id)).disabled


async def test_signing_out_everywhere_leaves_the_account_as_it_is(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, bob.id, "pwd", 3600, "", acme.now)
    at = f"/admin/users/{bob.id}"
    page = await ada.get(at)
    assert "in 1 browser" in page.text
    await submit(ada, page, f"{at}/end-sessions")
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert not (await users.get(acme.database, bob.id)).disabled


async def test_a_link_is_mailed_that_fits_the_person(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    new = await acme.add_user("new@acme.example", name="Nina", password=None)
    for user, done in ((bob, "reset"), (new, "invitation")):
        at = f"/admin/users/{user.id}"
        answer = await submit(ada, await ada.get(at), f"{at}/mail")
        assert answer.headers["location"] == f"{at}?done={done}"
    async with acme.database.transaction() as tx:
        await users.disable(tx, bob.id, acme.now)
    at, page = f"/admin/users/{bob.id}", await ada.get(f"/admin/users/{new.id}")
    token = forms_of(page.text)[0].fields["csrf_token"]
    refused = await ada.post(f"{at}/mail", data={"csrf_token": token})
    assert refused.status_code == 409


async def became_of_mail(platform: Platform, *, failed: bool) -> None:
    """What the courier would write after an attempt."""
    outbox = platform.app.state.all.outbox
    for letter in await outbox.lease(platform.database, platform.now, 10):
        if failed:
            await outbox.failed(platform.database, letter.id, "no answer", platform.now)
        else:
            await outbox.done(platform.database, letter.id, platform.now)


async def test_the_page_shows_what_became_of_the_mail(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    new = await acme.add_user("new@acme.example", name="Nina", password=None)
    ways = ((bob, "mail", {}), (new, "mail", {}), (bob, "email", {"email": "b@acme.example"}))
    for user, way, fields in ways:
        at = f"/admin/users/{user.id}"
        asked = acme.now
        page = await ada.get(at)
        assert "Waiting to be sent." not in page.text
        await submit(ada, page, f"{at}/{way}", **fields)
        assert "Waiting to be sent." in (await ada.get(at)).text
        acme.clock.advance(120)
        await became_of_mail(acme, failed=True)
        failing = await ada.get(at)
        assert "Waiting to be sent." not in failing.text
        assert "the operator finds the reason in the log" in failing.text
        assert _stamp(asked) in failing.text
        acme.clock.advance(600)
        await became_of_mail(acme, failed=False)
        sent = await ada.get(at)
        assert "finds the reason in the log" not in sent.text
        assert re.search(rf'Sent <time datetime="{_stamp(acme.now)}"', sent.text)
        acme.clock.advance(60)


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_a_link_is_forgotten_no_sooner_than_its_mail(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    at = f"/admin/users/{bob.id}"
    await submit(ada, await ada.get(at), f"{at}/mail")
    await became_of_mail(acme, failed=False)
    acme.clock.advance(1800)  # the link itself is over
    assert await links.prune(acme.database, acme.now) == 0
    assert ">Sent <time" in (await ada.get(at)).text
    acme.clock.advance(7 * 24 * 3600)
    assert await links.prune(acme.database, acme.now) == 1


async def test_the_page_says_when_what_it_does_counts(ada: httpx.AsyncClient, bob: User) -> None:
    page = await ada.get(f"/admin/users/{bob.id}")
    assert "A change counts at once, here and in Live Agent." in page.text
    assert page.text.count("out of Cognigy.AI and Live Agent") == 2


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("admin", "/admin/users"),
        ("userManager", "/admin/users"),
        ("userDetailsViewer", "/admin/users"),
        ("fullSupportUser", "/admin/users"),
    ],
)
async def test_the_admin_center_begins_with_the_first_page_that_is_allowed(
    acme: Platform, role: str, where: str
) -> None:
    user = await acme.add_user("eve@acme.example", roles=(role,))
    async with acme.browser() as browser:
        assert (await browser.get("/admin")).headers["location"].startswith("/login?return_to=")
        await sign_in(acme, browser, user.id)
        answer = await browser.get("/admin")
        assert (answer.status_code, answer.headers["location"]) == (303, where)


@pytest.mark.parametrize("role", ["liveAgentAgent", "apiKeys"])
async def test_whoever_may_do_nothing_there_is_told_so(acme: Platform, role: str) -> None:
    user = await acme.add_user("eve@acme.example", roles=(role,))
    async with acme.browser() as browser:
        await sign_in(acme, browser, user.id)
        answer = await browser.get("/admin")
        assert answer.status_code == 403
        assert "You do not have the permission for this" in answer.text


async def test_deleting_asks_for_the_address(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    at = f"/admin/users/{bob.id}/delete"
    page = await ada.get(at)
    assert heading(page) == "Delete Bob Marley"
    wrong = await submit(ada, page, at, email="ada@acme.example")
    assert wrong.status_code == 422
    assert await users.find(acme.database, bob.id) == bob
    answer = await submit(ada, page, at, email=" BOB@acme.example ")
    assert answer.headers["location"] == "/admin/users?done=deleted"
    assert await users.find(acme.database, bob.id) is None
    assert "The person is deleted." in (await ada.get("/admin/users?done=deleted")).text
    assert (await submit(ada, page, at, email="bob@acme.example")).status_code == 404


async def test_the_last_administrator_stays_one(acme: Platform, ada: httpx.AsyncClient) -> None:
    own = (await by_email(acme, "ada@acme.example")).id
    at = f"/admin/users/{own}"
    page = await ada.get(at)
    assert f"{at}/state" not in page.text
    assert f"{at}/delete" not in page.text
    token = forms_of(page.text)[0].fields["csrf_token"]
    for path, fields in [
        (f"{at}/state", {"deed": "disable"}),
        (f"{at}/delete", {"email": "ada@acme.example"}),
        (f"{at}/roles/admin", {"deed": "take"}),
    ]:
        answer = await ada.post(path, data=fields | {"csrf_token": token})
        assert (path, answer.status_code) == (path, 409)
    assert "admin" in (await users.get(acme.database, own)).roles
    assert (await ada.get(f"{at}/delete")).status_code == 409


async def test_a_user_manager_cannot_touch_an_administrator(
    acme: Platform, max_: httpx.AsyncClient, bob: User
) -> None:
    admin = await by_email(acme, "ada@acme.example")
    at = f"/admin/users/{admin.id}"
    page = await max_.get(at)
    assert "Only admins change admins." in page.text
    assert [f.action for f in forms_of(page.text) if "/admin/" in f.action] == []
    token = forms_of(page.text)[0].fields["csrf_token"]
    for path, fields in [
        (at, {"name": "Owned"}),
        (f"{at}/email", {"email": "max2@acme.example"}),
        (f"{at}/state", {"deed": "disable"}),
        (f"{at}/mail", {}),
        (f"{at}/end-sessions", {}),
        (f"{at}/reset-two-step", {}),
        (f"{at}/delete", {"email": "ada@acme.example"}),
        (f"{at}/roles/odata", {"deed": "give"}),
        (f"/admin/users/{bob.id}/roles/admin", {"deed": "give"}),
    ]:
        answer = await max_.post(path, data=fields | {"csrf_token": token})
        assert (path, answer.status_code) == (path, 403)
    assert await users.get(acme.database, admin.id) == admin
    assert (await users.get(acme.database, bob.id)).roles == ("base_role", "liveAgentAgent")


async def test_people_of_another_organisation_are_not_there(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    eve = await acme.add_user("eve@globex.example", organisation=GLOBEX, name="Zelda")
    token = forms_of((await ada.get("/admin/users")).text)[0].fields
    found: list[int] = []
    for user_id in (eve.id, "f" * 24):
        at = f"/admin/users/{user_id}"
        pages = [at, f"{at}/delete", f"{at}/live-agent", f"{at}/roles/odata"]
        posts = ["", "/email", "/state", "/mail", "/end-sessions", "/reset-two-step", "/delete"]
        found += [(await ada.get(path)).status_code for path in pages]
        fields = {"name": "X", "email": "x@acme.example"} | token
        found += [(await ada.post(at + path, data=fields)).status_code for path in posts]
    assert set(found) == {404}
    assert "Zelda" not in (await ada.get("/admin/users?q=zelda")).text
    assert await users.get(acme.database, eve.id) == eve


async def test_a_form_of_another_page_does_nothing(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    refused = await ada.post(f"/admin/users/{bob.id}/state", data={"deed": "disable"})
    assert refused.status_code == 403
    assert not (await users.get(acme.database, bob.id)).disabled


async def test_without_an_address_of_live_agent_it_is_told_that_nothing_is_known(
    acme: Platform, ada: httpx.AsyncClient, bob: User
) -> None:
    page = await ada.get(f"/admin/users/{bob.id}/live-agent")
    assert "It is not known whether Bob Marley can log in to Live Agent" in page.text
    assert "are not configured to talk to each other" in page.text
    assert "COGNIGY_LIVE_AGENT_API_BASE_URL_WITH_PROTOCOL (Cognigy.AI)" in page.text
    assert "Yes: Agent." in page.text
