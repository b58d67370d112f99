"""Two spellings of one address may be two mailboxes: neither is told of the other."""

from cognigy_ai import letters
from support.mailbox import letters_of
from support.platform import Platform, submit

OTHER = "b" * 24
VICTIM, EVIL = "jos\u00e9@mail.example", "jose\u0301@mail.example"


async def ask(acme: Platform, at: str) -> None:
    browser = acme.browser()
    page = await browser.get(at)
    assert (await submit(browser, page, at, email=EVIL)).status_code == 303


async def add_both(acme: Platform) -> None:
    await acme.add_organisation(OTHER, "AAA first")
    await acme.add_user(VICTIM, name="Victim", roles=("admin",))
    await acme.add_user(EVIL, organisation=OTHER, name="Evil", email_verified=False)


async def test_each_spelling_gets_its_own_links_for_a_forgotten_password(acme: Platform) -> None:
    await add_both(acme)
    await ask(acme, "/password/forgot")
    mails = [letter for kind, letter in await letters_of(acme) if kind == letters.RESET]
    told = {
        (each["to"], each["name"], *(link["organisation"] for link in each["links"]))
        for each in mails
    }
    assert told == {(VICTIM, "Victim", "Acme"), (EVIL, "Evil", "AAA first")}


async def test_each_spelling_is_told_its_own_organisations(acme: Platform) -> None:
    await add_both(acme)
    await ask(acme, "/login/organisations")
    mails = [letter for kind, letter in await letters_of(acme) if kind == letters.ORGANISATIONS]
    told = {
        (each["to"], each["name"], *(place["name"] for place in each["organisations"]))
        for each in mails
    }
    assert told == {(VICTIM, "Victim", "Acme"), (EVIL, "Evil", "AAA first")}
