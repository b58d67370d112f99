"""What the mails say, in three languages, and that templates and texts fit each other."""

import pytest

from kernel.html import pages_of
from kernel.mail import list_folder
from kernel.settings import load
from live_agent.mails import compose
from live_agent.settings import Settings
from support.office import ENVIRONMENT, Office

LETTER = {
    "to": "ada@acme.example",
    "name": "Ada <b>& Co</b>",
    "locale": "en",
    "platform_email": "ada.lovelace@acme.example",
    "account": "Acme",
    "secret": "ll_secret",
    "expires_at": 1_767_225_600,
    "at": 1_767_225_600,
}


def compose_in(locale: str, kind: str):
    pages = pages_of("live_agent", "Live Agent")
    return compose(load(Settings, ENVIRONMENT), pages, kind, LETTER | {"locale": locale})


@pytest.mark.parametrize("kind", ["mail.moved", "mail.link"])
@pytest.mark.parametrize("locale", ["en", "de", "ja", "de-AT", "xx", ""])
def test_each_mail_is_written_in_the_persons_language(kind: str, locale: str):
    mail = compose_in(locale, kind)
    assert mail.language == {"de": "de", "de-AT": "de", "ja": "ja"}.get(locale, "en")
    assert mail.to == "ada@acme.example"
    for body in (mail.text, mail.html):
        assert "ada.lovelace@acme.example" in body
    assert "\n" not in mail.subject
    if mail.language != "en":
        assert mail.subject != compose_in("en", kind).subject


OLD_LINKS = {
    "mail.invitation": "/old-login/password/ll_secret",
    "mail.reset": "/old-login/password/ll_secret",
    "mail.confirmation": "/old-login/confirm/ll_secret",
    "mail.password_changed": "",
    "mail.moved_already": "",
}


@pytest.mark.parametrize("kind", OLD_LINKS)
@pytest.mark.parametrize("locale", ["en", "de", "ja"])
def test_mails_to_old_users_hold_their_link_and_no_other(kind: str, locale: str):
    """Lesson 77: whoever signs in with Cognigy.AI is offered no password of ours."""
    mail = compose_in(locale, kind)
    for body in (mail.text, mail.html):
        assert "Acme" in body
        assert ("ll_secret" in body) == bool(OLD_LINKS[kind])
        assert not OLD_LINKS[kind] or f"http://localhost:3000{OLD_LINKS[kind]}" in body
    assert "<b>" not in mail.html.replace("<body>", "")
    if locale != "en":
        assert mail.subject != compose_in("en", kind).subject
        assert mail.text != compose_in("en", kind).text


def test_the_text_is_plain_and_the_html_is_escaped():
    mail = compose_in("en", "mail.moved")
    assert "Ada <b>& Co</b>" in mail.text
    assert "Ada &lt;b&gt;&amp; Co&lt;/b&gt;" in mail.html
    assert "http://localhost:3000/login" in mail.text
    assert "http://localhost:8000/profile" in mail.text


def test_the_proof_names_both_accounts_and_holds_the_link():
    """Lesson 18: who confirms reads which two accounts become one."""
    mail = compose_in("en", "mail.link")
    for body in (mail.text, mail.html):
        assert "http://localhost:3000/login/link/confirm/ll_secret" in body
        assert "ada@acme.example" in body
        assert "ada.lovelace@acme.example" in body
        assert "Acme" in body


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    return {"DEMO_MAIL_FOLDER": str(tmp_path / "mail")}


async def test_a_move_is_told_by_mail(office: Office, tmp_path):
    await office.add_old_user()
    await office.enter(email="Ada@acme.example", locale="de")
    assert await office.state.courier.deliver_due() == 1
    (mail,) = list_folder(tmp_path / "mail")
    assert mail.to == "ada@acme.example"
    assert "http://localhost:3000/login" in mail.text
    page = await office.browser().get("/demo/mail")
    assert mail.subject in page.text


@pytest.mark.parametrize("kind", ["mail.break_glass_made", "mail.break_glass_used"])
@pytest.mark.parametrize("locale", ["en", "de", "ja"])
def test_the_alarm_says_who_why_and_by_whom(kind: str, locale: str):
    said = {
        "person": "The Boss",
        "person_email": "boss@acme.example",
        "reason": "The platform is down.",
        "made_by": "root",
    }
    pages = pages_of("live_agent", "Live Agent")
    mail = compose(load(Settings, ENVIRONMENT), pages, kind, LETTER | said | {"locale": locale})
    for body in (mail.text, mail.html):
        for expected in (*said.values(), "Acme"):
            assert expected in body
        assert "break-glass/" not in body  # the link is the operator's to hand over
    assert mail.language == locale


def test_the_way_back_holds_the_link_for_a_new_password():
    mail = compose_in("en", "mail.way_back")
    for body in (mail.text, mail.html):
        assert "http://localhost:3000/old-login/password/ll_secret" in body
        assert "Acme" in body
