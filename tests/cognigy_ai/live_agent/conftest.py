"""A platform whose Live Agent is a small one."""

import pytest

from support.small_live_agent import SmallLiveAgent


@pytest.fixture
def environment(live_agent: SmallLiveAgent) -> dict[str, str]:
    return live_agent.environment
