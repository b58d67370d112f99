"""/login/link: an old user is proved before a first login takes it over."""

import pytest

from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.migration.pending import PENDING_SECONDS
from support.office import OLD_PASSWORD, Office, give_cookie, press, submit
from support.visitor import forms_of

LINK = "/login/link"
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
    # the lock is the one of the address: /old-login counts with it
    assert (await office.old_login(office.browser())).status_code == 429


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


async def test_several_logins_do_not_mail_faster(office: Office, old: str):
    for number in range(3):
        browser = await office.pending_browser(**UNVERIFIED, subject=f"s{number}")
        answer = await press(browser, await browser.get(LINK), "mail")
        assert answer.status_code == (303 if number == 0 else 429)


async def test_the_proof_is_not_stored_in_the_browser(office: Office, old: str):
    """Lesson 21: the cookie is a random name for a sealed row; changed, it is nothing."""
    browser = await office.pending_browser(**UNVERIFIED)
    cookie = browser.cookies["la_3000_pending"]
    (row,) = await office.rows("pending_links")
    assert cookie not in str(dict(row))
    assert "an.id.token" not in row["sealed_login"]
    give_cookie(browser, "pending", cookie[:-1] + ("A" if cookie[-1] != "A" else "B"))
    assert (await browser.get(LINK)).status_code == 400


async def test_a_proof_ends_after_half_an_hour(office: Office, old: str):
    browser = await office.pending_browser(**UNVERIFIED)
    page = await browser.get(LINK)
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
