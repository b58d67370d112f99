"""A pair that works, and each fault injected by itself: the doctor names key and side of each one,
and nothing else (ideas 2, 7, 20).
"""

import json
from pathlib import Path

import pytest

from live_agent.doctor.rules.finding import Finding, Verdict
from live_agent.doctor.rules.places import Place, System
from support.charts import has_value
from support.drill import PLATFORM_TOKEN, SECRET, Seed, scene
from support.faults import FAULTS, OTHER_SECRET, Fault
from support.readers import FILE, check_recorded, seen

SIDES = {"LA": System.LIVE_AGENT, "AI": System.COGNIGY_AI, "PROVIDER": System.PROVIDER}


def place_of(text: str) -> Place:
    side, _, key = text.partition(" ")
    return Place(SIDES[side], key)


def named(found: list[Finding]) -> dict[str, set[Place]]:
    """What is wrong or not reached, with what to change; not what only follows from it."""
    kinds = (Verdict.WRONG, Verdict.NOT_REACHED)
    return {one.check: set(one.change) for one in found if one.change and one.verdict in kinds}


def shown(found: list[Finding]) -> set[Place]:
    """Every place that a report names."""
    said = [side.place for one in found for side in (one.here, one.there) if side is not None]
    return {*said, *(place for one in found for place in one.change)}


def exists(place: Place) -> bool:
    """What is named with a Helm value has that value; commands and the provider have none."""
    if place.system is System.PROVIDER or not place.key.isupper():
        return place.helm == ""
    chart = {System.LIVE_AGENT: "live-agent", System.COGNIGY_AI: "cognigy-ai"}[place.system]
    return has_value(chart, place.helm)


async def test_nothing_is_wrong_with_the_pair_itself(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path) as pair:
        found = await pair.examine()
        assert {one.name for one in found if one.verdict is not Verdict.OK} == {"mail"}
        page = await pair.log_in()
        assert page.url.path.endswith("/dashboard"), page.text


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_the_doctor_names_key_and_side_and_nothing_else(
    seed: Seed, tmp_path: Path, fault: Fault
):
    async with scene(seed, tmp_path, fault) as pair:
        found = await pair.examine()
        page = await pair.opened_by_a_person()
    expected = {check: {place_of(p) for p in ps} for check, ps in fault.expected.items()}
    told = [
        (one.name, one.verdict.value, one.what) for one in found if one.verdict is not Verdict.OK
    ]
    assert named(found) == expected, told
    for finding in found:
        text = repr(finding) + finding.what + finding.remedy
        assert "{" not in finding.what + finding.remedy
        for secret in (SECRET, PLATFORM_TOKEN, OTHER_SECRET, OTHER_SECRET[::-1]):
            assert secret not in text
    assert [place for place in shown(found) if not exists(place)] == []
    now = json.loads(pair.documented(json.dumps(seen(page, found))))
    check_recorded(fault.name, fault.title, now)


def test_no_fault_is_documented_that_is_not_drilled():
    assert set(json.loads(FILE.read_text())) == {fault.name for fault in FAULTS}
