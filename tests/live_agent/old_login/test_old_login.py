"""/old-login: e-mail and password, for users who have not moved yet."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import bcrypt
import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from kernel.throttle import NETWORK, network_key
from live_agent.agents import actions as agents
from live_agent.agents import directory
from support.office import BASE, OLD_PASSWORD, Office, submit
from support.platform import digest_of
from support.visitor import form_with, forms_of

WRONG = "not-the-right-one-99"
REFUSAL = "If you have already signed in with Cognigy.AI, this password no longer works."

Prepare = Callable[[Office], Awaitable[None]]


async def test_an_old_user_logs_in_and_stands_in_the_dashboard(office: Office):
    old = await office.add_old_user()
    browser = office.browser()
    answer = await office.old_login(browser, " ADA@acme.example ")
    assert answer.headers["location"] == office.dashboard
    page = await browser.get(office.dashboard)
    assert page.status_code == 200
    assert "Old Ada" in page.text
    assert ((await office.user(old))["last_login_method"]) == "old"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "la_3000_session=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_the_page_that_was_asked_for_is_shown_after_the_login(office: Office):
    await office.add_old_user()
    target = f"{office.dashboard}?page=2"
    browser = office.browser()
    page = await browser.get("/old-login", params={"return_to": target})
    form = form_with(page, "password")
    answer = await submit(browser, form, email="ada@acme.example", password=OLD_PASSWORD)
    assert answer.headers["location"] == target


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
async def test_no_login_leads_to_another_site(office: Office, target: str):
    await office.add_old_user()
    browser = office.browser()
    await browser.get("/old-login")
    answer = await office.old_login(browser, return_to=target)
    assert answer.headers["location"] == office.dashboard


async def test_a_session_id_is_new_at_each_login(office: Office):
    """Lesson 39: what the browser had before does not become the session, and ends."""
    await office.add_old_user()
    browser = office.browser_with("session", "ls_planted")
    await office.old_login(browser)
    first = browser.cookies["la_3000_session"]
    assert first != "ls_planted"
    second_person = await office.add_old_user(email="bob@acme.example", name="Old Bob")
    page = await browser.get(office.dashboard)
    csrf = forms_of(page.text)[0].fields["csrf_token"]
    answer = await browser.post(
        "/old-login",
        data={"csrf_token": csrf, "email": "bob@acme.example", "password": OLD_PASSWORD},
        headers={"origin": BASE},
    )
    assert answer.status_code == 303
    assert await office.session(first) is None
    now = await office.session(browser.cookies["la_3000_session"])
    assert now is not None
    assert now.user_id == second_person


# --- what everybody is told (lesson 75) ---------------------------------------------------------


async def _unknown(_office: Office) -> None:
    return None


async def _wrong(office: Office) -> None:
    await office.add_old_user()


async def _moved(office: Office) -> None:
    await office.add_old_user()
    await office.enter()


async def _linked_from_the_start(office: Office) -> None:
    await office.enter()


async def _disabled(office: Office) -> None:
    await office.disable(await office.add_old_user())


async def _unconfirmed(office: Office) -> None:
    await office.add_old_user(confirmed=False)


async def _without_password(office: Office) -> None:
    await office.add_old_user(digest=None)


async def _suspended(office: Office) -> None:
    await office.add_old_user()
    await office.suspend()


async def _two_accounts(office: Office) -> None:
    await office.add_old_user()
    other = await office.add_account("Globex", None)
    await office.add_old_user(account_id=other.id)


async def _bcrypt(office: Office) -> None:
    digest = bcrypt.hashpw(OLD_PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await office.add_old_user(digest=digest)


async def _bcrypt_and_disabled(office: Office) -> None:
    await _bcrypt(office)
    await office.disable((await office.users())[0]["id"])


async def _bcrypt_and_moved(office: Office) -> None:
    await _bcrypt(office)
    await office.enter()


async def _deleted(office: Office) -> None:
    old = await office.add_old_user()
    user = await agents.get(office.database, office.account.id, old)
    assert user is not None
    async with office.database.transaction() as tx:
        assert await directory.delete(tx, user, office.now, by="test")


REFUSED = {
    "unknown": (_unknown, OLD_PASSWORD),
    "wrong": (_wrong, WRONG),
    "moved": (_moved, OLD_PASSWORD),
    "moved and wrong": (_moved, WRONG),
    "linked": (_linked_from_the_start, OLD_PASSWORD),
    "disabled": (_disabled, OLD_PASSWORD),
    "unconfirmed": (_unconfirmed, OLD_PASSWORD),
    "without password": (_without_password, OLD_PASSWORD),
    "suspended": (_suspended, OLD_PASSWORD),
    "two accounts": (_two_accounts, WRONG),
    "bcrypt": (_bcrypt, WRONG),
    "bcrypt and disabled": (_bcrypt_and_disabled, OLD_PASSWORD),
    "bcrypt and moved": (_bcrypt_and_moved, OLD_PASSWORD),
    "deleted": (_deleted, OLD_PASSWORD),
}


def bare(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Everything but the CSRF token, the reference and the browser's own value."""
    text = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
    headers = [(k, v) for k, v in answer.headers.items() if k not in ("set-cookie",)]
    return answer.status_code, re.sub(r"[A-Z2-7]{12}", "", text), headers


async def story(office: Office, prepare: Prepare, password: str) -> list[object]:
    """Seven attempts: what each was answered, and after how many seconds."""
    await prepare(office)
    browser = office.browser()
    told: list[object] = []
    page = await browser.get("/old-login")
    form = form_with(page, "password")
    for _ in range(7):
        slept = len(office.clock.slept)
        before = office.clock.monotonic()
        answer = await submit(browser, form, email="ada@acme.example", password=password)
        told.append((bare(answer), round(office.clock.monotonic() - before, 3)))
        assert len(office.clock.slept) == slept + 1
    return told


async def test_every_refusal_is_the_same_in_words_status_and_time(
    databases, engine: str, clock, environment
):
    """Lesson 75: unknown, wrong, moved, disabled, unconfirmed and locked answer alike."""
    from kernel.db import open_database
    from support.clock import FrozenClock
    from support.office import new_office

    stories = {}
    for name, (prepare, password) in REFUSED.items():
        database = await open_database(databases.fresh(engine, "live_agent"))
        office = new_office(database, FrozenClock(), environment)
        office.account = await office.add_account()
        stories[name] = await story(office, prepare, password)
        await database.close()
    expected = stories.pop("unknown")
    statuses = [bared[0] for bared, _ in expected]  # type: ignore[misc]
    assert statuses == [403] * 5 + [429] * 2
    for name, told in stories.items():
        assert told == expected, name
    assert {seconds for _, seconds in expected} == {0.5}  # type: ignore[misc]
    assert REFUSAL in str(expected[0])


async def test_without_a_digest_a_dummy_is_verified(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Lesson 75: the work is done also where there is nobody."""
    verified = []
    real = office.state.passwords.matches

    async def watched(password: str, digest: str | None) -> bool:
        verified.append(digest)
        return await real(password, digest)

    monkeypatch.setattr(office.state.passwords, "matches", watched)
    await office.old_login(office.browser(), "nobody@acme.example")
    await office.enter()
    await office.old_login(office.browser())
    assert verified == [None, None]


async def test_the_audit_trail_says_why_without_a_name(office: Office):
    await office.enter()
    await office.old_login(office.browser())
    await office.old_login(office.browser(), "nobody@acme.example")
    details = [row["details"] for row in await office.events("old_login.refused")]
    assert details == ['{"reason": "moved"}', '{"reason": "unknown"}']


async def test_a_lock_counts_down_and_ends(office: Office):
    await office.add_old_user()
    for _ in range(6):
        answer = await office.old_login(office.browser(), password=WRONG)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == answer.headers["refresh"] == "30"
    assert "0:30" in answer.text
    assert (await office.old_login(office.browser())).status_code == 429
    office.clock.advance(31)
    assert (await office.old_login(office.browser())).status_code == 303


async def test_locks_of_everybody_and_of_nobody_count_down_alike(office: Office):
    """Lesson 75: also while time goes by, and after the lock has run out."""
    await office.add_old_user()
    told: dict[str, list[object]] = {}
    people = ("ada@acme.example", "nobody@acme.example")
    browsers = {email: office.browser() for email in people}
    pages = {email: await browsers[email].get("/old-login") for email in people}
    for seconds in (0, 0, 0, 0, 0, 0, 10, 15, 6, 0, 40):
        office.clock.advance(seconds)
        for email in people:
            form = form_with(pages[email], "password")
            answer = await submit(browsers[email], form, email=email, password=WRONG)
            told.setdefault(email, []).append(
                (answer.status_code, answer.headers.get("retry-after"), bare(answer)[1])
            )
    mine, nobodys = told.values()
    assert [one[:2] for one in mine] == [one[:2] for one in nobodys]  # type: ignore[index]
    for one, other in zip(mine, nobodys, strict=True):
        assert one[2].replace("ada@", "") == other[2].replace("nobody@", "")  # type: ignore[index]
    assert "429" in str(mine)


async def test_a_known_browser_is_not_locked_out_by_others(office: Office):
    """Lesson 22: nobody can lock the owner out."""
    await office.add_old_user()
    known = office.browser()
    await office.old_login(known)
    known.cookies.delete("la_3000_session")
    for _ in range(7):
        await office.old_login(office.browser(), password=WRONG)
    assert (await office.old_login(office.browser())).status_code == 429
    assert (await office.old_login(known)).status_code == 303


async def test_a_login_in_another_account_does_not_forget_the_guesses(office: Office):
    """One address, two accounts: the owner of one password may not guess the other for ever."""
    await office.add_old_user()
    globex = await office.add_account("Globex", None)
    theirs = "violet-tractor-umbrella-55"
    await office.add_old_user(account_id=globex.id, digest=await digest_of(theirs))
    for _ in range(5):
        assert (await office.old_login(office.browser(), password=WRONG)).status_code == 403
    assert (await office.old_login(office.browser(), password=theirs)).status_code == 303
    assert (await office.old_login(office.browser(), password=WRONG)).status_code == 429


async def test_a_browser_known_in_another_account_opens_nothing_here(office: Office):
    old = await office.add_old_user()
    globex = await office.add_account("Globex", None)
    theirs = "violet-tractor-umbrella-55"
    await office.add_old_user(account_id=globex.id, digest=await digest_of(theirs))
    known = office.browser()
    assert (await office.old_login(known, password=theirs)).status_code == 303
    known.cookies.delete("la_3000_session")
    for _ in range(6):
        await office.old_login(known, password=WRONG)
    # Behind the lock of the address the browser reaches the user it knows, and nobody else.
    assert (await office.old_login(known)).status_code == 403
    assert (await office.user(old))["last_login_at"] is None
    assert (await office.old_login(known, password=theirs)).status_code == 303


async def test_a_busy_network_does_not_hold_a_known_browser(office: Office):
    await office.add_old_user()
    known = office.browser()
    await office.old_login(known)
    known.cookies.delete("la_3000_session")
    network = network_key(office.state.keyring, "127.0.0.1")
    for _ in range(51):
        await office.state.locks.record_failure(office.database, [(network, NETWORK)], office.now)
    assert (await office.old_login(office.browser())).status_code == 429
    assert (await office.old_login(known, password=WRONG)).status_code == 403
    rows = {row["key"]: row["failures"] for row in await office.rows("login_locks")}
    assert rows[network] == 52  # counted all the same
    assert (await office.old_login(known)).status_code == 303


async def test_who_cannot_log_in_takes_nobodys_place(office: Office):
    for number in range(5):
        other = await office.add_account(f"Moved {number}", f"{number:024}")
        moved = await office.add_old_user(account_id=other.id)
        await office.set_user(moved, issuer="x", subject=str(number), password_digest=None)
    last = await office.add_account("Globex", None)
    await office.add_old_user(account_id=last.id)
    answer = await office.old_login(office.browser())
    assert answer.headers["location"] == f"/app/accounts/{last.id}/dashboard"


@pytest.mark.parametrize("who", ["nobody", "argon2", "bcrypt", "moved", "unconfirmed"])
async def test_every_refusal_does_the_same_kinds_of_work(
    office: Office, who: str, monkeypatch: pytest.MonkeyPatch
):
    """While there are bcrypt digests, one of each: else the time would tell who has one."""
    digest = bcrypt.hashpw(OLD_PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await office.add_old_user(email="bcrypt@acme.example", digest=digest)
    await office.add_old_user(email="argon2@acme.example")
    await office.add_old_user(email="unconfirmed@acme.example", confirmed=False)
    await office.add_old_user(email="moved@acme.example")
    await office.enter(email="moved@acme.example")
    await office.old_login(office.browser(), "nobody@acme.example", WRONG)  # makes the dummy
    verified: list[str] = []
    for kind, hasher in (("argon2", Argon2Hasher), ("bcrypt", BcryptHasher)):
        verify = hasher.verify

        def watched(self, password, digest, kind=kind, verify=verify):
            verified.append(f"{kind} {str(digest)[4:6]}" if kind == "bcrypt" else kind)
            return verify(self, password, digest)

        monkeypatch.setattr(hasher, "verify", watched)
    assert (
        await office.old_login(office.browser(), f"{who}@acme.example", WRONG)
    ).status_code == 403
    assert sorted(verified) == ["argon2", "bcrypt 04"]


async def test_eight_failures_at_once_count_eight(office: Office):
    await office.add_old_user()
    await asyncio.gather(*(office.old_login(office.browser(), password=WRONG) for _ in range(8)))
    rows = [row for row in await office.rows("login_locks") if row["key"].startswith("account:")]
    assert [row["failures"] for row in rows] == [8]


async def test_a_bcrypt_digest_is_accepted_and_made_anew(office: Office):
    digest = bcrypt.hashpw(OLD_PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    old = await office.add_old_user(digest=digest)
    assert (await office.old_login(office.browser())).status_code == 303
    assert (await office.user(old))["password_digest"].startswith("$argon2id$")
    assert (await office.old_login(office.browser())).status_code == 303


async def test_a_password_of_several_accounts_asks_for_the_account(office: Office):
    await office.add_old_user()
    other = await office.add_account("Globex", None)
    there = await office.add_old_user(account_id=other.id)
    browser = office.browser()
    page = await office.old_login(browser)
    assert page.status_code == 200
    form = form_with(page, "account", "password")
    answer = await submit(
        browser, form, account=str(other.id), password=OLD_PASSWORD, email="ada@acme.example"
    )
    assert answer.headers["location"] == f"/app/accounts/{other.id}/dashboard"
    assert (await office.user(there))["last_login_at"] == office.now


async def test_an_account_that_is_not_theirs_cannot_be_chosen(office: Office):
    await office.add_old_user()
    other = await office.add_account("Globex", None)
    await office.add_old_user(account_id=other.id, email="other@acme.example")
    answer = await office.old_login(office.browser(), account=str(other.id))
    assert answer.headers["location"] == office.dashboard


async def test_a_stale_page_is_shown_anew_and_not_carried_out(office: Office):
    await office.add_old_user()
    browser = office.browser()
    await browser.get("/old-login")
    answer = await browser.post(
        "/old-login",
        data={"csrf_token": "old", "email": "ada@acme.example", "password": OLD_PASSWORD},
    )
    assert answer.status_code == 403
    assert form_with(answer, "password").fields["email"] == "ada@acme.example"
    assert "la_3000_session" not in browser.cookies
    assert OLD_PASSWORD not in answer.text


async def test_empty_fields_are_asked_for_again_and_count_nothing(office: Office):
    browser = office.browser()
    page = await browser.get("/old-login")
    answer = await submit(browser, form_with(page, "password"), email="", password="")
    assert answer.status_code == 400
    assert await office.rows("login_locks") == []


async def test_who_is_signed_in_goes_on_to_the_desk(office: Office):
    browser = await office.signed_in_browser()
    assert (await browser.get("/old-login")).headers["location"] == office.dashboard


async def test_a_proxy_that_is_not_named_is_told_of_once(
    office: Office, capsys: pytest.CaptureFixture[str]
):
    """Behind it all people are one network."""
    browser = office.browser(**{"x-forwarded-for": "203.0.113.9"})
    for _ in range(2):
        await office.old_login(browser, password=WRONG)
    assert capsys.readouterr().out.count("proxy.not_trusted") == 1
