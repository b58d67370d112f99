"""The faults of the doctor's drill that files show: the linter names key and side of each, and
nothing else (idea 3).
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.charts import has_value
from support.drill import PLATFORM_TOKEN, SECRET, Ports, environments
from support.faults import FAULTS, OTHER_SECRET, Fault
from support.terminal import Operator

OFFLINE = [fault for fault in FAULTS if fault.offline]
SIDES = {"LA": ("Live Agent", "live-agent"), "AI": ("Cognigy.AI", "cognigy-ai")}
# What a values file needs beside the environment of the pair, which is on this machine.
INSTALLED = {
    "image": {"repository": "registry.example.com/name"},
    "ingress": {"enabled": False},
    "secretEnvironment": {"DATABASE_URL": {"name": "database", "key": "url"}},
}
PORTS = Ports(8000, 3000, 9, 8001)


def as_lines(environment: dict[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in environment.items())


def linted(folder: Path, fault: Fault | None, form: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, what is wrong, and all that was printed."""
    here, there = environments(PORTS, folder, fault)
    mine, theirs = folder / "la", folder / "ai"
    words = ["--env"] if form == "environments" else []
    if words:
        mine.write_text(as_lines(here))
        theirs.write_text(as_lines(there))
    else:
        mine.write_text(yaml.safe_dump({"configmap": here} | INSTALLED))
        theirs.write_text(yaml.safe_dump({"cognigyEnv": there} | INSTALLED))
    done = Operator({}).types("lint", str(mine), str(theirs), *words, "--json")
    found = json.loads(done.stdout)["findings"]
    return done.exit_code, [one for one in found if one["verdict"] != "ok"], done.output


@pytest.mark.parametrize("form", ["environments", "values"])
def test_nothing_is_wrong_with_the_pair_itself(tmp_path: Path, form: str):
    code, found, _ = linted(tmp_path, None, form)
    assert (code, found) == (0, [])


@pytest.mark.parametrize("form", ["environments", "values"])
@pytest.mark.parametrize("fault", OFFLINE, ids=lambda fault: fault.name)
def test_the_linter_names_key_and_side_and_nothing_else(tmp_path: Path, fault: Fault, form: str):
    code, found, printed = linted(tmp_path, fault, form)
    told = {
        one["check"].partition(":")[0]: {(p["side"], p["key"]) for p in one["change"]}
        for one in found
    }
    expected = {
        check: {(SIDES[side][0], key) for side, _, key in (p.partition(" ") for p in places)}
        for check, places in fault.expected.items()
    }
    assert told == expected, found
    assert code == 1
    for place in (place for one in found for place in one["change"]):
        chart = dict(SIDES.values())[place["side"]]
        assert has_value(chart, place["helm"]), place
    for secret in (SECRET, PLATFORM_TOKEN, OTHER_SECRET):
        assert secret not in printed
