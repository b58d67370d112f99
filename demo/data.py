"""The demo's folder: what it remembers between two starts, for the owner's eyes only."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

PASSWORD_WORDS = 3
MAIN_PORTS = {"COGNIGY_AI_PORT": 8000, "LIVE_AGENT_PORT": 3000}


class DemoError(Exception):
    """Why the demo cannot go on, in words for the person who started it."""


@dataclass(frozen=True)
class Demo:
    """Everything that one start of the demo is made of."""

    folder: Path  # .demo
    cognigy_ai_port: int
    live_agent_port: int
    password: str
    secrets: dict[str, str]

    @property
    def cognigy_ai_url(self) -> str:
        return f"http://localhost:{self.cognigy_ai_port}"

    @property
    def live_agent_url(self) -> str:
        return f"http://localhost:{self.live_agent_port}"

    @property
    def data(self) -> Path:
        """Live Agent ties people to the platform's address, so each port has its own data."""
        return self.folder / f"data-{self.cognigy_ai_port}"

    @property
    def mail(self) -> Path:
        return self.folder / "mail"


def open_demo(root: Path) -> Demo:
    """Read the environment and the folder; make what is not there yet."""
    folder = Path(os.environ.get("DEMO_FOLDER") or root / ".demo").absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    demo = Demo(
        folder,
        port("COGNIGY_AI_PORT"),
        port("LIVE_AGENT_PORT"),
        *_secrets(folder / "secrets.json"),
    )
    if demo.cognigy_ai_port == demo.live_agent_port:
        raise DemoError("COGNIGY_AI_PORT and LIVE_AGENT_PORT are the same; they must differ.")
    for below in (demo.data, demo.mail, demo.folder / "logs"):
        below.mkdir(mode=0o700, exist_ok=True)
    return demo


def port(key: str) -> int:
    text = os.environ.get(key) or str(MAIN_PORTS[key])
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise DemoError(f"{key} is {text!r}, which is not a port: write a number from 1 to 65535.")


def _secrets(path: Path) -> tuple[str, dict[str, str]]:
    """The people's password, and the secrets of both systems."""
    saved: dict[str, str] = read_json(path) or {}
    made = {
        "cognigy_ai_secret_key_base": secrets.token_hex(64),
        "live_agent_secret_key_base": secrets.token_hex(64),
        "client_secret": secrets.token_hex(32),
        "platform_token": secrets.token_hex(32),
        "password": "",
    } | saved
    made["password"] = os.environ.get("DEMO_PASSWORD") or made["password"] or three_words()
    if made != saved:
        write_private_json(path, made)
    return made["password"], made


def three_words() -> str:
    words = Path(__file__).with_name("words.txt").read_text().split()
    return "-".join(secrets.choice(words) for _ in range(PASSWORD_WORDS))


def read_json(path: Path) -> dict[str, str] | None:
    """What an earlier start wrote, or None."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise DemoError(
            f"{path} cannot be read ({error}). `make demo-reset` starts afresh."
        ) from error
    return found if isinstance(found, dict) else None


def write_private_json(path: Path, value: object) -> None:
    """Write for the owner only, whole or not at all."""
    write_private(path, json.dumps(value, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    new.replace(path)
