"""`make up`: both systems with demo people, in the foreground, until Ctrl-C.

COGNIGY_AI_PORT (8000), LIVE_AGENT_PORT (3000), DEMO_PASSWORD (else three random words).
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.data import Demo, DemoError, open_demo, write_private, write_private_json
from demo.people import ACCOUNT, ORGANISATIONS, PEOPLE
from demo.seed import is_new, seed
from demo.story import tell
from demo.systems import CLIENT_ID, System, await_ready, cognigy_ai, live_agent

ROOT = Path(__file__).parent.parent
NARROWEST = 100


def main() -> int:
    """Start, wait for a signal or a fault, stop."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    console = Console()
    if not console.is_terminal:
        console = Console(width=NARROWEST)
    try:
        return run(open_demo(ROOT), console, stop)
    except DemoError as error:
        Console(stderr=True).print(Text(str(error), style="red"), soft_wrap=True)
        return 1


def run(demo: Demo, console: Console, stop: threading.Event) -> int:
    platform, desk = cognigy_ai(demo), live_agent(demo)
    systems = [platform, desk]
    for system in systems:
        system.check_port_free()
    console.print("Preparing the databases and the demo's people", style="dim")
    new = is_new(demo)
    account_id = seed(demo, platform, desk)
    file = demo.folder / "demo.json"
    try:
        for system in systems:
            system.start()
        if await_ready(systems, stop):
            # As its admin would press "Set up Live Agent": the platform notes the account's number.
            platform.run("organisations", "set-up-live-agent", ORGANISATIONS[ACCOUNT])
            if new:
                tell(demo, platform, desk, account_id)
            write_private_json(file, description(demo, account_id, systems))
            for system in systems:
                write_private(demo.folder / f"{system.command}.env", system.settings())
            show(demo, console)
            watch(systems, stop)
    finally:
        end(systems)
        write_private_json(file, description(demo, account_id, []))
    console.print("Stopped. The data is kept; `make demo-reset` forgets it.", style="dim")
    return 0


def watch(systems: list[System], stop: threading.Event) -> None:
    """Until a signal comes; raises DemoError when a server ends by itself."""
    while not stop.wait(0.5):
        for system in systems:
            system.check_running()


def end(systems: list[System]) -> None:
    """Both at once, then wait for each."""
    for system in systems:
        system.end()
    for system in systems:
        system.await_end()


def description(demo: Demo, account_id: int, running: list[System]) -> dict[str, object]:
    """What scripts and benchmarks start from: demo.json."""
    processes = {system.command: system.process.pid for system in running if system.process}
    return {
        "cognigy_ai": demo.cognigy_ai_url,
        "live_agent": demo.live_agent_url,
        "issuer": demo.cognigy_ai_url,
        "mail": mail_page(demo),
        "organisations": ORGANISATIONS,
        "accounts": {ACCOUNT: account_id},
        "client_id": CLIENT_ID,
        "client_secret": demo.secrets["client_secret"],
        "redirect_uri": f"{demo.live_agent_url}/omniauth/cognigy/callback",
        "platform_token": demo.secrets["platform_token"],
        "people": [
            {
                "email": person.email,
                "name": person.name,
                "password": demo.password,
                "organisation": person.organisation and ORGANISATIONS[person.organisation],
                "roles": person.roles,
                "old_role": person.old_role,
                "shows": person.shows,
            }
            for person in PEOPLE
        ],
        "processes": processes | ({"up": os.getpid()} if processes else {}),
    }


def mail_page(demo: Demo) -> str:
    return f"{demo.live_agent_url}/demo/mail"


def show(demo: Demo, console: Console) -> None:
    """The addresses, the people and what each of them shows."""
    addresses = Table.grid(padding=(0, 2))
    for name, value in (
        ("Live Agent", demo.live_agent_url),
        ("Cognigy.AI", demo.cognigy_ai_url),
        ("Mail", mail_page(demo)),
        ("Password of everybody", demo.password),
    ):
        addresses.add_row(name, Text(value, style="bold"))
    people = Table(header_style="bold")
    for column in ("Person", "Where", "What it shows"):
        people.add_column(column, overflow="fold")
    for person in PEOPLE:
        people.add_row(person.email, person.where, person.shows)
    console.print()
    console.print(addresses)
    console.print()
    console.print(people)
    console.print("Open Live Agent and press Sign in. Ctrl-C stops both systems.\n")


if __name__ == "__main__":
    sys.exit(main())
