"""What every page and endpoint shares: guards, errors, choices, files, health."""

from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from cognigy_ai.guards import ANYBODY, PROTOCOL
from cognigy_ai.keys.actions import KeyStore
from cognigy_ai.routes import ROUTES
from kernel.db import DatabaseUnavailable
from kernel.mail import FolderTransport, Mail
from kernel.web.api.application import ApiMount, permission_of, routes_of
from kernel.web.guards import guarded
from support.platform import Platform, submit


@pytest.fixture
async def browser(platform: Platform):
    async with platform.browser() as client:
        yield client


def test_every_route_has_a_guard() -> None:
    for route in ROUTES:
        if isinstance(route, Mount):
            assert route.path == "/static"
        elif isinstance(route, ApiMount):
            assert all(permission_of(operation) for _, operation in routes_of(route.api))
        else:
            assert isinstance(route, Route)
            assert hasattr(route, "guard"), route.path


async def test_an_unknown_path_is_a_page_with_a_reference(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/nothing/here")
    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert 'role="alert"' in page.text


async def test_an_unknown_path_is_json_for_a_program(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nothing/here", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (404, {"error": "page_not_found"})


async def test_a_method_that_a_path_does_not_have_is_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.delete("/profile")).status_code == 405


async def broken(_request: Request) -> Response:
    raise RuntimeError("the secret inside")


@pytest.fixture
def broken_routes(platform: Platform) -> None:
    platform.app.router.routes[:0] = [
        guarded("GET", "/broken", broken, ANYBODY),
        guarded("GET", "/broken-protocol", broken, PROTOCOL),
    ]


@pytest.mark.usefixtures("broken_routes")
async def test_a_bug_is_a_plain_page_with_a_reference_and_nothing_else(
    browser: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await browser.get("/broken?code=very-secret")
    assert page.status_code == 500
    assert "Something went wrong at our side" in page.text
    assert "the secret inside" not in page.text
    assert "RuntimeError" not in page.text
    for header in ("content-security-policy", "x-frame-options", "cache-control"):
        assert header in page.headers
    logged = capsys.readouterr()
    assert "request.failed" in logged.out + logged.err


@pytest.mark.usefixtures("broken_routes")
async def test_a_bug_is_json_for_a_program(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/broken-protocol", headers={"accept": "*/*"})
    assert answer.status_code == 500
    assert answer.json()["error"] == "server_error"


async def test_a_busy_database_is_a_page_that_tries_again(
    platform: Platform, browser: httpx.AsyncClient
) -> None:
    async def busy(_request: Request) -> Response:
        raise DatabaseUnavailable("SQLITE_BUSY")

    platform.app.router.routes.insert(0, guarded("GET", "/busy", busy, ANYBODY))
    page = await browser.get("/busy")
    assert page.status_code == 503
    assert page.headers["retry-after"] == page.headers["refresh"] == "5"


async def test_another_host_name_is_led_to_the_configured_one(platform: Platform) -> None:
    transport = httpx.ASGITransport(platform.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as other:
        answer = await other.get("/help?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "http://localhost:8000/help?x=1"


async def test_the_language_follows_the_picker_then_the_browser(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/help", headers={"accept-language": "ja"})
    assert '<html lang="ja"' in page.text
    page = await browser.get("/help")
    answer = await submit(browser, page, "/language", language="de", return_to="/help?x=1")
    assert answer.headers["location"] == "/help?x=1"
    page = await browser.get("/help", headers={"accept-language": "ja"})
    assert '<html lang="de"' in page.text


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_a_choice_never_leads_to_another_site(
    browser: httpx.AsyncClient, target: str
) -> None:
    page = await browser.get("/help")
    answer = await submit(browser, page, "/language", language="de", return_to=target)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("value", ["fr", "../de", "", "de\r\nset-cookie: x=1"])
async def test_an_invented_choice_sets_nothing(browser: httpx.AsyncClient, value: str) -> None:
    page = await browser.get("/help")
    answer = await submit(browser, page, "/language", language=value)
    assert "set-cookie" not in answer.headers
    answer = await submit(browser, page, "/language", language="", theme=value)
    assert "set-cookie" not in answer.headers


async def test_a_choice_needs_the_token_of_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/language", data={"language": "de"})
    assert answer.status_code == 403


async def test_files_with_their_version_are_kept_for_ever(browser: httpx.AsyncClient) -> None:
    versioned = await browser.get("/static/design.css?v=12345678")
    assert "immutable" in versioned.headers["cache-control"]
    bare = await browser.get("/static/brand.css")
    assert (bare.status_code, bare.headers["cache-control"]) == (200, "no-cache")
    missing = await browser.get("/static/nothing.css?v=1")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers["cache-control"]


@pytest.mark.parametrize("path", ["../settings.py", "%2e%2e/settings.py", "..%2fsettings.py"])
async def test_no_file_outside_of_the_folders_is_served(
    browser: httpx.AsyncClient, path: str
) -> None:
    assert (await browser.get(f"/static/{path}")).status_code == 404


async def test_the_mark_stands_where_browsers_look_for_it(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")


async def test_health_tells_whether_the_database_answers(
    platform: Platform, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = await browser.get("/health/readiness")
    assert (ready.status_code, ready.json()["keys"]) == (503, "unavailable")  # none is made yet
    keys: KeyStore = platform.app.state.keys
    await keys.ensure_keys(platform.clock.now())
    for probe in ("liveness", "startup", "readiness"):
        assert (await browser.get(f"/health/{probe}")).status_code == 200

    class Gone:
        async def one(self, _statement: object) -> None:
            raise DatabaseUnavailable("ConnectionRefusedError")

    monkeypatch.setattr(platform.app.state, "database", Gone())
    assert (await browser.get("/health/readiness")).json()["database"] == "unavailable"
    assert (await browser.get("/health/liveness")).status_code == 200


async def test_without_the_demo_there_is_no_page_of_mail(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/demo/mail")).status_code == 404


class TestWithMailFolder:
    @pytest.fixture
    def environment(self, tmp_path: Path) -> dict[str, str]:
        return {"DEMO_MAIL_FOLDER": str(tmp_path)}

    async def test_the_demo_shows_what_would_have_been_sent(
        self, browser: httpx.AsyncClient, tmp_path: Path
    ) -> None:
        assert "No mail yet" in (await browser.get("/demo/mail")).text
        mail = Mail(
            "ada@acme.example", "A <b>subject", "Open http://localhost:3000/x?y=1", "<p></p>", "en"
        )
        await FolderTransport(tmp_path, "Demo <demo@acme.example>").send(mail, "a1", 1_767_225_600)
        page = await browser.get("/demo/mail")
        assert "A &lt;b&gt;subject" in page.text
        assert 'href="http://localhost:3000/x?y=1"' in page.text


async def test_strict_transport_is_for_https_and_never_for_loopback(platform: Platform) -> None:
    from cognigy_ai.app import build_app
    from support.platform import settings_of

    async def header(changes: dict[str, str]) -> str | None:
        made = build_app(settings_of(changes), platform.database, platform.clock, background=False)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://x") as c:
            found = (await c.get("/health/liveness")).headers.get("strict-transport-security")
            assert found is None or isinstance(found, str)
            return found

    assert await header({}) is None
    assert await header({"BACKEND_BASE_URL_WITH_PROTOCOL": "https://localhost:8000"}) is None
    strict = await header({"BACKEND_BASE_URL_WITH_PROTOCOL": "https://ai.example.com"})
    assert strict is not None
    assert strict.startswith("max-age=31536000")
