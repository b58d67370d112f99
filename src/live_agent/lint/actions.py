"""`live-agent lint`: each side by itself, then pair by pair, from files alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from kernel.settings import CommonSettings, Fault, SettingsError, load
from live_agent.doctor.rules import pairs
from live_agent.doctor.rules.finding import Finding, in_order
from live_agent.doctor.rules.places import Place, System
from live_agent.doctor.rules.sides import Side
from live_agent.helm.legacy import UNUSED_KEYS, is_unused
from live_agent.helm.values import Given
from live_agent.lint import chart_rules, rules
from live_agent.lint.platform_settings import PlatformSettings
from live_agent.settings import Settings

# A secret that cannot be read here is taken to be a good one.
STAND_INS = {"DATABASE_URL": "postgresql://host/name", "REDIS_URL": "redis://host:6379/0"}
STAND_IN = "0123456789abcdefghijklmnopqrstuvwxyz" * 2
# Files are looked for where the program runs.
HTTP, HTTPS = "http://", "https://"
FILES = frozenset({"SSL_CA_FILE", "TLS_CERT_FILE", "TLS_KEY_FILE"})


@dataclass(frozen=True)
class _OneSide:
    system: System
    settings: type[CommonSettings]
    given: Given

    @property
    def keys(self) -> dict[str, bool]:
        """Each key, and whether it is a secret."""
        fields = self.settings.model_fields.values()
        return {str(f.validation_alias): "SecretStr" in str(f.annotation) for f in fields}

    def side(self) -> Side:
        """What the rules of the pairs compare; an address told to be http as if it were mended."""
        read = self.given.environment
        wrong = {fault.key for fault in self.faults}
        values = {
            key: HTTPS + value.removeprefix(HTTP)
            if key in wrong and value.startswith(HTTP)
            else value
            for key, value in read.items()
            if not self.keys.get(key, False)
        }
        return Side(values, self.fingerprints(), self.given.hidden)

    def fingerprints(self) -> dict[str, str]:
        read = self.given.environment
        secrets = (key for key, secret in self.keys.items() if secret and read.get(key))
        return {key: sha256(read[key].strip().encode()).hexdigest() for key in secrets}

    @cached_property
    def faults(self) -> list[Fault]:
        """As the program itself would say at its start."""
        environment = {k: v for k, v in self.given.environment.items() if k not in FILES}
        hidden = {key: STAND_INS.get(key, STAND_IN) for key in self.given.hidden}
        try:
            load(self.settings, environment | hidden)
        except SettingsError as error:
            return error.faults
        return []


def judge(live_agent: Given, cognigy_ai: Given) -> list[Finding]:
    """Everything that is wrong; a fault is told once."""
    sides = (
        _OneSide(System.LIVE_AGENT, Settings, live_agent),
        _OneSide(System.COGNIGY_AI, PlatformSettings, cognigy_ai),
    )
    found = [finding for side in sides for finding in _alone(side)]
    told = {place for finding in found for place in finding.change}
    unreadable = {place for place in told if not _at(sides, place).startswith(HTTP)}
    here, there = (side.side() for side in sides)
    found += [
        finding
        for finding in pairs.judge(here, there)
        if not finding.is_wrong
        or not (told.intersection(finding.change) or unreadable.intersection(_said(finding)))
    ]
    told |= {place for finding in found for place in finding.change if finding.is_wrong}
    found += [
        finding
        for side in sides
        for finding in _settings(side, chart_rules.refused(side.given))
        if not told.intersection(finding.change)
    ]
    secrets = {
        Place(side.system, key): value
        for side in sides
        for key, value in side.fingerprints().items()
    }
    return in_order([*found, *rules.reused(secrets)])


def _alone(side: _OneSide) -> list[Finding]:
    faults = _settings(side, side.faults)
    chart = side.given.chart.name
    keys = (key for key in side.given.environment if not is_unused(chart, key))
    written = [Place(side.system, key) for key in keys]
    known = {*side.keys, *UNUSED_KEYS[chart]}
    return [*faults, *rules.misspelt(written, known)]


def _settings(side: _OneSide, faults: Iterable[Fault]) -> list[Finding]:
    return [
        rules.wrong_setting(
            Place(side.system, fault.key),
            fault.fault,
            fault.fix.rstrip("."),
            _shown(side, fault.key),
        )
        for fault in faults
    ]


def _shown(side: _OneSide, key: str) -> str | None:
    """Secrets are never shown."""
    return None if side.keys.get(key, True) else side.given.environment.get(key)


def _said(finding: Finding) -> set[Place]:
    return {one.place for one in (finding.here, finding.there) if one is not None}


def _at(sides: tuple[_OneSide, ...], place: Place) -> str:
    (side,) = [side for side in sides if side.system is place.system]
    return side.given.environment.get(place.key, "")


def places_in_values(live_agent: Given, cognigy_ai: Given) -> Mapping[System, Given]:
    """For whoever shows where a value was found."""
    return {System.LIVE_AGENT: live_agent, System.COGNIGY_AI: cognigy_ai}
