"""`audit` of both command lines: list, export and verify what happened."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from kernel.audit import chain, rules
from kernel.audit.chain import Verdict
from kernel.audit.rules import Event, EventFilter
from kernel.audit.trail import Trail
from kernel.cli import FAILED, print_json, print_line, print_table
from kernel.clock import utc_text
from kernel.db import Database

# Runs work on the application's open database, as each command of it is run.
Do = Callable[[Callable[[Database], Awaitable[Any]]], Any]

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Group = Annotated[str | None, typer.Option("--group", help="Such as user, login or session.")]
User = Annotated[str | None, typer.Option("--user", help="Id of whom it is about.")]
By = Annotated[str | None, typer.Option("--by", help="Id of who did it.")]
Since = Annotated[str | None, typer.Option("--since", help="First day, such as 2026-11-01 (UTC).")]
Until = Annotated[str | None, typer.Option("--until", help="Last day (UTC).")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]
Format = Annotated[str, typer.Option("--format", help="jsonl or csv.")]
Known = Annotated[
    str | None,
    typer.Option("--known", help="NUMBER:HASH that an earlier verification printed."),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands work on; `name` is the option that narrows the trail to one owner.

    `parse` makes the owner of what was typed, or raises BadParameter.
    """

    trail: Trail
    do: Do
    name: str
    help: str
    parse: Callable[[str], str | int]

    def option(self) -> Any:
        return typer.Option(None, f"--{self.name}", metavar="TEXT", help=self.help)

    def owner(self, typed: str | None) -> str | int | None:
        return None if typed is None else self.parse(typed)


def audit_commands(desk: Desk) -> typer.Typer:
    """`audit list`, `audit export`, `audit verify`."""
    commands = typer.Typer(help="What happened, and who did it.", no_args_is_help=True)
    _add_list(commands, desk)
    _add_export(commands, desk)
    _add_verify(commands, desk)
    return commands


def _add_list(commands: typer.Typer, desk: Desk) -> None:
    @commands.command("list")
    def list_(
        owner: str | None = desk.option(),
        group: Group = None,
        user: User = None,
        by: By = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = 50,
        json: Json = False,
    ) -> None:
        """The newest events first."""
        wanted, whose = _filter(group, user, by, since, until), desk.owner(owner)

        async def work(database: Database) -> tuple[Event, ...]:
            return (await desk.trail.list_events(database, whose, wanted, limit=limit)).events

        found = desk.do(work)
        if json:
            print_json([desk.trail.export.as_object(event) for event in found])
        else:
            _print(found, desk.name)


def _add_export(commands: typer.Typer, desk: Desk) -> None:
    export = desk.trail.export
    formats = {"jsonl": (export.json_line, ""), "csv": (export.csv_row, export.header)}

    @commands.command("export")
    def export_(
        owner: str | None = desk.option(),
        group: Group = None,
        user: User = None,
        by: By = None,
        since: Since = None,
        until: Until = None,
        format_: Format = "jsonl",
    ) -> None:
        """Every event on standard output, the newest first: JSON lines or CSV."""
        if format_ not in formats:
            raise typer.BadParameter("The format is jsonl or csv.")
        line, head = formats[format_]
        wanted, whose = _filter(group, user, by, since, until), desk.owner(owner)

        async def work(database: Database) -> None:
            sys.stdout.write(head)
            async for event in desk.trail.walk(database, whose, wanted):
                sys.stdout.write(line(event))

        desk.do(work)


def _add_verify(commands: typer.Typer, desk: Desk) -> None:
    @commands.command("verify")
    def verify(known: Known = None, json: Json = False) -> None:
        """Are all sealed events as they were? Exit code 1 and the first broken batch if not.

        Keep the last number and hash where nobody who can write to the database can write.
        """
        wanted = None if known is None else chain.parse_known(known)
        if known is not None and wanted is None:
            raise typer.BadParameter("What is known is NUMBER:HASH, as a verification prints it.")

        async def work(database: Database) -> Verdict:
            return await desk.trail.verify(database, wanted)

        found = desk.do(work)
        if json:
            print_json(_verdict(found))
        else:
            _tell(found)
        if found.broken is not None:
            raise SystemExit(FAILED)


def _print(found: tuple[Event, ...], name: str) -> None:
    rows = [
        (
            utc_text(event.at),
            event.event,
            event.actor_email or event.actor_id or event.actor_kind,
            event.user_email or event.user_id,
            event.owner,
        )
        for event in found
    ]
    print_table("Audit events", ("At", "Event", "By", "User", name.capitalize()), rows)


def _verdict(found: Verdict) -> dict[str, object]:
    last = found.last
    return {
        "good": found.broken is None,
        "broken_batch": found.broken,
        "why": found.why or None,
        "batches": found.batches,
        "events": found.events,
        "unsealed": found.unsealed,
        "oldest_batch": found.oldest,
        "last_batch": None if last is None else last.number,
        "last_hash": None if last is None else last.hash,
    }


def _tell(found: Verdict) -> None:
    print_line(f"Good batches: {found.batches} with {found.events} events.")
    print_line(f"Not sealed yet: {found.unsealed} events.")
    if found.broken is not None:
        print_line(f"Broken: batch {found.broken}, {found.why}.")
    elif found.last is not None:
        print_line(f"Last: {found.last.number}:{found.last.hash}")


def _filter(
    group: str | None, user: str | None, by: str | None, since: str | None, until: str | None
) -> EventFilter:
    """What was asked for; a day that is none ends the command."""
    if group is not None and not rules.is_group(group):
        raise typer.BadParameter("A group is the first part of an event, such as user.")
    return EventFilter(
        group=group,
        user_id=user,
        actor_id=by,
        since=None if since is None else _day(rules.start_of_day(since), since),
        until=None if until is None else _day(rules.end_of_day(until), until),
    )


def _day(seconds: int | None, typed: str) -> int:
    if seconds is None:
        raise typer.BadParameter(f"{typed} is no day; write it as 2026-11-01.")
    return seconds
