"""Settings → Single sign-on: what an administrator sees of the doctor, and what only operators."""

from live_agent.doctor.checkups import AGAIN_SECONDS
from support.office import Office, submit
from support.visitor import form_with

PAGE = "single-sign-on"


def address(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/settings/{PAGE}"


async def test_a_platform_that_is_away_is_an_operators_matter(office: Office):
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office))
    assert page.status_code == 200
    assert "live-agent doctor" in page.text
    assert "COGNIGY_OAUTH_SITE" in page.text
    rows = page.text.split('class="folds"')[1].split("</main>")[0]
    assert "localhost:8000" not in rows, "it may be an address of the inner network"
    assert "mail.acme.example" not in rows


async def test_a_proxy_that_is_not_trusted_is_wrong_and_open(office: Office):
    """Pain 9: what the proxy passes on is compared with FRONTEND_URL."""
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office), headers={"x-forwarded-for": "192.0.2.7"})
    row = page.text.split('id="browser"')[1].split("</details>")[0]
    assert row.startswith(" open>")
    assert "TRUSTED_PROXIES" in row


async def test_check_again_asks_anew_and_comes_back_to_the_row(office: Office):
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        page = await browser.get(address(office))
        form = form_with(page, to=address(office))
        for check, row in (("issuer", "#issuer"), ("nothing", ""), ("#x", "")):
            answer = await submit(browser, form, check=check)
            assert answer.headers["location"] == address(office) + row


async def test_whoever_presses_check_again_all_the_time_makes_nobody_wait(office: Office):
    """One examination runs at a time, for all accounts."""
    async with await office.signed_in_browser(roles=("administrator",)) as browser:
        form = form_with(await browser.get(address(office)), to=address(office))
        first = await office.state.checkups.of(office.account.id)
        await submit(browser, form, check="issuer")
        assert await office.state.checkups.of(office.account.id) is first
        office.clock.advance(AGAIN_SECONDS)
        await submit(browser, form, check="issuer")
        assert await office.state.checkups.of(office.account.id) is not first
