"""docs/reference/rfc-coverage.md: the citations in the docstrings of `src`, turned round."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from writing import page, table

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

TITLES = {
    "RFC 3207": "SMTP over TLS",
    "RFC 3463": "Enhanced mail status codes",
    "RFC 3834": "Automatic responses to mail",
    "RFC 5321": "SMTP",
    "RFC 5322": "Internet message format",
    "RFC 6052": "IPv6 addressing of translators",
    "RFC 6265": "HTTP state management (cookies)",
    "RFC 6454": "The web origin concept",
    "RFC 6531": "Internationalised e-mail",
    "RFC 6749": "The OAuth 2.0 authorization framework",
    "RFC 6750": "Bearer token usage",
    "RFC 6819": "OAuth 2.0 threat model",
    "RFC 7009": "Token revocation",
    "RFC 7515": "JSON Web Signature",
    "RFC 7517": "JSON Web Key",
    "RFC 7519": "JSON Web Token",
    "RFC 7617": "The Basic authentication scheme",
    "RFC 7636": "Proof key for code exchange (PKCE)",
    "RFC 7662": "Token introspection",
    "RFC 8032": "Edwards-curve signatures",
    "RFC 8215": "Local-use IPv4/IPv6 translation prefix",
    "RFC 8252": "OAuth 2.0 for native apps",
    "RFC 8259": "JSON",
    "RFC 8314": "TLS for mail",
    "RFC 8414": "Authorization server metadata",
    "RFC 8725": "JSON Web Token best current practices",
    "RFC 9110": "HTTP semantics",
    "RFC 9111": "HTTP caching",
    "RFC 9207": "Issuer identification in the authorization response",
    "RFC 9700": "Best current practice for OAuth 2.0 security",
    "RFC 9864": "Fully specified algorithms for JOSE",
}
OPENID = {
    "OpenID Connect Core": "https://openid.net/specs/openid-connect-core-1_0.html",
    "OpenID Connect Discovery": "https://openid.net/specs/openid-connect-discovery-1_0.html",
    "RP-Initiated Logout": "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
}
SHORT = {"OIDC Core": "OpenID Connect Core", "OIDC Discovery": "OpenID Connect Discovery"}
STANDARD = r"RFC \d{4}|(?:OpenID Connect|OIDC) (?:Core|Discovery)|RP-Initiated Logout"
CITATION = re.compile(
    rf"(?P<standard>{STANDARD})(?:bis)?(?: 1\.0)?"
    r"(?P<clauses>,?(?: sections?)? \d+(?:\.\d+)*(?:(?:, | and | to )\d+(?:\.\d+)*)*)?"
)


def coverage_page() -> str:
    about = (
        "Which clause of which standard is implemented where: the citations in the docstrings of "
        "`src`, turned round. A clause without a number is the whole document."
    )
    cited: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for standard, clause, place in citations():
        if place not in cited[standard][clause]:
            cited[standard][clause].append(place)
    parts = []
    for standard in sorted(cited):
        title = TITLES.get(standard)
        parts.append(f"## {standard}{f': {title}' if title else ''}")
        clauses = sorted(cited[standard], key=clause_order)
        rows = ((clause_link(standard, c), "<br>".join(cited[standard][c])) for c in clauses)
        parts.append(table(("clause", "where"), rows))
    return page("Coverage of the standards", about, *parts)


def citations() -> Iterator[tuple[str, str, str]]:
    """(standard, clause, markdown of the place) for every docstring of the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        for name, text in docstrings(ast.parse(path.read_text())):
            at = path.relative_to(ROOT).as_posix()
            place = f"[{at.removeprefix('src/')}](../../{at}){f' `{name}`' if name else ''}"
            for standard, clause in cited_in(text):
                yield standard, clause, place


def cited_in(text: str) -> Iterator[tuple[str, str]]:
    for found in CITATION.finditer(" ".join(text.split())):
        named = found["standard"]
        standard = SHORT.get(named, named)
        numbers = re.findall(r"\d+(?:\.\d+)*", found["clauses"] or "")
        yield from ((standard, number) for number in numbers or [""])


def docstrings(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The module's under the empty name, then those of classes and functions, in order."""
    yield "", ast.get_docstring(module) or ""
    yield from inner_docstrings(module, "")


def inner_docstrings(parent: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}{node.name}"
            yield name, ast.get_docstring(node) or ""
            yield from inner_docstrings(node, f"{name}.")


def clause_order(clause: str) -> list[int]:
    return [int(part) for part in clause.split(".")] if clause else []


def clause_link(standard: str, clause: str) -> str:
    if standard in OPENID:
        return f"[{clause or 'all'}]({OPENID[standard]})"
    number = standard.removeprefix("RFC ")
    anchor = f"#section-{clause}" if clause else ""
    return f"[{clause or 'all'}](https://www.rfc-editor.org/rfc/rfc{number}{anchor})"
