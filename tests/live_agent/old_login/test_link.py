"""/login/link: an old user is proved before a first login takes it over."""

import asyncio

import pytest

from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.migration.pending import PENDING_SECONDS
from support.office import OLD_PASSWORD, Office, give_cookie, press, submit
from support.visitor import forms_of

LINK = "/login/link"
SPENT = "/login?notice=link_confirmation"
UNVERIFIED = {"email_verified": False}


@pytest.fixture
async def old(office: Office) -> str:
    return await office.add_old_user()


async def confirm(browser, link: str):
    """Open the mailed link and press its button."""
    page = await browser.get(link)
    form = next(one for one in forms_of(page.text) if one.action == link)
    return await submit(browser, form)


async def test_the_page_names_both_accounts_and_says_where_one_is(office: Office, old: str):
    """Lesson 18: what comes from the platform is shown, and cannot be edited."""
    browser = await office.pending_browser(**UNVERIFIED, email="ADA@acme.example")
    page = await browser.get(LINK)
    assert page.status_code == 200
    assert "ada@acme.example" in page.text
    assert "ADA@acme.example" in page.text
    assert 'class="steps"' in page.text
    names = set().union(*(form.names for form in forms_of(page.text)))
    assert not {"email", "subject", "user_id", "issuer"} & names


async def test_the_old_password_proves_it(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED, target="/app/accounts/1/profile")
    page = await browser.get(LINK)
    answer = await press(browser, page, "password", password=OLD_PASSWORD)
    assert answer.headers["location"] == "/app/accounts/1/profile"
    user = await office.user(old)
    assert (user["subject"], user["password_digest"]) == ("ada-1", None)
    assert (await browser.get(office.dashboard)).status_code == 200
    assert (await browser.get(LINK)).headers["location"] == office.dashboard


async def test_a_wrong_password_proves_nothing_and_counts(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    for _ in range(5):
        answer = await press(browser, page, "password", password="not-the-right-one-99")
        assert answer.status_code == 403
        assert "The password is wrong." in answer.text
    answer = await press(browser, page, "password", password="not-the-right-one-99")
    assert answer.status_code == 429
    locked = await press(browser, page, "password", password=OLD_PASSWORD)
    assert locked.status_code == 429
    assert (await office.user(old))["subject"] is None
    # a colleague with the same address cannot lock the old user's own way in
    assert (await office.old_login(office.browser())).status_code == 303


async def test_a_mailed_link_proves_it(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    assert (await press(browser, page, "mail")).headers["location"] == LINK
    assert "The link is on its way." in (await browser.get(LINK)).text
    answer = await confirm(browser, await office.mailed_link())
    assert answer.headers["location"] == office.dashboard
    user = await office.user(old)
    assert (user["subject"], user["password_digest"]) == ("ada-1", None)
    (event,) = await office.events("user.moved")
    assert '"proved": "mail"' in event["details"]


async def test_opening_the_link_spends_nothing(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    await press(browser, await browser.get(LINK), "mail")
    link = await office.mailed_link()
    for _ in range(3):
        assert (await browser.get(link)).status_code == 200
        assert (await browser.head(link)).status_code == 200
    assert (await office.user(old))["subject"] is None
    assert (await confirm(browser, link)).status_code == 303


async def test_a_link_counts_in_the_browser_of_its_login_only(office: Office, old: str):
    """Lessons 15 and 19: links are bound to the session that began, and work once."""
    browser = await office.pending_browser(**UNVERIFIED)
    await press(browser, await browser.get(LINK), "mail")
    link = await office.mailed_link()
    elsewhere = office.browser()
    answer = await elsewhere.get(link)
    assert answer.status_code == 400
    assert [form for form in forms_of(answer.text) if form.action == link] == []
    page = await elsewhere.get("/login")
    token = forms_of(page.text)[0].fields["csrf_token"]
    stolen = await elsewhere.post(link, data={"csrf_token": token})
    assert stolen.status_code == 400
    assert (await office.user(old))["subject"] is None
    assert (await confirm(browser, link)).status_code == 303
    assert (await browser.get(link)).status_code == 400


async def test_a_link_proves_the_login_it_was_sent_for_and_no_other(office: Office, old: str):
    """Lesson 17: the proof is bound to the exact subject, not to user and provider."""
    mine = await office.pending_browser(**UNVERIFIED)
    await press(mine, await mine.get(LINK), "mail")
    link = await office.mailed_link()
    another = await office.pending_browser(**UNVERIFIED, subject="mallory")
    assert (await another.get(link)).status_code == 400
    token = forms_of((await another.get(LINK)).text)[0].fields["csrf_token"]
    assert (await another.post(link, data={"csrf_token": token})).status_code == 400
    assert (await office.user(old))["subject"] is None


async def test_links_are_unpredictable_and_only_the_newest_counts(office: Office, old: str):
    """Lesson 19: unpredictable, one-time."""
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    await press(browser, page, "mail")
    first = await office.mailed_link()
    assert len(first.rpartition("/")[2]) > 40
    assert (await press(browser, page, "mail")).status_code == 429
    office.clock.advance(61)
    assert (await press(browser, page, "mail")).status_code == 303
    second = await office.mailed_link()
    assert first != second
    assert (await browser.get(first)).status_code == 400
    assert (await confirm(browser, second)).status_code == 303


async def test_several_logins_of_one_person_do_not_mail_faster(office: Office, old: str):
    for number in range(3):
        browser = await office.pending_browser(**UNVERIFIED)
        answer = await press(browser, await browser.get(LINK), "mail")
        assert answer.status_code == (303 if number == 0 else 429)


async def test_somebody_else_does_not_make_the_owner_wait_for_a_mail(office: Office, old: str):
    for subject in ("mallory", "ada-1"):
        browser = await office.pending_browser(**UNVERIFIED, subject=subject)
        assert (await press(browser, await browser.get(LINK), "mail")).status_code == 303


async def test_an_old_user_gets_five_links_a_day_whoever_asks(office: Office, old: str):
    for number in range(7):
        browser = await office.pending_browser(**UNVERIFIED, subject=f"s{number}")
        answer = await press(browser, await browser.get(LINK), "mail")
        assert answer.status_code == (303 if number < 5 else 429)
    assert "Too many links were sent today." in answer.text
    assert len(await office.events("link.mailed")) == 5
    office.clock.advance(24 * 3600)
    browser = await office.pending_browser(**UNVERIFIED)
    assert (await press(browser, await browser.get(LINK), "mail")).status_code == 303


async def test_a_new_proof_of_a_person_ends_the_older_one(office: Office, old: str):
    older = await office.pending_browser(**UNVERIFIED)
    page = await older.get(LINK)
    elses = await office.pending_browser(**UNVERIFIED, subject="mallory")
    newer = await office.pending_browser(**UNVERIFIED)
    answer = await press(older, page, "password", password=OLD_PASSWORD)
    assert answer.headers["location"] == SPENT
    assert (await office.user(old))["subject"] is None
    assert (await elses.get(LINK)).status_code == 200
    page = await newer.get(LINK)
    answer = await press(newer, page, "password", password=OLD_PASSWORD)
    assert answer.headers["location"] == office.dashboard


async def test_of_a_burst_of_passwords_no_right_one_gets_past_the_lock(
    office: Office, old: str, monkeypatch: pytest.MonkeyPatch
):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    matches, others_failed = office.state.passwords.matches, asyncio.Event()

    async def the_right_one_last(password: str, digest: str | None) -> bool:
        if password == OLD_PASSWORD:
            await others_failed.wait()
        return await matches(password, digest)

    monkeypatch.setattr(office.state.passwords, "matches", the_right_one_last)
    right = asyncio.create_task(press(browser, page, "password", password=OLD_PASSWORD))
    wrong = (press(browser, page, "password", password="not-the-right-one-99") for _ in range(8))
    await asyncio.gather(*wrong)
    others_failed.set()
    assert (await right).status_code == 429
    assert (await office.user(old))["subject"] is None


@pytest.mark.parametrize("way", ["password", "mail"])
async def test_a_second_click_on_the_proof_is_no_error(office: Office, old: str, way: str):
    browser = await office.pending_browser(**UNVERIFIED)
    pending = browser.cookies["la_3000_pending"]
    page, fields = await browser.get(LINK), {"password": OLD_PASSWORD}
    form = next(one for one in forms_of(page.text) if one.fields.get("deed") == "password")
    if way == "mail":
        await press(browser, page, "mail")
        link = await office.mailed_link()
        form, fields = forms_of((await browser.get(link)).text), {}
        form = next(one for one in form if one.action == link)
    assert (await submit(browser, form, **fields)).headers["location"] == office.dashboard
    # once more with what the first click brought ...
    assert (await submit(browser, form, **fields)).headers["location"] == office.dashboard
    # ... and as it was sent before the first one was answered
    browser.cookies.delete("la_3000_session")
    give_cookie(browser, "pending", pending)
    again = await submit(browser, form, **fields)
    assert again.headers["location"] == SPENT
    assert "This confirmation is no longer valid" in (await browser.get(SPENT)).text


async def test_a_kelvin_sign_is_not_the_letter_k(office: Office):
    old = await office.add_old_user(email="kim@acme.example")
    await office.enter(email="\u212aim@acme.example")
    assert (await office.user(old))["subject"] is None
    assert len(await office.users()) == 2


class TestWithoutAMailServer:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"SMTP_ADDRESS": ""}

    async def test_only_the_password_is_offered(self, office: Office, old: str):
        browser = await office.pending_browser(**UNVERIFIED)
        page = await browser.get(LINK)
        assert {one.fields.get("deed") for one in forms_of(page.text)} >= {"password", "cancel"}
        assert "mail" not in {one.fields.get("deed") for one in forms_of(page.text)}
        assert "This installation sends no mail" in page.text
        answer = await press(browser, page, "password", deed="mail")
        assert (answer.status_code, await office.events("link.mailed")) == (200, [])


async def test_the_proof_is_not_stored_in_the_browser(office: Office, old: str):
    """Lesson 21: the cookie is a random name for a sealed row; changed, it is nothing."""
    browser = await office.pending_browser(**UNVERIFIED)
    cookie = browser.cookies["la_3000_pending"]
    (row,) = await office.rows("pending_links")
    assert cookie not in str(dict(row))
    assert "an.id.token" not in row["sealed_login"]
    give_cookie(browser, "pending", cookie[:-1] + ("A" if cookie[-1] != "A" else "B"))
    assert (await browser.get(LINK)).status_code == 400


async def test_a_proof_ends_after_ten_minutes(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    assert PENDING_SECONDS == 600
    office.clock.advance(PENDING_SECONDS)
    answer = await press(browser, page, "password", password=OLD_PASSWORD)
    assert answer.status_code == 400
    assert "This confirmation is no longer valid" in answer.text
    assert (await office.user(old))["subject"] is None


async def test_who_cancels_has_changed_nothing(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    assert (await press(browser, page, "cancel")).headers["location"] == "/login"
    assert (await press(browser, page, "password", password=OLD_PASSWORD)).status_code == 400
    assert (await office.old_login(office.browser())).status_code == 303


async def test_what_changed_in_between_is_decided_again(office: Office, old: str):
    """Lessons 7 and 25: the account's rules hold at the proof as well."""
    for close in (office.suspend, lambda: office.switch(oauth_login=False)):
        browser = await office.pending_browser(**UNVERIFIED)
        page = await browser.get(LINK)
        await close()
        answer = await press(browser, page, "password", password=OLD_PASSWORD)
        assert answer.status_code == 403
        assert (await office.user(old))["subject"] is None
        async with office.database.transaction() as tx:
            await accounts.resume(tx, office.account.id, office.now)


async def test_a_user_disabled_in_between_is_not_revived(office: Office, old: str):
    """Lesson 78: also not by the proof."""
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    await office.disable(old)
    answer = await press(browser, page, "password", password=OLD_PASSWORD)
    assert answer.status_code == 403
    assert (await office.user(old))["subject"] is None


async def test_a_digest_changed_in_between_proves_nothing(
    office: Office, old: str, monkeypatch: pytest.MonkeyPatch
):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    real = agents.find_digest

    async def read_and_change(database, user_id: str):
        digest = await real(database, user_id)
        await office.set_user(old, password_digest="changed")
        return digest

    monkeypatch.setattr(agents, "find_digest", read_and_change)
    assert (await press(browser, page, "password", password=OLD_PASSWORD)).status_code == 400
    assert (await office.user(old))["subject"] is None


async def test_the_person_before_is_signed_out_of_the_browser(office: Office, old: str):
    """Two people after each other in one browser: the second never sees the first's session."""
    first = await office.enter(subject="bob", email="bob@acme.example")
    await office.arrive(**UNVERIFIED, old_session=first.session_secret)
    assert await office.session(first.session_secret) is None


async def test_without_a_proof_under_way_there_is_nothing_to_see(office: Office):
    assert (await office.browser().get(LINK)).status_code == 400
    signed_in = await office.signed_in_browser()
    assert (await signed_in.get(LINK)).headers["location"] == office.dashboard


async def test_an_empty_or_unknown_deed_changes_nothing(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
    assert (await press(browser, page, "password", deed="approve")).status_code == 200
    assert (await press(browser, page, "password", password="")).status_code == 400
    assert (await office.user(old))["subject"] is None


async def test_a_form_without_its_token_is_not_carried_out(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    await browser.get(LINK)
    answer = await browser.post(LINK, data={"deed": "password", "password": OLD_PASSWORD})
    assert answer.status_code == 403
    assert (await office.user(old))["subject"] is None
