"""The mails of the platform: a letter of the outbox holds values, the text is made at delivery.

So no template is rendered in a transaction. Every address in a mail begins with the one of the
settings, never with what a request called this host.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cognigy_ai import letters
from cognigy_ai.settings import Settings
from kernel.clock import Clock
from kernel.html import PageContext, Pages
from kernel.languages import choose, n_
from kernel.mail import Mail, Transport
from kernel.outbox import Deliver

Letter = Mapping[str, Any]
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NAMES = ("name", "invited_by")
ADDRESS = re.compile(r"[.:/@\\](?=\S)")  # what holds an address together
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Link:
    """A button of the mail, and its address in words. `values` fill the label."""

    label: str
    path: str
    values: Letter


@dataclass(frozen=True, slots=True)
class Draft:
    """What a mail says, still in English; `{fields}` are filled with the letter's values."""

    subject: str
    said: tuple[str, ...]
    links: tuple[Link, ...] = ()
    after: tuple[str, ...] = ()


def deliveries(
    settings: Settings, pages: Pages, transport: Transport, clock: Clock
) -> dict[str, Deliver]:
    """What the courier calls for each kind of letter."""

    def deliver(kind: str) -> Deliver:
        async def send(letter: Letter, letter_id: str) -> None:
            await transport.send(compose(settings, pages, kind, letter), letter_id, clock.now())

        return send

    return {kind: deliver(kind) for kind in DRAFTS}


def compose(settings: Settings, pages: Pages, kind: str, letter: Letter) -> Mail:
    """One mail in the person's language, as text and as HTML."""
    letter = {**letter, **{key: _plain(letter[key]) for key in NAMES if letter.get(key)}}
    language = choose(None, str(letter["locale"]).replace("_", "-"))
    page = PageContext(language, csrf_token="", theme="system", path="", reference="")
    draft = DRAFTS[kind](letter)

    def say(text: str, values: Letter = letter) -> str:
        return _filled(pages.text(language, text), values)

    site = settings.pages_url
    values = {
        "letter": letter,
        "site": site,
        "subject": say(draft.subject),
        "said": [say(text) for text in draft.said],
        "links": [(say(each.label, each.values), site + each.path) for each in draft.links],
        "after": [say(text) for text in draft.after],
    }
    return Mail(
        to=letter["to"],
        subject=say(draft.subject),
        text=pages.render("mail/letter.txt", page, **values),
        html=pages.render("mail/letter.html", page, **values),
        language=language,
    )


def _plain(name: str) -> str:
    """A name that administrators typed: mail programs must not find an address of a site in it."""
    apart = ADDRESS.sub(r"\g<0> ", " ".join(name.split()))
    return apart if len(apart) <= LONGEST_NAME else f"{apart[: LONGEST_NAME - 1].rstrip()}…"


def _filled(text: str, values: Letter) -> str:
    """In one go: what stands in somebody's name is not filled in turn."""
    return PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), text)


def _invitation(letter: Letter) -> Draft:
    by = letter["invited_by"]
    return Draft(
        n_("You are invited to {organisation}"),
        (
            n_(
                "{invited_by} has made an account for you at {organisation}, with this "
                "address: {to}"
            )
            if by
            else n_("an account was made for you at {organisation}, with this address: {to}"),
            n_("Choose a password to begin. The link works once, for 7 days."),
        ),
        (Link(n_("Set password"), f"/password/set/{letter['secret']}", letter),),
        (
            n_(
                "If you did not expect this, do nothing: nobody can use an account without "
                "a password."
            ),
        ),
    )


def _reset(letter: Letter) -> Draft:
    links = letter["links"]
    label = (
        n_("Set a new password") if len(links) == 1 else n_("Set a new password at {organisation}")
    )
    return Draft(
        n_("Set a new password"),
        (
            n_("somebody, probably you, asked for a new password for the account {to}."),
            n_("The link works once, for 30 minutes.")
            if len(links) == 1
            else n_("There is a link for each organisation. It works once, for 30 minutes."),
        ),
        tuple(Link(label, f"/password/reset/{each['secret']}", each) for each in links),
        (
            n_("If it was not you, do nothing: your password stays as it is."),
            n_("Pass this mail on to nobody. We never ask for it."),
        ),
    )


def _organisations(letter: Letter) -> Draft:
    def href(organisation_id: str) -> str:
        kept = [(k, v) for k, v in parse_qsl(letter["query"]) if k != "organisationId"]
        return f"/login?{urlencode([*kept, ('organisationId', organisation_id)])}"

    return Draft(
        n_("Your organisations"),
        (
            n_("you have an account in several organisations, with this address: {to}")
            if len(letter["organisations"]) > 1
            else n_("you have an account with this address: {to}"),
            n_("Sign in with the link of the organisation that you want."),
        ),
        tuple(
            Link(n_("Sign in to {name}"), href(each["id"]), each)
            for each in letter["organisations"]
        ),
        (n_("If you did not ask for this, do nothing: nobody was signed in."),),
    )


def _email_change(letter: Letter) -> Draft:
    return Draft(
        n_("Confirm your new e-mail address"),
        (
            n_("the account {old} at {organisation} is to get this e-mail address: {to}"),
            n_("Confirm it within 24 hours. Until then the old address counts."),
        ),
        (Link(n_("Confirm this address"), f"/email/confirm/{letter['secret']}", letter),),
        (n_("If you do not know this account, do nothing: without the button nothing changes."),),
    )


def _email_changed(letter: Letter) -> Draft:
    if letter["done"]:
        return Draft(
            n_("Your e-mail address was changed"),
            (
                n_(
                    "the e-mail address of your account at {organisation} is {new_email} from "
                    "now on."
                ),
                n_("You sign in with it, and mails for you go there."),
            ),
            (Link(n_("Look at your profile"), "/profile", letter),),
            (n_("If that was not you, tell an administrator of {organisation} at once."),),
        )
    return Draft(
        n_("Your e-mail address is about to change"),
        (
            n_(
                "somebody who was signed in as you, or an administrator of {organisation}, wants "
                "your account to have another e-mail address: {new_email}"
            ),
            n_("It counts as soon as the link in a mail to that address is used."),
        ),
        (Link(n_("Keep the address, or look at it"), "/profile/email", letter),),
        (
            n_(
                "If that was not you, change your password at once: that stops it. Then tell an "
                "administrator of {organisation}."
            ),
        ),
    )


def _password_changed(letter: Letter) -> Draft:
    return Draft(
        n_("Your password was changed"),
        (
            n_("the password of your account {to} at {organisation} was changed."),
            n_("Whoever was signed in with the old one is signed out."),
        ),
        (Link(n_("It was not me: set a new password"), "/password/forgot", letter),),
        (n_("If that was not you, tell an administrator of {organisation} too."),),
    )


TWO_STEP_TEXTS = {
    "on": (
        n_("Two-step login is on"),
        n_("two-step login was switched on for your account {to} at {organisation}."),
        n_("From now on a code of your authenticator app is asked for beside the password."),
    ),
    "off": (
        n_("Two-step login is off"),
        n_("two-step login was switched off for your account {to} at {organisation}."),
        n_("The password alone signs in. The recovery codes no longer work."),
    ),
    "reset": (
        n_("Two-step login was reset"),
        n_("an administrator reset two-step login for your account {to} at {organisation}."),
        n_("Your authenticator app and the recovery codes no longer work; set it up anew."),
    ),
    "codes": (
        n_("You have new recovery codes"),
        n_("recovery codes were made for your account {to} at {organisation}."),
        n_("The ones before no longer work."),
    ),
}


def _two_step(letter: Letter) -> Draft:
    subject, *said = TWO_STEP_TEXTS[letter["change"]]
    return Draft(
        subject,
        tuple(said),
        (Link(n_("Look at two-step login"), "/profile/two-step", letter),),
        (
            n_(
                "If that was not you, change your password and tell an administrator of "
                "{organisation} at once."
            ),
        ),
    )


DRAFTS: dict[str, Callable[[Letter], Draft]] = {
    letters.INVITATION: _invitation,
    letters.RESET: _reset,
    letters.ORGANISATIONS: _organisations,
    letters.EMAIL_CHANGE: _email_change,
    letters.EMAIL_CHANGED: _email_changed,
    letters.PASSWORD_CHANGED: _password_changed,
    letters.TWO_STEP: _two_step,
}
