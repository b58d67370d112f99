"""Where a login begins, and where one ends that wanted nothing else."""

from kernel.web.guards import with_query

START = "/omniauth/cognigy"


def start_address(target: str | None, prompt: str = "") -> str:
    """A login that leads to `target` in the end; `prompt` as OIDC Core section 3.1.2.1."""
    asked = {"return_to": target or "", "prompt": prompt}
    return with_query(START, **{name: value for name, value in asked.items() if value})


def login_page_address(target: str | None, notice: str = "") -> str:
    """`notice` is the code of the problem that the page tells."""
    asked = {"return_to": target or "", "notice": notice}
    return with_query("/login", **{name: value for name, value in asked.items() if value})


def old_login_address(target: str | None) -> str:
    return with_query("/old-login", return_to=target) if target else "/old-login"
