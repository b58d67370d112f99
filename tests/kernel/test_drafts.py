"""What was typed and not sent, in a real browser: kept, restored, forgotten (kernel/static)."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from kernel.html import static_directories
from support.chromium import launch_options

POLICY = "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'"
NOBODYS = '<script type="module" src="/static/unsent.js"></script>'
SCRIPT = NOBODYS + '<script type="module" src="/static/drafts.js"></script>'
FORM = """<form method="post" action="/send{path}">
<textarea name="reason" data-draft="Restored.">{typed}</textarea><button>Send</button></form>
<form method="post" action="/logout"><button>Log out</button></form>"""


class Desk(BaseHTTPRequestHandler):
    """Pages of `state["person"]`, who is signed in, or nobody; `state["answer"]` to a form."""

    def __init__(self, state: dict[str, str], *args: object) -> None:
        self.state = state
        super().__init__(*args)  # type: ignore[arg-type]  # as ThreadingHTTPServer gives them

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            file = static_directories("live_agent")[1] / self.path[8:]
            return self.answer(200, file.read_text(), "text/javascript")
        if not self.state["person"]:
            return self.answer(403, "<h1>Your access has ended</h1>" + NOBODYS)
        return self.page()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/logout":
            self.state["person"] = ""
        if not self.state["person"]:
            return self.answer(403, "<h1>Your access has ended</h1>" + NOBODYS)
        if self.state["answer"] == "wrong":
            return self.page("typed text", 422, self.path.removeprefix("/send"))
        self.send_response(303)
        self.send_header("location", "/done")
        self.send_header("content-length", "0")
        self.end_headers()
        return None

    def page(self, typed: str = "", status: int = 200, path: str = "") -> None:
        meta = f'<meta name="drafts-of" content="{self.state["person"]}">'
        self.answer(status, meta + FORM.format(typed=typed, path=path or self.path) + SCRIPT)

    def answer(self, status: int, body: str, content_type: str = "text/html") -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-security-policy", POLICY)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def state() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def address(state: dict[str, str]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Desk, state))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def _browser() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser.new_context()
        browser.close()


@pytest.fixture
def page(_browser: BrowserContext, address: str, state: dict[str, str]) -> Iterator[Page]:
    """Ada's page, in a browser that keeps nothing yet."""
    state |= {"person": "ada", "answer": "taken"}
    page = _browser.new_page()
    page.goto(f"{address}/one")
    page.evaluate("localStorage.clear()")
    yield page
    page.close()


def area(page: Page):
    return page.locator("textarea")


def test_what_was_typed_is_there_again_after_signing_in_again(page: Page, state: dict[str, str]):
    """Idea 5: the draft is kept when a session is ended."""
    area(page).fill("typed text")
    state["person"] = ""
    page.reload()
    expect(page.locator("h1")).to_have_text("Your access has ended")
    state["person"] = "ada"
    page.reload()
    expect(area(page)).to_have_value("typed text")
    expect(page.get_by_role("status")).to_have_text("Restored.")


def test_a_form_that_was_sent_when_access_had_ended_keeps_its_text(
    page: Page, address: str, state: dict[str, str]
):
    area(page).fill("typed text")
    state["person"] = ""
    page.get_by_text("Send").click()
    expect(page.locator("h1")).to_have_text("Your access has ended")
    state["person"] = "ada"
    page.goto(f"{address}/elsewhere")
    expect(area(page)).to_have_value("")
    page.goto(f"{address}/one")
    expect(area(page)).to_have_value("typed text")


def test_what_was_sent_is_forgotten(page: Page, address: str):
    area(page).fill("typed text")
    page.get_by_text("Send").click()
    page.wait_for_url(f"{address}/done")
    page.goto(f"{address}/one")
    expect(area(page)).to_have_value("")
    assert page.evaluate("localStorage.length") == 0


def test_what_came_back_because_it_was_wrong_is_kept(
    page: Page, address: str, state: dict[str, str]
):
    state["answer"] = "wrong"
    area(page).fill("typed text")
    page.get_by_text("Send").click()
    page.wait_for_url(f"{address}/send/one")
    expect(area(page)).to_have_value("typed text")
    page.goto(f"{address}/one")
    expect(area(page)).to_have_value("typed text")


def test_nobody_else_gets_it_and_whoever_logs_out_leaves_nothing(
    page: Page, address: str, state: dict[str, str]
):
    """Lesson 38: the second person in a browser gets nothing of the first one's."""
    area(page).fill("typed text")
    state["person"] = "bob"
    page.reload()
    expect(area(page)).to_have_value("")
    assert page.evaluate("localStorage.length") == 0
    area(page).fill("bob's text")
    page.get_by_text("Log out").click()
    expect(page.locator("h1")).to_have_text("Your access has ended")
    assert page.evaluate("localStorage.length") == 0


def test_a_text_that_was_deleted_or_is_a_week_old_does_not_come_back(page: Page):
    area(page).fill("typed text")
    area(page).fill("")
    page.reload()
    expect(area(page)).to_have_value("")
    area(page).fill("typed text")
    page.evaluate(
        "for (const [k, v] of Object.entries(localStorage))"
        " localStorage.setItem(k, JSON.stringify({...JSON.parse(v), at: Date.now() - 8 * 864e5}))"
    )
    page.reload()
    expect(area(page)).to_have_value("")


def test_nonsense_in_the_storage_breaks_nothing(page: Page):
    page.evaluate("localStorage.setItem('draft x', '{'); localStorage.setItem('draft [', 'null')")
    page.reload()
    area(page).fill("typed text")
    page.reload()
    expect(area(page)).to_have_value("typed text")
