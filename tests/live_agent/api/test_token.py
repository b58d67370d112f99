"""Who may call the Platform API."""

import pytest
from structlog.testing import capture_logs

from kernel.settings import SettingsError, load
from live_agent.settings import Settings
from support.office import ENVIRONMENT, Office
from support.platform_callers import API, TOKEN, Caller, caller

PREVIOUS = "the-platform-token-before-it-22"
WRONG = "a-platform-token-of-nobody-333"


async def test_the_right_token_opens_the_api(platform: Caller, office: Office):
    found = await platform.reads("/accounts")
    assert [one["id"] for one in found["accounts"]] == [office.account.id]


async def test_without_a_token_nothing_is_told(office: Office):
    for path in ("/accounts", f"/accounts/{office.account.id}", "/users/us_1"):
        body = await caller(office, None).refused("GET", path, 401, "platform_token_missing")
        assert "Acme" not in str(body)
    await caller(office, "").refused("GET", "/accounts", 401, "platform_token_missing")


@pytest.mark.parametrize(
    "token",
    [
        WRONG,
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN.upper(),
        f" {TOKEN}x",
        "\u00e9".encode().decode("latin-1"),
    ],
    ids=["other", "shorter", "longer", "capitals", "spaced", "not-ascii"],
)
async def test_a_wrong_token_is_refused_and_never_repeated(office: Office, token: str):
    with capture_logs() as logs:
        asked = caller(office, None)
        answer = await asked.http.get(
            f"{API}/accounts", headers={b"api_access_token": token.encode("latin-1")}
        )
    assert (answer.status_code, answer.json()["code"]) == (401, "platform_token_wrong")
    assert answer.headers["www-authenticate"].startswith("ApiAccessToken ")
    assert token not in answer.text + repr(logs)
    assert TOKEN not in answer.text + repr(logs)


async def test_two_tokens_in_one_request_are_none(office: Office):
    headers = [("api_access_token", WRONG), ("api_access_token", TOKEN)]
    answer = await caller(office, None).http.get(f"{API}/accounts", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "platform_token_wrong")


async def test_a_proxy_that_drops_names_with_underscores_does_no_harm(office: Office):
    asked = caller(office, None).http
    for headers in (
        {"api-access-token": TOKEN},
        {"api-access-token": TOKEN, "api_access_token": TOKEN},
    ):
        assert (await asked.get(f"{API}/accounts", headers=headers)).status_code == 200
    for headers in (
        {"api-access-token": WRONG},
        {"api-access-token": TOKEN, "api_access_token": WRONG},
        {"api-access-token": WRONG, "api_access_token": TOKEN},
        {"api-access-token": "", "api_access_token": TOKEN},
    ):
        answer = await asked.get(f"{API}/accounts", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "platform_token_wrong")


async def test_a_token_elsewhere_than_in_the_header_opens_nothing(office: Office):
    asked = caller(office, None)
    for options in (
        {"params": {"api_access_token": TOKEN}},
        {"headers": {"authorization": f"Bearer {TOKEN}"}},
        {"headers": {"cookie": f"api_access_token={TOKEN}"}},
    ):
        answer = await asked.http.get(f"{API}/accounts", **options)
        assert answer.status_code == 401, options
        assert TOKEN not in answer.text


async def test_a_browsers_session_opens_nothing(office: Office):
    async with await office.signed_in_browser() as browser:
        answer = await browser.get(f"{API}/accounts")
        assert answer.json()["code"] == "platform_token_missing"
        assert "set-cookie" not in answer.headers


class TestUnset:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {}

    @pytest.mark.parametrize("token", [None, "", TOKEN], ids=["none", "empty", "some"])
    async def test_without_a_token_of_its_own_the_api_is_off(
        self, office: Office, token: str | None
    ):
        await caller(office, token).refused("GET", "/accounts", 503, "platform_api_off")


class TestRotation:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {
            "COGNIGY_PLATFORM_APP_TOKEN": TOKEN,
            "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS": PREVIOUS,
        }

    async def test_during_a_rotation_both_tokens_are_right(self, office: Office):
        for token in (TOKEN, PREVIOUS):
            assert await caller(office, token).reads("/accounts")
        await caller(office, WRONG).refused("GET", "/accounts", 401, "platform_token_wrong")
        both = f"{TOKEN},{PREVIOUS}"
        await caller(office, both).refused("GET", "/accounts", 401, "platform_token_wrong")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"COGNIGY_PLATFORM_APP_TOKEN": "short"}, "COGNIGY_PLATFORM_APP_TOKEN"),
        (
            {"COGNIGY_PLATFORM_APP_TOKEN": TOKEN, "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS": "short"},
            "COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS",
        ),
        ({"COGNIGY_PLATFORM_APP_TOKEN_PREVIOUS": PREVIOUS}, "COGNIGY_PLATFORM_APP_TOKEN"),
    ],
    ids=["short", "short-before", "only-before"],
)
def test_a_token_that_protects_nothing_keeps_the_server_from_starting(
    changes: dict[str, str], key: str
):
    with pytest.raises(SettingsError) as refused:
        load(Settings, ENVIRONMENT | changes)
    assert [fault.key for fault in refused.value.faults] == [key]
    assert "short" not in str(refused.value).replace("is shorter", "")


async def test_guessing_is_slow_and_stops_nobody_who_has_the_token(office: Office):
    """ADR 0012."""
    guesser = caller(office, WRONG, address="198.51.100.7")
    for _ in range(50):
        await guesser.refused("GET", "/accounts", 401, "platform_token_wrong")
    answer = await guesser.asks("GET", "/accounts")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0
    assert await caller(office, TOKEN, address="198.51.100.7").reads("/accounts")
    await caller(office, WRONG).refused("GET", "/accounts", 401, "platform_token_wrong")
    office.clock.advance(700)
    await guesser.refused("GET", "/accounts", 401, "platform_token_wrong")
