"""Everything here renders with Helm, and is skipped, loudly, where Helm cannot be had."""

import sys
from pathlib import Path

import pytest

from support.charts import Rendered, render, values_of
from support.helm import NONE_FOUND, VERSIONS, programs

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if len(programs()) == len(VERSIONS):
        return
    mine = [item for item in items if HERE in item.path.parents]
    if mine:
        print(f"\n{NONE_FOUND}", file=sys.stderr)
    for item in mine:
        item.add_marker(pytest.mark.skip(reason="no Helm: `make test` fetches it"))


@pytest.fixture(scope="module", params=["live-agent", "cognigy-ai"])
def chart(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def production(chart: str) -> Rendered:
    """As the production example of the chart renders."""
    return render(chart, values_of(f"{chart}-production"))
