"""`make screenshots`: every page and state, wide and narrow, light and dark, into screenshots/.

It starts both systems with the demo's people in a folder that is thrown away, and walks through
them in a browser. docs/images/login.png, the picture of the README, is made on the way.
`python -m demo.screenshots error` takes only those whose name holds one of the words.
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright
from rich.console import Console

from demo.data import Demo, open_demo
from demo.people import ACCOUNT, ORGANISATIONS
from demo.seed import seed
from demo.settings_walk import the_settings
from demo.story import tell
from demo.studio import TARGET, Studio, Window, account_of, guides, mailed_link
from demo.systems import System, await_ready, cognigy_ai, live_agent

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.chromium import launch_options  # noqa: E402 - the path is set above

README_PICTURE = ROOT / "docs" / "images" / "login.png"
UNVERIFIED = "lea@acme.example"
WRONG = "not-the-right-one-99"


def the_login_page(studio: Studio) -> None:
    with studio.window(viewport={"width": 1280, "height": 720}) as window:
        window.desk("/login")
        README_PICTURE.parent.mkdir(exist_ok=True)
        window.page.screenshot(path=README_PICTURE)
        window.shoot("desk-login")
        window.desk("/old-login")
        window.shoot("desk-old-login")
        window.credentials("mover@acme.example", WRONG)
        window.shoot("desk-old-login-refused")
    for locale in ("de-DE", "ja-JP"):
        with studio.window(locale=locale) as window:
            window.desk("/login")
            window.shoot(f"desk-login-{locale[:2]}")
            window.desk("/old-login")
            window.shoot(f"desk-old-login-{locale[:2]}")


def the_dashboard(studio: Studio) -> None:
    for who in ("admin", "supervisor", "agent", "both"):
        with studio.window() as window:
            window.sign_in(f"{who}@acme.example")
            window.shoot(f"desk-dashboard-{who}")
            if who == "both":
                window.page.locator("details.profile > summary").click()
                window.shoot("desk-dashboard-menu", whole=False)
                window.desk(f"/app/accounts/{account_of(window)}/profile")
                window.shoot("desk-profile")
                window.desk("/nothing-here")
                window.shoot("desk-error-page-not-found")
                window.desk("/app")
                window.log_out()
                window.shoot("desk-logged-out")
                window.press("Also log out of Cognigy.AI")
                window.shoot("desk-logged-out-everywhere")
    with studio.window(locale="de-DE") as window:
        window.sign_in("admin@acme.example")
        window.shoot("desk-dashboard-de")
    with studio.window(locale="ja-JP") as window:
        window.sign_in("admin@acme.example")
        window.shoot("desk-dashboard-ja")
    with studio.window() as window:
        window.desk("/old-login")
        window.credentials("old@acme.example")
        window.shoot("desk-dashboard-old")
        window.desk(f"/app/accounts/{account_of(window)}/profile")
        window.shoot("desk-profile-old")


def the_errors(studio: Studio) -> None:
    with studio.window() as window:
        window.sign_in("norole@acme.example")
        window.shoot("desk-error-user-not-authorised")
        window.open_folds()
        window.shoot("desk-error-user-not-authorised-open")
        where = window.page.url
        window.press("About this error")
        window.shoot("desk-help-user-not-authorised")
    with studio.window() as window:
        window.page.goto(where)
        window.shoot("desk-error-failure-unreadable")
    with studio.window() as window:
        window.sign_in("agent@globex.example")
        window.shoot("desk-error-organisation-not-found")
    for locale in ("de-DE", "ja-JP"):
        with studio.window(locale=locale) as window:
            window.sign_in("norole@acme.example")
            window.open_folds()
            window.shoot(f"desk-error-user-not-authorised-{locale[:2]}")
    answers = {
        "login-cancelled": "error=access_denied",
        "provider-unavailable": "error=temporarily_unavailable",
        "oauth-configuration": "error=unauthorized_client",
    }
    for name, answer in answers.items():
        with studio.window() as window:
            window.desk("/login")
            window.press("Sign in")
            state = window.page.url.split("state=")[1].split("&")[0]
            issuer = studio.platform_url
            window.desk(f"/omniauth/cognigy/callback?{answer}&state={state}&iss={issuer}")
            window.shoot(f"desk-error-{name}")
            window.open_folds()
            window.shoot(f"desk-error-{name}-open")
    with studio.window() as window:
        window.desk("/omniauth/cognigy/callback?code=x&state=" + "x" * 43 + ".r")
        window.shoot("desk-error-login-expired")


def the_page_between(studio: Studio) -> None:
    with studio.window() as window:
        window.sign_in(UNVERIFIED)
        window.shoot("desk-link")
        window.password(WRONG)
        window.shoot("desk-link-refused")
        window.press(f"Send a link to {UNVERIFIED}")
        window.shoot("desk-link-sent")
        link = mailed_link(studio)
        if link:
            window.page.goto(link)
            window.shoot("desk-link-confirm")
        window.desk("/demo/mail")
        window.shoot("desk-demo-mail")
    with studio.window() as window:
        window.desk("/login/link")
        window.shoot("desk-error-link-confirmation")


def help_pages(studio: Studio) -> None:
    for name, go in (("desk", Window.desk), ("platform", Window.platform)):
        with studio.window() as window:
            go(window, "/help")
            window.shoot(f"{name}-help")
            for link in guides(window.page):
                window.page.goto(link)
                window.shoot(f"{name}-help-{link.rsplit('/', 1)[-1]}")


def the_platform(studio: Studio) -> None:
    with studio.window() as window:
        window.desk("/login")
        window.press("Sign in")
        window.shoot("platform-login")
        window.credentials("agent@acme.example", WRONG)
        window.shoot("platform-login-refused")
        window.context.clear_cookies()
        window.credentials("agent@acme.example")
        window.shoot("platform-login-stale")
    for locale in ("de-DE", "ja-JP"):
        with studio.window(locale=locale) as window:
            window.platform("/login")
            window.shoot(f"platform-login-{locale[:2]}")
    with studio.window() as window:
        window.platform("/login")
        window.shoot("platform-login-plain")
        window.credentials("both@acme.example")
        window.shoot("platform-profile")
        window.page.locator("input[name=current_password]").fill(WRONG)
        window.page.locator("input[name=new_password]").fill("short")
        window.press("Change password")
        window.shoot("platform-profile-refused")
        window.desk("/omniauth/cognigy?prompt=select_account")
        window.shoot("platform-choose-account")
        window.platform("/auth/oauth2/authorize?" + consent_request())
        window.shoot("platform-consent")
        window.platform("/auth/oauth2/logout")
        window.shoot("platform-sign-out")
        window.press("Sign out")
        window.shoot("platform-signed-out")
        window.platform("/nothing-here")
        window.shoot("platform-error-page-not-found")
        window.platform("/auth/oauth2/authorize?client_id=unknown&state=x")
        window.shoot("platform-error-oauth-configuration")
        window.open_folds()
        window.shoot("platform-error-oauth-configuration-open")
        window.platform("/password/set/made-up")
        window.shoot("platform-error-password-link-spent")
    link = studio.platform.run("users", "password-link", "agent@acme.example").split()[-1]
    with studio.window() as window:
        window.page.goto(link)
        window.shoot("platform-set-password")
        window.password("short")
        window.shoot("platform-set-password-refused")
        window.password("amber-window-thicket-63")
        window.shoot("platform-password-done")


def consent_request() -> str:
    return urlencode(
        {
            "client_id": "reports",
            "response_type": "code",
            "redirect_uri": "https://reports.example/callback",
            "scope": "openid profile email organisation roles",
            "state": "a-state",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        }
    )


def the_locks(studio: Studio) -> None:
    """Last: they hold for a while."""
    for name, go, path in (
        ("desk-old-login", Window.desk, "/old-login"),
        ("platform-login", Window.platform, "/login"),
    ):
        with studio.window() as window:
            go(window, path)
            for _ in range(11):
                window.credentials(f"{name}@acme.example", WRONG)
                window.page.wait_for_load_state()
                if not window.page.locator("input[name=password]:enabled").count():
                    break
            window.shoot(f"{name}-locked")


WALKS: tuple[Callable[[Studio], None], ...] = (
    the_login_page,
    the_dashboard,
    the_errors,
    the_page_between,
    the_settings,
    help_pages,
    the_platform,
    the_locks,
)


def main() -> int:
    words = sys.argv[1:]
    console = Console()
    if not words:
        shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        os.environ["DEMO_FOLDER"] = folder
        os.environ["SUPPORT_URL"] = "https://support.example/new"
        for key in ("COGNIGY_AI_PORT", "LIVE_AGENT_PORT"):
            os.environ[key] = str(free_port())
        demo = open_demo(ROOT)
        platform, desk = cognigy_ai(demo), live_agent(demo)
        account_id = seed(demo, platform, desk)
        add_unusual_people(demo, platform, desk)
        try:
            platform.start()
            desk.start()
            await_ready([platform, desk], threading.Event())
            tell(demo, platform, desk, account_id)
            return walk(demo, platform, words, console)
        finally:
            for system in (platform, desk):
                system.end()
            for system in (platform, desk):
                system.await_end()


def walk(demo: Demo, platform: System, words: list[str], console: Console) -> int:
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        studio = Studio(demo, platform, browser, words)
        for take in WALKS:
            try:
                take(studio)
            except Exception as error:
                failed += 1
                console.print(f"{take.__name__}: {error}", style="red", markup=False)
        browser.close()
    write_index()
    console.print(f"{len(studio.taken)} pictures in {TARGET}; look at {TARGET / 'index.html'}")
    return 1 if failed else 0


def add_unusual_people(demo: Demo, platform: System, desk: System) -> None:
    """Somebody whose address is not verified, and an application that asks for consent."""
    wanted = {
        "users": [
            {
                "email": UNVERIFIED,
                "organisation": ORGANISATIONS[ACCOUNT],
                "name": "Lea Link",
                "roles": ["liveAgentAgent"],
                "email_verified": False,
                "password": demo.password,
            }
        ],
        "clients": [
            {
                "client_id": "reports",
                "name": "Quarterly Reports",
                "redirect_uris": ["https://reports.example/callback"],
                "scopes": ["openid", "profile", "email", "organisation", "roles"],
                "consent": "ask",
            }
        ],
    }
    file = demo.data / "unusual.yaml"
    file.write_text(json.dumps(wanted))
    platform.run("apply", str(file))
    account = str(desk.run_json("accounts", "list")[0]["id"])
    whose = ("--account", account, "--name", "Lea Link", "--role", "agent", "--confirmed")
    desk.run("users", "create", UNVERIFIED, *whose, "--password-stdin", stdin=WRONG + "x\n")


def write_index() -> None:
    """All pictures on one page, for looking through them."""
    shown = "\n".join(
        f"<figure><img src={path.name!r} loading=lazy><figcaption>{path.stem}</figcaption></figure>"
        for path in sorted(TARGET.glob("*.png"))
    )
    style = "figure{display:inline-block;margin:8px;vertical-align:top}img{max-width:560px}"
    (TARGET / "index.html").write_text(f"<!doctype html><style>{style}</style>{shown}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
