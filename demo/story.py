"""What happened in the demo before it is looked at: old users, sessions, a conflict, differences.

Done at the first start, on the running systems, as people and operators would do it: a small
browser without scripts signs in, and the command lines do the rest.
"""

import html
import json
import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin

from demo.data import Demo, DemoError, write_private
from demo.people import RENAMED
from demo.systems import System

# Old users beside those of the people: address, name, role, whether the address is confirmed.
OLD_USERS = (
    ("nina@acme.example", "Nina Novak", "agent", True),
    ("omar@acme.example", "Omar Haddad", "supervisor", True),
    ("yuki@acme.example", "Yuki Tanaka", "agent", False),
)
NEW_ADDRESS = OLD_USERS[0][0]  # of the renamed person in Cognigy.AI: a conflict, and a difference
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Gecko/20100101 Firefox/145.0"
LOGINS = (
    ("supervisor@acme.example", MAC),
    ("agent@acme.example", WINDOWS),
    ("agent@acme.example", IPHONE),
    (RENAMED.email, WINDOWS),
)
FORM = re.compile(r'<form[^>]*\baction="([^"]*)"[^>]*>(?:(?!</form>).)*name="password"', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def tell(demo: Demo, platform: System, desk: System, account_id: int) -> None:
    """On databases that were just seeded, while both systems run."""
    _import_old_users(demo, desk, account_id)
    for email, browser in LOGINS:
        sign_in(demo, email, browser)
    platform.run("users", "set-address", RENAMED.email, NEW_ADDRESS, "--email-verified")


def _import_old_users(demo: Demo, desk: System, account_id: int) -> None:
    file = demo.data / "old-users.jsonl"
    rows = (
        {"account": account_id, "email": email, "name": name, "role": role, "confirmed": confirmed}
        for email, name, role, confirmed in OLD_USERS
    )
    write_private(file, "".join(json.dumps(row) + "\n" for row in rows))
    try:
        desk.run("import", "users", str(file), "--account", f"{account_id}={account_id}")
    finally:
        file.unlink()


def sign_in(demo: Demo, email: str, browser: str) -> None:
    """The whole way, in a browser of one's own; raises DemoError if it does not end at the desk."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    opener.addheaders = [
        ("User-Agent", browser),
        ("Accept", "text/html"),
        ("Accept-Language", "en"),
    ]
    with opener.open(f"{demo.live_agent_url}/omniauth/cognigy", timeout=30) as page:
        text, where = page.read().decode(), page.url
    form = FORM.search(text)
    if form is None:
        raise DemoError(f"There is no login form at {where}.")
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(form.group(0))}
    fields = hidden | {"email": email, "password": demo.password}
    headers = {"Origin": demo.cognigy_ai_url, "Referer": where, "Sec-Fetch-Site": "same-origin"}
    request = urllib.request.Request(
        urljoin(where, html.unescape(form.group(1))), urlencode(fields).encode(), headers
    )
    with opener.open(request, timeout=30) as page:
        if not page.url.startswith(f"{demo.live_agent_url}/app/"):
            raise DemoError(f"{email} did not get in: the login ended at {page.url}.")
