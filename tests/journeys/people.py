"""What people do in the stories: open a browser, go somewhere, read, press, type.

A `World` is both systems running; a `Window` is one person's browser in it.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Response, expect

from journeys.secrets_used import Secrets
from support.chromium import launch_options
from support.servers import Pair

PASSWORD = "violet-harbour-canyon-42"
CONFIGURATION = "Something is wrong with the OAuth configuration"
NOT_AUTHORISED = "The Cognigy user is not authorised to access the system"
NOT_FOUND = "The user organisation {} was not found in the system"
REFERENCE = re.compile(r"[A-Z2-7]{12}")

PATIENCE = 8_000  # milliseconds


@dataclass
class World:
    """Both systems running, with the people of the demo in them."""

    pair: Pair
    browser: Browser
    folder: Path
    account: int
    secrets: Secrets = field(default_factory=Secrets)
    windows: "list[Window]" = field(default_factory=list)

    @property
    def desk(self) -> str:
        return self.pair.desk.url

    @property
    def platform(self) -> str:
        return self.pair.platform.url

    @property
    def dashboard(self) -> str:
        return f"{self.desk}/app/accounts/{self.account}/dashboard"

    def window(self, **options: Any) -> "Window":
        """A browser without any cookie; options as for playwright's `new_context`."""
        context = self.browser.new_context(**({"locale": "en-US"} | options))
        context.set_default_timeout(PATIENCE)
        self.secrets.watch(context)
        window = Window(self, context, scripts=options.get("java_script_enabled", True))
        self.windows.append(window)
        return window

    def window_that_blocks_cookies(self, folder: Path, *origins: str) -> "Window":
        """A browser that is set up to neither keep nor send the cookies of these origins."""
        (folder / "Default").mkdir()
        blocked = {f"{origin},*": {"setting": 2} for origin in origins}
        preferences = {"profile": {"content_settings": {"exceptions": {"cookies": blocked}}}}
        (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
        context = self.browser.browser_type.launch_persistent_context(
            folder, locale="en-US", **launch_options()
        )
        window = Window(self, context, scripts=True)
        self.windows.append(window)
        return window

    def close_windows(self) -> None:
        while self.windows:
            self.windows.pop().close()

    def mails(self) -> list[str]:
        """The texts of all mails so far, the newest first."""
        from kernel.mail import list_folder

        return [mail.text for mail in list_folder(self.pair.desk.mail_folder)]

    def wait_for_mail(self, address: str) -> None:
        """Mails are sent beside the request that wants them."""
        from kernel.mail import list_folder

        deadline = time.monotonic() + PATIENCE / 1000
        while not any(address in mail.to for mail in list_folder(self.pair.desk.mail_folder)):
            assert time.monotonic() < deadline, f"no mail to {address}"
            time.sleep(0.05)

    def link_from_mail(self, address: str, part: str) -> str:
        """The newest link to somebody with this in it, as soon as it is mailed."""
        from kernel.mail import list_folder

        deadline = time.monotonic() + 3 * PATIENCE / 1000
        while time.monotonic() < deadline:
            mails = [m for m in list_folder(self.pair.desk.mail_folder) if address in m.to]
            found = [link for mail in mails for link in links_in(mail.text) if part in link]
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no mail to {address} with {part}")

    def logs(self) -> dict[str, str]:
        """Everything that the servers have said, also those that have ended."""
        return {path.name: path.read_text(errors="replace") for path in self.folder.glob("*.log")}

    def check_logs_hold_no_secret(self) -> None:
        for mail in self.mails():
            for link in links_in(mail):
                self.secrets.add("a mailed link", link.rsplit("/", 1)[-1])
        for system in (self.pair.platform, self.pair.desk):
            for key in (
                "SECRET_KEY_BASE",
                *(k for k in system.environment if "SECRET" in k or k.endswith("_TOKEN")),
            ):
                self.secrets.add(key, system.environment[key])
        for name, text in self.logs().items():
            assert self.secrets.found_in(text) == [], f"secrets in {name}"


class Window:
    """One person's browser. `page` is the tab in front."""

    def __init__(self, world: World, context: BrowserContext, *, scripts: bool) -> None:
        self.world = world
        self.context = context
        self.status = 0  # of the page that is shown
        self._scripts = scripts
        context.on("response", self._note_status)
        self.page = context.new_page()

    def close_tab(self) -> None:
        self.page.close()

    def close(self) -> None:
        self.world.secrets.read_cookies(self.context)
        self.context.close()

    def new_tab(self) -> Page:
        """Another tab, which comes to the front."""
        self.page = self.context.new_page()
        return self.page

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.status = response.status

    # --- reading

    @property
    def url(self) -> str:
        return self.page.url

    @property
    def path(self) -> str:
        """Of the address bar, with the query."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def reads(self, heading: str) -> None:
        """This is the heading of the page, and nothing on the page keeps anybody out."""
        try:
            expect(self.page.locator("h1")).to_have_text(heading)
        except AssertionError as error:
            error.add_note(f"at {self.url}:\n{self.text[:1000]}")
            raise
        self._keeps_nobody_out()

    def sees(self, text: str) -> None:
        try:
            expect(self.page.locator("body")).to_contain_text(text)
        except AssertionError as error:
            error.add_note(f"at {self.url}")
            raise
        self._keeps_nobody_out()

    def _keeps_nobody_out(self) -> None:
        if self._scripts:
            check_accessible(self.page)

    def reference(self) -> str:
        """The reference id on an error page."""
        found = REFERENCE.findall(self.page.locator(".facts").inner_text())
        assert found, self.text
        return str(found[0])

    def is_at_dashboard(self) -> None:
        self.page.wait_for_url(self.world.dashboard)
        self.reads("Dashboard")

    def is_asked_for_the_password(self) -> None:
        """On the platform's login page."""
        expect(self.page.locator("input[name=password]")).to_be_visible()
        assert self.url.startswith(self.world.platform)
        self._keeps_nobody_out()

    def is_at_login_page(self) -> None:
        self.reads("Sign in to Live Agent")

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def roles(self) -> set[str]:
        """In the card about oneself."""
        return set(self.page.locator("dl .badge-accent").all_inner_texts())

    def rights(self) -> set[str]:
        """What the roles allow; which of them gives a right stands behind it."""
        card = self.page.locator(".card", has=self.page.get_by_role("heading", name="Your rights"))
        return {
            text.split("\n")[0].split(" · ")[0] for text in card.locator("li").all_inner_texts()
        }

    def presence(self) -> str:
        """One's own, in the card about oneself."""
        return self.page.locator("dl .presence-line").inner_text()

    def profile_menu(self) -> str:
        return self.page.locator("details.profile").inner_text()

    def has_form(self) -> bool:
        return self.page.locator("input[name=password]").count() > 0

    # --- doing

    def go(self, address: str) -> None:
        """Type an address; one without a host is Live Agent's."""
        self.page.goto(address if address.startswith("http") else self.world.desk + address)

    def press(self, name: str) -> None:
        """Press the button, or follow the link, that is called so."""
        self.pressable(name).click()

    def pressable(self, name: str) -> Locator:
        button = self.page.get_by_role("button", name=name, exact=True)
        link = self.page.get_by_role("link", name=name, exact=True)
        return button.or_(link).locator("visible=true").first

    def type(self, field: str, value: str) -> None:
        """Fill in the field with that name."""
        self.page.locator(f"input[name={field}]").fill(value)

    def type_credentials(self, email: str, password: str = PASSWORD) -> None:
        """Into either login form, and send it."""
        self.type("email", email)
        self.type("password", password)
        self.send_password()

    def send_password(self) -> None:
        self.page.locator("form:has(input[name=password]) button[type=submit]").first.click()

    def use_another_account(self, email: str) -> None:
        """From an error page, by way of the platform's list of the accounts that are signed in."""
        self.press("Use another account")
        self.page.wait_for_url(self.world.platform + "/**")
        self.press("Use another account")
        self.type_credentials(email)

    def sign_in(self, email: str, password: str = PASSWORD, at: str = "/login") -> None:
        """The whole way: Live Agent's login page, the platform's, back."""
        self.go(at)
        self.press("Sign in")
        self.type_credentials(email, password)

    def sign_in_at_the_platform(self, email: str, password: str = PASSWORD) -> None:
        """Without Live Agent; ends at one's own page there."""
        self.go(self.world.platform + "/login")
        self.type_credentials(email, password)
        self.page.wait_for_url(self.world.platform + "/profile")

    def log_out(self) -> None:
        self.page.locator("details.profile > summary").click()
        self.press("Log out")


_checked: set[str] = set()
# System, address without its numbers, what is said above the form, colours.
KIND_OF_PAGE = """() => [
    document.title,
    location.pathname.replace(/[0-9]+|[A-Z2-7]{12}/g, ""),
    document.querySelectorAll(".banner, .field-error, .toast").length,
    matchMedia("(prefers-color-scheme: dark)").matches,
    innerWidth < 900,
].join()"""

AXE_RUN = "\naxe.run({resultTypes: ['violations']}).then(found => found.violations)"


def check_accessible(page: Page) -> None:
    """axe finds nothing serious; each kind of page once."""
    kind = page.evaluate(KIND_OF_PAGE)
    if kind in _checked:
        return
    _checked.add(kind)
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"  {node['html'][:200]}" for node in violation["nodes"])
        for violation in violations_of(page)
        if violation["impact"] in ("serious", "critical")
    ]
    assert found == [], f"at {page.url}:\n" + "\n".join(found)


def violations_of(page: Page) -> list[Any]:
    """What axe says of the page. It is sent and run at once: a page that is left takes it along,
    and the page that comes then is looked at instead.
    """
    look = Axe().axe_script + AXE_RUN
    try:
        return list(page.evaluate(look))
    except Error:
        page.wait_for_load_state()
        return list(page.evaluate(look))


def links_in(text: str) -> Iterator[str]:
    """The addresses in a mail."""
    return (found.rstrip(".,)") for found in re.findall(r"https?://\S+", text))
