"""What the three readers of a fault see, recorded by the drill in docs/faults.json.

Set RECORD_FAULTS=1 to write down what is seen now.
"""

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from live_agent.doctor.rules.finding import Finding, Verdict

FILE = Path(__file__).parents[2] / "docs" / "faults.json"
RECORD = "RECORD_FAULTS"
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
PAIR = re.compile(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>")
ADMINISTRATORS = re.compile(r"For administrators</span>.*?<p>(.*?)</p>", re.DOTALL)
CHANGING = (
    (re.compile(r"needs \d{4}"), "needs …"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "…"),
    (re.compile(r"\b(59[5-9]|60[0-5])\b"), "600"),
)


def seen(page: httpx.Response | None, found: list[Finding]) -> dict[str, Any]:
    """As a row of the table; None is a page that the browser could not open."""
    kinds = (Verdict.WRONG, Verdict.NOT_REACHED)
    return {
        "person": _sentence(page),
        "administrator": _told_to_administrators(page),
        "operator_page": _facts(page).get("Reason", ""),
        "doctor": [
            {
                "check": one.check,
                "what": _steady(one.what),
                "fix": _steady(one.remedy),
                "change": [str(place) for place in one.change],
            }
            for one in found
            if one.change and one.verdict in kinds
        ],
    }


def _sentence(page: httpx.Response | None) -> str:
    if page is None:
        return "the browser's own page: nobody answers"
    if page.status_code < 400:
        return "is logged in"
    heading = HEADING.search(page.text)
    return unescape(heading[1]).strip() if heading else f"status {page.status_code}"


def _told_to_administrators(page: httpx.Response | None) -> str:
    found = ADMINISTRATORS.search(page.text) if page is not None else None
    return unescape(found[1]).strip() if found else ""


def _facts(page: httpx.Response | None) -> dict[str, str]:
    return dict(PAIR.findall(page.text)) if page is not None else {}


def _steady(text: str) -> str:
    for pattern, shown in CHANGING:
        text = pattern.sub(shown, text)
    return text


def check_recorded(name: str, title: str, now: dict[str, Any]) -> None:
    """The committed page tells what the drill has just seen."""
    recorded = json.loads(FILE.read_text()) if FILE.exists() else {}
    entry = {"title": title, **now}
    if os.environ.get(RECORD):
        recorded[name] = entry
        FILE.write_text(json.dumps(recorded, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        return
    assert recorded.get(name) == entry, f"docs/faults.json is stale: run the drill with {RECORD}=1"
