"""The mails of Live Agent: a letter of the outbox holds values, the text is made at delivery.

So no template is rendered in a transaction, and a mail that waited says what is true then.
"""

from collections.abc import Mapping
from typing import Any

from kernel.clock import Clock
from kernel.html import PageContext, Pages
from kernel.languages import choose, n_
from kernel.mail import Mail, Transport
from kernel.outbox import Deliver
from live_agent.agents import links
from live_agent.break_glass.actions import MADE_LETTER, USED_LETTER
from live_agent.migration.actions import LINK_LETTER, MOVED_LETTER
from live_agent.moves.mover import REMINDER_LETTER
from live_agent.settings import Settings

SUBJECTS = {
    REMINDER_LETTER: n_("Please sign in to Live Agent with Cognigy.AI"),
    MOVED_LETTER: n_("You now log in to Live Agent with Cognigy.AI"),
    LINK_LETTER: n_("Confirm that this Live Agent user is yours"),
    links.LETTERS[links.INVITATION]: n_("You are invited to Live Agent"),
    links.LETTERS[links.CONFIRMATION]: n_("Confirm your address for Live Agent"),
    links.LETTERS[links.RESET]: n_("Set a new Live Agent password"),
    links.LETTERS[links.WAY_BACK]: n_("Your Live Agent user is back at the old login"),
    links.PASSWORD_CHANGED_LETTER: n_("Your Live Agent password was changed"),
    links.MOVED_ALREADY_LETTER: n_("You sign in to Live Agent with Cognigy.AI"),
    MADE_LETTER: n_("An emergency link for Live Agent was made"),
    USED_LETTER: n_("Somebody signed in to Live Agent with an emergency link"),
}
TEMPLATES = {kind: f"mail/{kind.removeprefix('mail.')}" for kind in SUBJECTS}
TEMPLATES |= dict.fromkeys((MADE_LETTER, USED_LETTER), "mail/break_glass")
LINKS = {  # where the secret of a letter leads
    LINK_LETTER: "/login/link/confirm",
    links.LETTERS[links.INVITATION]: "/old-login/password",
    links.LETTERS[links.CONFIRMATION]: "/old-login/confirm",
    links.LETTERS[links.RESET]: "/old-login/password",
    links.LETTERS[links.WAY_BACK]: "/old-login/password",
}


def deliveries(
    settings: Settings, pages: Pages, transport: Transport, clock: Clock
) -> dict[str, Deliver]:
    """What the courier calls for each kind of letter."""

    def deliver(kind: str) -> Deliver:
        async def send(letter: Mapping[str, Any], letter_id: str) -> None:
            mail = compose(settings, pages, kind, letter)
            await transport.send(mail, letter_id, clock.now())

        return send

    return {kind: deliver(kind) for kind in TEMPLATES}


def compose(settings: Settings, pages: Pages, kind: str, letter: Mapping[str, Any]) -> Mail:
    """One mail in the person's language."""
    language = choose(None, str(letter["locale"]).replace("_", "-"))
    page = PageContext(language, csrf_token="", theme="system", path="", reference="")
    site = settings.frontend_url
    platform = settings.cognigy_ai_ui_base_url_with_protocol
    values = {
        "letter": letter,
        "used": kind == USED_LETTER,
        "site": site,
        "login_url": f"{site}/login",
        "platform_profile_url": f"{platform}/profile" if platform else "",
        "old_login_url": f"{site}/old-login",
        "link_url": f"{site}{LINKS.get(kind, '')}/{letter.get('secret', '')}",
        "subject": pages.text(language, SUBJECTS[kind]),
    }
    return Mail(
        to=letter["to"],
        subject=pages.text(language, SUBJECTS[kind]),
        text=pages.render(f"{TEMPLATES[kind]}.txt", page, **values),
        html=pages.render(f"{TEMPLATES[kind]}.html", page, **values),
        language=language,
    )
