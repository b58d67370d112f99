"""`make docs`: write docs/reference from the code, so that it cannot say anything else.

`pages()` is what the files must hold; tests/test_docs.py fails when they hold something else.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from drilled import faults_page
from measures import metrics_page
from permissions import permissions_page
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from standards import coverage_page
from typer import Typer
from typer.main import get_command
from writing import code, first_sentences, page, table, words

import cognigy_ai.cli.commands
import cognigy_ai.problems
import cognigy_ai.routes
import cognigy_ai.settings
import live_agent.cli.commands
import live_agent.problems
import live_agent.routes
import live_agent.settings
from kernel.problems import FaultCatalogue, ProblemCatalogue, ProblemSpec
from kernel.settings import CommonSettings
from kernel.web.api.application import ApiMount, permission_of, routes_of

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class Application:
    """One of the two, as the pages here name it."""

    title: str
    program: str
    routes: ModuleType
    cli: Typer
    settings: type[CommonSettings]
    problems: type[ProblemCatalogue]
    faults: type[FaultCatalogue]


APPLICATIONS = (
    Application(
        "Live Agent",
        "live-agent",
        live_agent.routes,
        live_agent.cli.commands.cli,
        live_agent.settings.Settings,
        live_agent.problems.Problem,
        live_agent.problems.Fault,
    ),
    Application(
        "Cognigy.AI",
        "cognigy-ai",
        cognigy_ai.routes,
        cognigy_ai.cli.commands.cli,
        cognigy_ai.settings.Settings,
        cognigy_ai.problems.Problem,
        cognigy_ai.problems.OAuthFault,
    ),
)


def main() -> int:
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text)
    return 0


def pages() -> dict[str, str]:
    """Name of each file in docs/reference and its whole text."""
    return {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "faults.md": faults_page(),
        "urls.md": urls_page(),
        "commands.md": commands_page(),
        "permissions.md": permissions_page(),
        "metrics.md": metrics_page(),
        "rfc-coverage.md": coverage_page(),
    }


# --- settings -------------------------------------------------------------------------------------


def settings_page() -> str:
    about = (
        "Everything comes from the environment. A wrong, missing or placeholder value stops the "
        "start with the key, its fault and the fix, all faults at once. An empty value counts as "
        "none. **required** has no default."
    )
    parts = []
    common = CommonSettings.model_fields
    own_port = table(
        ("key", "default", "meaning"),
        (
            ("`PORT`", code(str(of.settings.model_fields["port"].default)), f"Port of {of.title}.")
            for of in APPLICATIONS
        ),
    )
    shared = {name: field for name, field in common.items() if name != "port"}
    parts += ["## Both systems", settings_tables(shared), "### Port", own_port]
    for application in APPLICATIONS:
        fields = application.settings.model_fields
        own = {name: field for name, field in fields.items() if name not in common}
        parts += [f"## {application.title}", settings_tables(own)]
    return page("Settings", about, *parts)


def settings_tables(fields: Mapping[str, FieldInfo]) -> str:
    groups: dict[str, list[FieldInfo]] = defaultdict(list)
    for field in fields.values():
        groups[words_of(field, "group")].append(field)
    parts = []
    for group, members in groups.items():
        rows = (
            (code(str(f.validation_alias)), default_of(f), meaning_of_setting(f)) for f in members
        )
        parts += [f"### {group}", table(("key", "default", "meaning"), rows)]
    return "\n\n".join(parts)


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.default
    if isinstance(default, SecretStr):
        return "set"
    if isinstance(default, bool):
        return code(str(default).lower())
    if default in (None, "", ()):
        return ""
    return code(str(default))


def meaning_of_setting(field: FieldInfo) -> str:
    fix = words_of(field, "fix")
    meaning = words(str(field.description))
    return f"{meaning} {words(fix)}." if fix else meaning


def words_of(field: FieldInfo, name: str) -> str:
    """What `kernel.settings.setting` keeps beside the field: its group, its fix."""
    extra = field.json_schema_extra
    return str(extra.get(name, "")) if isinstance(extra, dict) else ""


# --- errors ---------------------------------------------------------------------------------------


def errors_page() -> str:
    about = (
        "Each refusal has a stable code, which is in the log (`request.refused`), in the address "
        "of its help page (`/help/{code}`) and in this list. `{organisation}` and the like are "
        "filled in. What programs are told is an `error` of the standard beside the code."
    )
    parts: list[str] = []
    for application in APPLICATIONS:
        told = [member for member in application.problems if for_people(member.spec)]
        answered = [member for member in application.problems if not for_people(member.spec)]
        parts += [f"## {application.title}", *(problem_section(member) for member in told)]
        if answered:
            parts += [f"### More answers of {application.title}", answers_table(answered)]
        parts += [f"### Reasons of `oauth_configuration` at {application.title}"]
        parts += ["The event in the log names one of these as `fault`."]
        parts += [faults_table(application.faults)]
    return page("Errors", about, *parts)


def for_people(spec: ProblemSpec) -> bool:
    """Does it have a help page, or something for administrators to do?"""
    return spec.has_help or bool(spec.admin_text)


def problem_section(member: ProblemCatalogue) -> str:
    spec = member.spec
    protocol = f", told to programs as `{spec.oauth_error}`" if spec.oauth_error else ""
    rows = (
        ("The person", words(spec.user_text)),
        ("An administrator", words(spec.admin_text)),
        ("The operator", words(spec.operator_hint)),
    )
    return "\n\n".join(
        [
            f"### `{member.code}`",
            f"**{words(spec.title)}** (status {spec.status}{protocol})",
            table(("who", "what to do"), (row for row in rows if row[1])),
        ]
    )


def answers_table(members: Iterable[ProblemCatalogue]) -> str:
    heads = ("code", "status", "`error`", "sentence", "the person", "the operator")
    rows = (
        (
            code(member.code),
            str(member.spec.status),
            code(member.spec.oauth_error or ""),
            words(member.spec.title),
            words(member.spec.user_text),
            words(member.spec.operator_hint),
        )
        for member in members
    )
    return table(heads, rows)


def faults_table(catalogue: type[FaultCatalogue]) -> str:
    rows = (
        (code(fault.code), words(fault.spec.hint), ", ".join(code(key) for key in fault.spec.keys))
        for fault in catalogue
    )
    return table(("fault", "what to look at", "keys"), rows)


# --- addresses ------------------------------------------------------------------------------------


def urls_page() -> str:
    about = (
        "Every address of both systems, in the order of `ROUTES` in `src/<app>/routes.py`. The "
        "guard says who may reach it and how a refusal is answered; for an API it is the "
        "permission that the caller needs."
    )
    parts = []
    for application in APPLICATIONS:
        routes = list(application.routes.ROUTES)
        heads = ("methods", "path", "guard", "what it does")
        rows = (row for route in routes for row in route_rows(route))
        parts += [f"## {application.title}", table(heads, rows)]
        guards = {type(route.guard).__name__: type(route.guard) for route in guarded(routes)}
        explained = (
            (code(name), words(first_sentences(kind.__doc__))) for name, kind in guards.items()
        )
        parts += [f"### Guards of {application.title}", table(("guard", "who may"), explained)]
    return page("Addresses", about, *parts)


def guarded(routes: Iterable[Any]) -> Iterator[Any]:
    return (route for route in routes if hasattr(route, "guard"))


def route_rows(route: Any) -> Iterator[Sequence[str]]:
    """One, or for a mounted API one for each of its operations."""
    if not isinstance(route, ApiMount):
        yield route_row(route)
        return
    for path, operation in routes_of(route.api):
        methods = " ".join(sorted(operation.methods or ()))
        meaning = words(operation.summary or first_sentences(operation.description))
        yield (methods, code(path), code(permission_of(operation)), meaning)


def route_row(route: Any) -> Sequence[str]:
    if not hasattr(route, "guard"):
        return ("GET", code(f"{route.path}/..."), "", "files of the pages")
    methods = " ".join(sorted(route.methods - {"HEAD"}))
    guard = code(type(route.guard).__name__)
    return (methods, code(route.path), guard, words(meaning_of(route.described_by, route.path)))


def meaning_of(endpoint: Any, path: str) -> str:
    """Its docstring, after its module's where that one begins with the address."""
    module = sys.modules[endpoint.__module__]
    made_by = getattr(module, endpoint.__qualname__.split(".")[0])  # of a closure
    address, own = parted(endpoint.__doc__ or made_by.__doc__)
    addresses, modules = parted(module.__doc__)
    at_module = re.search(rf" {re.escape(path)}(?:[,:. ]|$)", addresses)
    if at_module and not (address and own):
        return f"{modules} {own}".strip()
    return own or modules


def parted(documentation: str | None) -> tuple[str, str]:
    """The addresses that a docstring begins with, and its first sentence without them."""
    said = first_sentences(documentation).split(". ")[0].rstrip(".")
    said = re.sub(r"^The route(?:[:,] |$)", "", said)
    found = re.match(r"((?:GET|POST|OPTIONS)\b[^:]*)(?::\s*|$)", said)
    rest = said[found.end() :] if found else said
    sentence = rest[:1].upper() + rest[1:] + ("." if rest[-1:].isalnum() else "")
    return (found[1] if found else "", sentence)


# --- command lines --------------------------------------------------------------------------------


def commands_page() -> str:
    about = "What an operator types. Every command explains itself with `--help`."
    parts = []
    for application in APPLICATIONS:
        parts.append(f"## {application.title}")
        commands = leaves(get_command(application.cli), application.program)
        parts += [command_section(name, command) for name, command in commands]
    return page("Commands", about, *parts)


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for part, inner in below.items():
        yield from leaves(inner, f"{name} {part}")


def command_section(name: str, command: Any) -> str:
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([name, *(argument_name(a) for a in arguments)])
    rows = [(code(argument_name(a)), words(a.help or "")) for a in arguments if a.help]
    rows += [(code(option_name(o)), words(option_meaning(o))) for o in options if not o.hidden]
    listed = table(("option", "meaning"), rows)
    return "\n\n".join(
        filter(None, [f"### `{usage}`", words(first_sentences(command.help)), listed])
    )


def argument_name(argument: Any) -> str:
    name = str(argument.metavar or argument.name).upper().replace("-", "_")
    name += "..." if argument.nargs == -1 else ""
    return name if argument.required else f"[{name}]"


def option_name(option: Any) -> str:
    names = "/".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.metavar or 'VALUE'}"


def option_meaning(option: Any) -> str:
    meaning = str(option.help or "")
    notes = ["required"] if option.required else []
    notes += ["may be repeated"] if option.multiple else []
    return f"{meaning} ({', '.join(notes)})" if notes else meaning


if __name__ == "__main__":
    sys.exit(main())
