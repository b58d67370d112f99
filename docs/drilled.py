"""docs/reference/faults.md: what the drill of faults has seen (`docs/faults.json`)."""

import json
from pathlib import Path
from typing import Any

from writing import code, page, table, words

FILE = Path(__file__).parent / "faults.json"


def faults_page() -> str:
    about = (
        "How long it takes to find a fault: one look. Each row is one change to a pair that works, "
        "seen by the drill (`tests/live_agent/doctor/test_drill.py`), which injects them one by "
        "one: what the person at the login page reads, what the page tells an administrator, and "
        "what `live-agent doctor` tells an operator. A reason is what the page's fold for "
        "operators and the log name."
    )
    recorded = json.loads(FILE.read_text())
    heads = ("fault", "the person reads", "an administrator is told", "the operator")
    rows = (
        (
            words(fault["title"]),
            words(fault["person"]),
            words(fault["administrator"]),
            " ".join([reason_of(fault), *(finding_of(one) for one in fault["doctor"])]).strip(),
        )
        for fault in recorded.values()
    )
    return page("Faults", about, table(heads, rows))


def reason_of(fault: dict[str, Any]) -> str:
    return f"reason {code(fault['operator_page'])}." if fault["operator_page"] else ""


def finding_of(finding: dict[str, Any]) -> str:
    places = ", ".join(code(place) for place in finding["change"])
    what, fix = words(finding["what"]), words(finding["fix"])
    return f"{code(finding['check'])}: {what} Change {places}. {fix}"
