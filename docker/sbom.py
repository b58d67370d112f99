"""What is installed beside this Python, as CycloneDX 1.6 on standard output: the image's SBOM."""

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from typing import Any


def bill_of_materials() -> dict[str, Any]:
    found = {_name(one): one for one in distributions()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [_component(name, found[name]) for name in sorted(found)],
    }


def _component(name: str, one: Distribution) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "name": name,
        "version": one.version,
        "purl": f"pkg:pypi/{name}@{one.version}",
    }
    expression = one.metadata.get("License-Expression")
    if expression:
        component["licenses"] = [{"expression": expression}]
    return component


def _name(one: Distribution) -> str:
    """As an index spells it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()


if __name__ == "__main__":
    json.dump(bill_of_materials(), sys.stdout, indent=1)
