"""What the mails say, in three languages, and that their links lead to this installation."""

import re

import pytest

from cognigy_ai import letters
from cognigy_ai.mails import DRAFTS, TWO_STEP_TEXTS, compose
from kernel.html import pages_of
from kernel.mail import Mail, as_message
from support.platform import Platform, settings_of

BASE = "https://cognigy.example.com"
LETTER = {
    "to": "ada@acme.example",
    "name": "Ada <b>& Co",
    "locale": "en",
    "organisation": "Acme <i>",
    "secret": "pl_the-secret",
    "invited_by": "Grace {secret}",
    "links": [{"organisation": "Acme <i>", "secret": "pl_the-secret"}],
    "organisations": [{"id": "a" * 24, "name": "Acme"}, {"id": "b" * 24, "name": "Globex"}],
    "query": "client_id=x&organisationId=other&state=a%26b",
    "old": "old@acme.example",
    "new_email": "new@acme.example",
    "done": False,
    "change": "on",
}


def composed(kind: str, **changes: object) -> Mail:
    settings = settings_of(
        {
            "BACKEND_BASE_URL_WITH_PROTOCOL": "https://api.example.com",
            "FRONTEND_BASE_URL_WITH_PROTOCOL": BASE,
        }
    )
    return compose(settings, pages_of("cognigy_ai", "Cognigy.AI"), kind, LETTER | changes)


def links_in(mail: Mail) -> list[str]:
    return re.findall(r"^(https?://\S+)$", mail.text, re.MULTILINE)


def test_every_letter_to_a_person_has_a_mail() -> None:
    kinds = {value for name, value in vars(letters).items() if name.isupper()}
    assert {kind for kind in kinds if kind.startswith("mail.")} == set(DRAFTS)


@pytest.mark.parametrize("kind", DRAFTS)
@pytest.mark.parametrize("locale", ["en", "de", "ja", "de_AT", "xx", ""])
def test_each_mail_is_written_in_the_persons_language(kind: str, locale: str) -> None:
    mail = composed(kind, locale=locale)
    assert mail.language == {"de": "de", "de_AT": "de", "ja": "ja"}.get(locale, "en")
    assert mail.to == "ada@acme.example"
    assert f'<html lang="{mail.language}">' in mail.html
    as_message(mail, "no-reply@example.com", "letter", 0)


@pytest.mark.parametrize("kind", DRAFTS)
def test_text_and_html_say_the_same_and_nothing_is_left_unfilled(kind: str) -> None:
    mail = composed(kind, invited_by="Grace Hopper")
    assert "{" not in mail.text
    assert "Ada <b>& Co" in mail.text
    assert "Ada &lt;b&gt;&amp; Co" in mail.html
    assert "<b>" not in mail.html
    assert "<i>" not in mail.html
    assert "\n" not in mail.subject
    for link in links_in(mail):
        assert link.replace("&", "&amp;") in mail.html


@pytest.mark.parametrize("kind", DRAFTS)
def test_every_link_leads_to_the_pages_of_the_settings(kind: str) -> None:
    links = links_in(composed(kind))
    assert links
    assert all(link == BASE or link.startswith(f"{BASE}/") for link in links)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (letters.INVITATION, "/password/set/pl_the-secret"),
        (letters.RESET, "/password/reset/pl_the-secret"),
        (letters.EMAIL_CHANGE, "/email/confirm/pl_the-secret"),
        (letters.EMAIL_CHANGED, "/profile/email"),
        (letters.PASSWORD_CHANGED, "/password/forgot"),
        (letters.TWO_STEP, "/profile/two-step"),
    ],
)
def test_each_mail_leads_to_its_page(kind: str, path: str) -> None:
    assert links_in(composed(kind))[0] == BASE + path


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_mail_loads_nothing_from_elsewhere(kind: str) -> None:
    """No picture, no font, no pixel: nobody learns that it was opened."""
    html = composed(kind).html
    for loaded in ("<img", "<link", "src=", "url(", "@import", "<script"):
        assert loaded not in html


def test_a_name_that_looks_like_a_field_stays_a_name() -> None:
    assert "Grace {secret} has made an account" in composed(letters.INVITATION).text


def test_an_invitation_without_a_name_names_nobody() -> None:
    assert "an account was made for you at Acme" in composed(letters.INVITATION, invited_by="").text


def test_a_reset_for_several_organisations_has_a_link_for_each() -> None:
    several = [{"organisation": name, "secret": f"pl_{name}"} for name in ("Acme", "Globex")]
    mail = composed(letters.RESET, links=several)
    assert "Set a new password at Globex:\n" + f"{BASE}/password/reset/pl_Globex" in mail.text
    assert links_in(mail)[:2] == [f"{BASE}/password/reset/pl_{x}" for x in ("Acme", "Globex")]


def test_the_organisations_mail_carries_the_request_on() -> None:
    mail = composed(letters.ORGANISATIONS)
    assert links_in(mail)[0] == f"{BASE}/login?client_id=x&state=a%26b&organisationId={'a' * 24}"
    assert "Sign in to Globex" in mail.text


def test_the_old_address_hears_of_the_wish_and_of_the_change() -> None:
    wish, change = (composed(letters.EMAIL_CHANGED, done=done) for done in (False, True))
    for mail in (wish, change):
        assert "new@acme.example" in mail.text
    assert "about to change" in wish.subject
    assert "was changed" in change.subject


@pytest.mark.parametrize("change", TWO_STEP_TEXTS)
def test_each_change_of_two_step_login_is_told(change: str) -> None:
    mail = composed(letters.TWO_STEP, change=change)
    assert mail.subject == TWO_STEP_TEXTS[change][0]


async def test_the_courier_delivers_every_kind(platform: Platform) -> None:
    """Without a mail server it keeps them, and says why."""
    state = platform.app.state.all
    async with platform.database.transaction() as tx:
        for kind in DRAFTS:
            await state.outbox.add(tx, kind, LETTER, platform.now)
    assert await state.courier.deliver_due() == len(DRAFTS)
    left = await state.outbox.lease(platform.database, platform.now + 3600)
    assert {letter.kind for letter in left} == set(DRAFTS)
