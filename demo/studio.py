"""What `make screenshots` walks through the pages with: a browser, and where pictures go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from demo.data import Demo
from demo.systems import System

TARGET = Path(__file__).parent.parent / "screenshots"
WIDTHS = (1280, 360)
SCHEMES = ("light", "dark")


class Studio:
    """Both systems, a browser, and where the pictures go."""

    def __init__(self, demo: Demo, platform: System, browser: Browser, words: list[str]) -> None:
        self.demo, self.platform, self.browser = demo, platform, browser
        self.desk_url, self.platform_url = demo.live_agent_url, demo.cognigy_ai_url
        self.words = words
        self.taken: list[str] = []

    @contextmanager
    def window(self, **options: Any) -> Iterator["Window"]:
        context = self.browser.new_context(**({"locale": "en-US"} | options))
        context.set_default_timeout(10_000)
        try:
            yield Window(self, context)
        finally:
            context.close()


class Window:
    """A browser of somebody; `shoot` takes the page as it is in all sizes and colours."""

    def __init__(self, studio: Studio, context: BrowserContext) -> None:
        self.studio = studio
        self.context = context
        self.page: Page = context.new_page()

    def desk(self, path: str) -> None:
        self.page.goto(self.studio.desk_url + path)

    def platform(self, path: str) -> None:
        self.page.goto(self.studio.platform_url + path)

    def press(self, name: str) -> None:
        button = self.page.get_by_role("button", name=name, exact=True)
        link = self.page.get_by_role("link", name=name, exact=True)
        button.or_(link).locator("visible=true").first.click()

    def credentials(self, email: str, password: str = "") -> None:
        self.page.locator("input[name=email]").fill(email)
        self.password(password)

    def password(self, password: str = "") -> None:
        self.page.locator("input[name=password]").fill(password or self.studio.demo.password)
        self.page.locator("form:has(input[name=password]) button[type=submit]").first.click()

    def sign_in(self, email: str) -> None:
        self.desk("/login")
        self.page.locator("main a.button").first.click()
        self.credentials(email)
        self.page.wait_for_load_state()

    def log_out(self) -> None:
        self.page.locator("details.profile > summary").click()
        self.page.locator("details.profile form[action='/logout'] button").click()

    def open_folds(self) -> None:
        for fold in self.page.locator("details.fold > summary").all():
            fold.click()

    def shoot(self, name: str, *, whole: bool = True) -> None:
        if self.studio.words and not any(word in name for word in self.studio.words):
            return
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 720 if width > 600 else 780})
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                path = TARGET / f"{name}-{width}-{scheme}.png"
                self.page.screenshot(path=path, full_page=whole, animations="disabled")
                self.studio.taken.append(path.name)
        self.page.set_viewport_size({"width": 1280, "height": 720})
        self.page.emulate_media(color_scheme="light")


def account_of(window: Window) -> str:
    return window.page.url.split("/accounts/")[1].split("/")[0]


def mailed_link(studio: Studio) -> str:
    from kernel.mail import list_folder

    waiting = threading.Event()
    for _ in range(50):
        for mail in list_folder(studio.demo.mail):
            for word in mail.text.split():
                if "/login/link/confirm/" in word:
                    return word
        waiting.wait(0.1)
    return ""


def guides(page: Page) -> list[str]:
    """The guides, which have a hyphen in their address; errors have an underscore."""
    links = page.locator("a[href^='/help/']").all()
    found = {link.evaluate("link => link.href") for link in links}
    return sorted(link for link in found if "_" not in link.rsplit("/", 1)[-1])
