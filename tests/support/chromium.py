"""The browser of the journeys: the system's Chromium, or one that can be had here.

`python tests/support/chromium.py install` is what `make test` runs first.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
JAPANESE_FONT = "fonts-ipafont-gothic"
LAUNCH_ARGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str | None:
    """The program to start, or None where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _downloaded_by_playwright()


def launch_options() -> dict[str, object]:
    """The keyword arguments for playwright's `chromium.launch`."""
    path = chromium_path()
    if path is None:
        raise RuntimeError(NONE_FOUND)
    # root has no user namespace sandbox; the pages are our own
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": path, "args": [*sandbox, *LAUNCH_ARGS]}


NONE_FOUND = """\
No Chromium was found, and the tests need one. Any of these helps, then run the command again:
  apt-get install chromium                        (Debian, as root)
  .venv/bin/playwright install chromium           (downloads one)
  put a program `chromium` or `google-chrome` on the PATH"""


def install() -> int:
    """Have a Chromium and a Japanese font; 0 when there is a Chromium at the end."""
    packages = [] if chromium_path() else ["chromium"]
    packages += [] if _has_japanese_font() else [JAPANESE_FONT]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_install(packages)
    if chromium_path() is None:
        print("Downloading a Chromium with playwright")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if chromium_path() is None:
        print(NONE_FOUND, file=sys.stderr)
        return 1
    if not _has_japanese_font():
        print(f"Note: no Japanese font is installed; Debian has one in {JAPANESE_FONT}.")
    return 0


def _apt_install(packages: list[str]) -> None:
    print(f"Installing {' and '.join(packages)}", flush=True)
    _apt_get("update")
    for package in packages:  # one by one: a font that cannot be had must not cost the browser
        _apt_get("install", "-y", package)


def _apt_get(*command: str) -> None:
    subprocess.run(
        ["apt-get", "-qq", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )


def _has_japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    fonts = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def _downloaded_by_playwright() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit("usage: python tests/support/chromium.py install")
    sys.exit(install())
