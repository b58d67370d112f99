"""The design system in a real browser, under the strict policy that the applications send."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kernel.html import Pages, static_directories
from support.chromium import launch_options
from support.gallery import make_application, page_context, values

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGES = ("login.html", "gallery.html", "guide.html", "refusal.html")
LONG_TEXT = "Verbindungsherstellungsbestätigung für Özlem Größer-Langenscheidt"


class Gallery(BaseHTTPRequestHandler):
    """Serves the gallery's pages: /<language>/<template>; a POST is counted."""

    def __init__(self, pages: Pages, posted: list[str], *args: object) -> None:
        self.pages, self.posted = pages, posted
        super().__init__(*args)  # type: ignore[arg-type]  # as ThreadingHTTPServer gives them

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            folders = static_directories("live_agent")
            file = next(f / path[8:] for f in folders if (f / path[8:]).is_file())
            self.answer(file.read_bytes(), TYPES[file.suffix])
            return
        _, language, template = path.split("/")
        html = self.pages.render(template, page_context(language), **values(LONG_TEXT))
        self.answer(html.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self.posted.append(self.rfile.read(int(self.headers["content-length"])).decode())
        # No answer with content: the page stays, as it does while a slow server works.
        self.send_response(204)
        self.end_headers()

    def answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-security-policy", POLICY)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def posted() -> list[str]:
    return []


@pytest.fixture(scope="module")
def address(tmp_path_factory, posted) -> Iterator[str]:
    pages = make_application(tmp_path_factory.mktemp("browser"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Gallery, pages, posted))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        yield browser
        browser.close()


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser, address) -> Iterator[Opener]:
    """`opened(template, language, **context options)`; complaints of the browser fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(template: str, language: str = "en", **options: object) -> Page:
        context = browser.new_context(timezone_id="Europe/Berlin", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(f"{address}/{language}/{template}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


# --- how it lies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 640, 899, 901, 1280, 1920])
@pytest.mark.parametrize("template", PAGES)
def test_no_page_is_wider_than_the_window(opened, template, width):
    page = opened(template, "de", viewport={"width": width, "height": 800})
    spare = "document.documentElement.clientWidth - document.documentElement.scrollWidth"
    assert page.evaluate(spare) >= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("template", PAGES)
def test_axe_finds_nothing_serious(opened, template, scheme):
    page = opened(template, color_scheme=scheme, reduced_motion="reduce")
    found = Axe().run(page).response["violations"]
    grave = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in grave] == []


def test_the_rail_becomes_a_bar_with_a_menu_on_a_narrow_screen(opened):
    page = opened("gallery.html", viewport={"width": 360, "height": 700}, java_script_enabled=False)
    expect(page.locator(".rail-nav")).to_be_hidden()
    page.click(".rail-menu > summary")
    menu = page.locator(".rail-menu > .menu-body")
    expect(menu.get_by_role("link", name="Home")).to_be_visible()
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_profiles_choice_of_theme_beats_the_device(opened, theme):
    page = opened("login.html", color_scheme="light" if theme == "dark" else "dark")
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in background[4:-1].split(","))
    assert (brightness < 200) == (theme == "dark")


# --- what works without a script ------------------------------------------------------------------


def test_without_a_script_no_button_is_shown_that_would_do_nothing(opened):
    page = opened("refusal.html", java_script_enabled=False)
    expect(page.locator(".copy").first).to_be_hidden()
    expect(page.get_by_text("0:42")).to_be_visible()
    page.get_by_text("For operators").click()
    expect(page.locator(".fold[open] .code")).to_be_visible()


def test_without_a_script_the_error_page_still_focuses_its_heading(opened):
    page = opened("refusal.html", java_script_enabled=False)
    expect(page.locator("h1")).to_be_focused()


def test_the_first_tab_leads_to_the_content(opened):
    page = opened("guide.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


# --- what a script adds ---------------------------------------------------------------------------


def test_a_password_can_be_revealed_and_hidden(opened):
    page = opened("login.html")
    password, reveal = page.locator("#field-password"), page.locator(".reveal")
    expect(reveal).to_have_accessible_name("Show password")
    reveal.click()
    expect(password).to_have_attribute("type", "text")
    expect(reveal).to_have_attribute("aria-pressed", "true")
    reveal.click()
    expect(password).to_have_attribute("type", "password")


def test_a_double_click_sends_a_form_once_and_shows_that_it_works(opened, posted):
    page = opened("login.html")
    page.fill("#field-email", "agent@acme.example")
    page.fill("#field-password", "secret")
    page.locator(".reveal").click()
    posted.clear()
    button = page.get_by_role("button", name="Sign in")
    button.dblclick()
    expect(button).to_have_attribute("aria-busy", "true")
    page.wait_for_timeout(200)
    assert posted == ["csrf_token=the-token&email=agent%40acme.example&password=secret"]
    # hidden again, so that password managers recognise it
    expect(page.locator("#field-password")).to_have_attribute("type", "password")


def test_the_button_that_was_pressed_is_sent_with_the_form(opened, posted):
    page = opened("login.html")
    posted.clear()
    page.get_by_role("button", name="日本語").click()
    page.wait_for_timeout(200)
    (form,) = posted
    assert "language=ja" in form


def test_the_reference_is_copied(opened):
    page = opened("refusal.html", permissions=["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Copy: Reference")
    button.click()
    expect(page.locator(".facts .copy")).to_have_accessible_name("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "7QK2MZ4XW9AB"


def test_where_the_clipboard_is_closed_the_value_is_selected_instead(opened):
    page = opened("refusal.html")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')) }")
    page.get_by_role("button", name="Copy: Reference").click()
    assert page.evaluate("String(getSelection())") == "7QK2MZ4XW9AB"


def test_a_menu_closes_by_escape_and_gives_the_focus_back(opened):
    page = opened("gallery.html")
    profile = page.locator("details.profile")
    profile.locator("summary").click()
    expect(profile).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(profile).not_to_have_attribute("open", "")
    expect(profile.locator("summary")).to_be_focused()


def test_a_menu_closes_by_a_press_elsewhere(opened):
    page = opened("gallery.html")
    profile = page.locator("details.profile")
    profile.locator("summary").click()
    page.locator("h1").click()
    expect(profile).not_to_have_attribute("open", "")


def test_a_dialog_keeps_the_focus_and_gives_it_back(opened):
    page = opened("gallery.html")
    opener = page.locator("[data-opens]")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        # in the dialog, or in the browser's own bars
        assert page.evaluate("document.activeElement.matches('body, dialog, dialog *')")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_times_are_told_in_the_readers_zone_and_language(opened):
    page = opened("times.html", "de")
    then = page.locator("#then time")
    expect(then).to_have_text("02.02.2026, 03:40")
    title = then.get_attribute("title")
    assert title is not None
    assert "(Europe/Berlin)" in title


def test_within_a_day_a_time_may_be_relative(opened, address):
    page = opened("times.html")
    page.clock.install(time=1770000000 + 300)
    page.goto(f"{address}/en/times.html")
    expect(page.locator("#now time")).to_have_text("5 minutes ago")
    expect(page.locator("#then time")).to_have_text("Feb 2, 2026, 3:40 AM")


def test_a_countdown_ticks_down_to_zero(opened, address):
    page = opened("times.html")
    page.clock.install()
    page.goto(f"{address}/en/times.html")
    wait = page.locator("#wait time")
    expect(wait).to_have_text("1:20")
    page.clock.run_for(21_000)
    expect(wait).to_have_text("0:59")
    page.clock.run_for(100_000)
    expect(wait).to_have_text("0:00")
