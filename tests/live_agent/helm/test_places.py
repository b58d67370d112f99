"""Every Helm value that the doctor or the linter names is one that the chart takes (idea 3)."""

import pytest

import cognigy_ai.settings
import live_agent.settings
from kernel.settings import CommonSettings
from live_agent.doctor.rules.places import Place, System
from live_agent.helm.places import CHARTS, COGNIGY_AI, LIVE_AGENT, NOT_WRITTEN, Chart
from support.charts import has_value

SETTINGS: dict[Chart, type[CommonSettings]] = {
    LIVE_AGENT: live_agent.settings.Settings,
    COGNIGY_AI: cognigy_ai.settings.Settings,
}


def keys_of(chart: Chart) -> list[str]:
    return [str(field.validation_alias) for field in SETTINGS[chart].model_fields.values()]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_whatever_is_set_wrong_its_place_in_the_values_exists(chart: Chart):
    for key in keys_of(chart):
        helm = Place(System(chart.side), key).helm
        assert helm == "" if key in NOT_WRITTEN else has_value(chart.name, helm), (key, helm)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_so_do_the_other_places_at_which_a_file_may_have_it(chart: Chart):
    for key in keys_of(chart):
        places = chart.places_of(key)
        assert [place for place in places if not has_value(chart.name, place)] == []
        assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("path", "exists"),
    [
        ("redis.host", True),
        ("redis.redisHost", False),
        ("ingress.hosts[0].host", True),
        ("ingress.hosts[0].name", False),
        ("configmap.COGNIGY_OAUTH_SITE", True),
        ("configmap.COGNIGY_OAUTH_SIGHT", False),
    ],
)
def test_a_place_that_no_chart_has_would_be_noticed(path: str, *, exists: bool):
    assert has_value("live-agent", path) is exists
