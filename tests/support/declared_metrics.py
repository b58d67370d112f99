"""Every number that the source declares, as the reference page finds them."""

import importlib
import sys
from functools import cache
from pathlib import Path

from kernel.metrics import Metric

DOCS = Path(__file__).parents[2] / "docs"


@cache
def declared_metrics() -> list[Metric]:
    sys.path.insert(0, str(DOCS))
    try:
        measures = importlib.import_module("measures")
    finally:
        sys.path.remove(str(DOCS))
    return [metric for package, _ in measures.PACKAGES for metric in measures.declared(package)]
