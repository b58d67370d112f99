"""What `make screenshots` shows of Live Agent's settings, and of forgotten old passwords."""

from demo.studio import Studio, Window, account_of

PLACES = (
    "agents",
    "agents?q=nobody-has-this-name",
    "differences",
    "doors",
    "conflicts",
    "sessions",
    "migration",
    "account",
    "audit",
    "logins",
    "logins?reference=ABCDEFGHIJKL",
    "single-sign-on",
)
OF_A_PERSON = ("", "/sessions", "/doors", "/history", "/delete")


def the_settings(studio: Studio) -> None:
    with studio.window() as window:
        settings = _settings(window)
        for place in PLACES:
            _shoot(window, f"{settings}/{place}", place.replace("?", "-"))
        window.desk(f"{settings}/agents")
        person = window.page.get_by_role("link", name="Olga Old").get_attribute("href") or ""
        for part in OF_A_PERSON:
            _shoot(window, person + part, f"person{part.replace('/', '-')}")
        window.desk(f"{settings}/conflicts")
        window.page.locator("main table a").first.click()
        window.shoot("desk-settings-conflict")
    for locale in ("de-DE", "ja-JP"):
        with studio.window(locale=locale) as window:
            settings = _settings(window)
            for place in ("agents", "differences", "single-sign-on"):
                _shoot(window, f"{settings}/{place}", f"{place}-{locale[:2]}")
    with studio.window() as window:
        for path in ("/old-login/forgot", "/old-login/forgot/sent", "/old-login/password/spent"):
            window.desk(path)
            window.shoot(f"desk{path.replace('/', '-')}")


def _settings(window: Window) -> str:
    """Sign in as the administrator; the address below which the settings are."""
    window.sign_in("admin@acme.example")
    window.page.wait_for_url("**/dashboard")
    return f"/app/accounts/{account_of(window)}/settings"


def _shoot(window: Window, path: str, name: str) -> None:
    window.desk(path)
    window.shoot(f"desk-settings-{name}")
