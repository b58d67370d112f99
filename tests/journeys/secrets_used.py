"""Every secret that a story used, to search the logs for."""

import re
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Request

SECRET_PARAMETERS = re.compile(r"code|state|ticket|.*password|.*token.*")
SECRET_PATHS = re.compile(r"/(?:confirm|set|reset)/([^/?#]+)")
LEAST_SECRET = 12  # shorter ones stand in a log by chance
# Tokens that no browser sees: opaque ones by their prefix, JSON Web Tokens by their beginning.
TOKENS = re.compile(r"\b(?:at_|rt_|ck_|pl_|ps_)[\w-]{16,}|\beyJ[\w-]{10,}\.[\w-]+")


class Secrets:
    """Every secret that was used, so that the logs can be searched for them."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def add(self, what: str, value: str) -> None:
        if len(value) >= LEAST_SECRET:
            self._known[value] = what

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._read)

    def _read(self, request: Request) -> None:
        url = urlsplit(request.url)
        pairs = [*parse_qsl(url.query), *parse_qsl(request.post_data or "")]
        for name, value in pairs:
            if SECRET_PARAMETERS.fullmatch(name):
                self.add(name, value)
        for value in SECRET_PATHS.findall(url.path):
            self.add("a link", value)

    def read_cookies(self, context: BrowserContext) -> None:
        for cookie in context.cookies():
            if not cookie["name"].endswith(("_language", "_theme")):
                self.add(f"the cookie {cookie['name']}", cookie["value"])

    def found_in(self, text: str) -> list[str]:
        """What is in there that must not be."""
        found = [what for value, what in self._known.items() if value in text]
        return found + [f"a token: {token[:16]}" for token in TOKENS.findall(text)]
