"""Addresses of pages that nobody writes by hand."""

import pytest

from support.office import Office

SETTINGS = ("agents/%00", "agents/a%00/sessions", "agents/%00/delete", "conflicts/%00")


@pytest.mark.parametrize("page", SETTINGS)
async def test_an_address_that_cannot_be_stored_is_not_there(office: Office, page: str):
    """PostgreSQL has no text with a NUL: it was a failure of the server."""
    browser = await office.signed_in_browser(roles=("administrator",))
    answer = await browser.get(f"/app/accounts/{office.account.id}/settings/{page}")
    assert answer.status_code == 404
    assert "reference" in answer.text.lower()
