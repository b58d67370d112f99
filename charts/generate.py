"""What the charts know of the settings: `make docs` writes it, so that it cannot say anything else.

`files/environment.yaml` (which value becomes which key) is read by the templates,
`values.schema.json` by Helm itself. tests/charts fails when they hold something else.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic.fields import FieldInfo
from setting_schemas import (
    AUTHORITY,
    DIGEST,
    OBJECT,
    REPOSITORY,
    SECRET_KEY,
    TAG,
    Schema,
    host_schema,
    is_secret,
    number_schema,
    object_name_schema,
    password_schema,
    pattern_schema,
    plain_address_schema,
    quantities_schema,
    setting_schema,
    switch_schema,
)

import cognigy_ai.settings
import live_agent.settings
from kernel.settings import CommonSettings, fix_of
from live_agent.helm.legacy import UNUSED_KEYS, UNUSED_PATTERNS, UNUSED_VALUES
from live_agent.helm.places import CHARTS, NOT_WRITTEN, Chart

HERE = Path(__file__).parent
SETTINGS: Mapping[str, type[CommonSettings]] = {
    "live-agent": live_agent.settings.Settings,
    "cognigy-ai": cognigy_ai.settings.Settings,
}
SHARED = {
    "CLIENT_SECRET_COGNIGY_LIVE_AGENT": "the same as COGNIGY_OAUTH_CLIENT_SECRET of Live Agent",
    "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": "the same as COGNIGY_PLATFORM_APP_TOKEN of Live Agent",
    "REDIRECT_URI_COGNIGY_LIVE_AGENT": "https://<live agent>/omniauth/cognigy/callback",
    "COGNIGY_PLATFORM_APP_TOKEN": "the same as COGNIGY_LIVE_AGENT_PLATFORM_TOKEN of Cognigy.AI",
}


def main() -> int:
    for path, text in files().items():
        path.write_text(text)
    return 0


def files() -> dict[Path, str]:
    """Every generated file and its whole text."""
    out: dict[Path, str] = {}
    for chart in CHARTS:
        folder = HERE / chart.name
        made = "# Made from the code by `make docs`; do not edit.\n"
        text = yaml.safe_dump(environment(chart), sort_keys=False, width=100)
        out[folder / "files" / "environment.yaml"] = made + text
        out[folder / "values.schema.json"] = json.dumps(schema(chart), indent=2) + "\n"
    return out


# --- files/environment.yaml -----------------------------------------------------------------------


def environment(chart: Chart) -> dict[str, Any]:
    fields = fields_of(chart)
    secret = [key for key, field in fields.items() if is_secret(field)]
    return {
        "program": chart.name,
        "port": chart.port,
        "environment": chart.environment,
        "plain": [key for key in fields if key not in secret],
        "secret": secret,
        "blocks": [
            {"key": block.key, "paths": list(block.paths)}
            for block in chart.blocks
            if block.key in fields
        ],
        "secrets": [
            {
                "key": one.key,
                "existing": [
                    {"name": e.name, "key": e.key, "defaultKey": e.default_key}
                    for e in one.existing
                ],
                "paths": list(one.paths),
            }
            for one in chart.secrets
        ],
        "required": [required_row(chart, key, fields[key]) for key in required(chart, fields)],
        "withLiveAgent": with_live_agent(chart, fields),
        "unusedKeys": UNUSED_KEYS[chart.name],
        "unusedPatterns": UNUSED_PATTERNS[chart.name],
        "unusedValues": UNUSED_VALUES[chart.name],
    }


def fields_of(chart: Chart) -> dict[str, FieldInfo]:
    fields = SETTINGS[chart.name].model_fields.values()
    return {
        str(field.validation_alias): field
        for field in fields
        if field.validation_alias not in NOT_WRITTEN
    }


def required(chart: Chart, fields: Mapping[str, FieldInfo]) -> list[str]:
    always = [key for key, field in fields.items() if field.is_required()]
    return always + (["COGNIGY_PLATFORM_APP_TOKEN"] if chart.name == "live-agent" else [])


def with_live_agent(chart: Chart, fields: Mapping[str, FieldInfo]) -> list[dict[str, str]]:
    """What else is required with FEATURE_USE_COGNIGY_LIVE_AGENT."""
    if chart.name != "cognigy-ai":
        return []
    keys = [key for key in SHARED if key in fields]
    return [required_row(chart, key, fields[key]) for key in keys]


def required_row(chart: Chart, key: str, field: FieldInfo) -> dict[str, str]:
    return {"key": key, "place": chart.place_of(key), "fix": SHARED.get(key) or fix_of(field)}


# --- values.schema.json ---------------------------------------------------------------------------


def schema(chart: Chart) -> Schema:
    values = yaml.safe_load((HERE / chart.name / "values.yaml").read_text())
    out = shape(values)
    fields = fields_of(chart)
    properties = out["properties"]
    properties[chart.environment] = environment_schema(chart, fields)
    properties["global"] = {"type": "object"}  # Helm adds it
    properties["common"] = {"type": "object"}
    for name in UNUSED_VALUES[chart.name]:
        place(properties, name, {"description": "accepted, unused"})
    for path, what in special(chart, fields).items():
        place(properties, path, what)
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": chart.side, **out}


def special(chart: Chart, fields: Mapping[str, FieldInfo]) -> dict[str, Schema]:
    """Values of which more is known than the kind, by their paths."""
    out = {path: setting_schema(fields[b.key]) for b in chart.blocks for path in b.paths}
    for secret in chart.secrets:
        out |= {path: setting_schema(fields[secret.key]) for path in secret.paths}
        for one in secret.existing:
            out |= {one.name: object_name_schema()}
            out |= {one.key: pattern_schema(SECRET_KEY)} if one.key else {}
    if chart.name == "live-agent":
        out["urlProtocol"] = {"enum": ["https"]}
        out["frontendUrlOverride"] = {"type": "string", "pattern": f"^(|{AUTHORITY})$"}
    return out | {
        "image.repository": pattern_schema(REPOSITORY),
        "image.tag": pattern_schema(TAG),
        "image.digest": {"type": ["string", "null"], "pattern": DIGEST},
        "postgresql.host": host_schema(brackets=False),
        "postgresql.postgresqlHost": host_schema(brackets=False),
        "redis.host": host_schema(brackets=True),
        "redis.auth.existingSecret": object_name_schema(),
        "redis.auth.existingSecretPasswordKey": pattern_schema(SECRET_KEY),
        "redis.auth.password": password_schema(),
        "redis.password": password_schema(),
        "restClient.ssl.CASecret": object_name_schema(),
        "restClient.ssl.CASecretKey": pattern_schema(SECRET_KEY),
        "tls.existingSecret": object_name_schema(),
        "secretEnvironment": secret_environment(fields),
        "app.resources": quantities_schema(),
        "migration.resources": quantities_schema(),
        "podDisruptionBudget.maxUnavailable": {
            "type": ["integer", "string", "null"],
            "minimum": 0,
            "pattern": "^[0-9]*%?$",
        },
        "ingress.hosts": hosts_schema(),
        "ingress.tls": certificates_schema(),
    }


def shape(value: object) -> Schema:
    """The kinds of values.yaml; a map that is empty there is free."""
    if isinstance(value, dict):
        if not value:
            return {"type": "object"}
        properties = {str(key): shape(member) for key, member in value.items()}
        return {"type": "object", "additionalProperties": False, "properties": properties}
    if isinstance(value, bool):
        return switch_schema()
    if isinstance(value, int):
        return number_schema(0, 2_147_483_647)
    if isinstance(value, list):
        return {"type": "array"}
    return {"type": ["string", "number", "null"]}


def place(properties: Schema, path: str, what: Schema) -> None:
    *folders, last = path.split(".")
    for folder in folders:
        properties = properties[folder]["properties"]
    properties[last] = what


def environment_schema(chart: Chart, fields: Mapping[str, FieldInfo]) -> Schema:
    properties = {key: setting_schema(field) for key, field in fields.items()}
    properties["OTEL_EXPORTER_OTLP_ENDPOINT"] = plain_address_schema()
    properties["DEVELOPMENT_MODE"] = {"enum": [False, "false", ""]}
    for key in UNUSED_KEYS[chart.name]:
        properties[key] = {"description": "accepted, unused"}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "patternProperties": {
            pattern: {"description": "accepted, unused"} for pattern in UNUSED_PATTERNS[chart.name]
        },
    }


def secret_environment(fields: Mapping[str, FieldInfo]) -> Schema:
    at = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "key"],
        "properties": {"name": object_name_schema(), "key": pattern_schema(SECRET_KEY)},
    }
    keys = [key for key, field in fields.items() if is_secret(field)]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(keys, at),
    }


def hosts_schema() -> Schema:
    """An ingress knows no port."""
    host = {"type": ["string", "null"], "pattern": f"^(|{OBJECT})$"}
    return {
        "type": "array",
        "items": {"type": "object", "properties": {"host": host, "paths": {}}},
    }


def certificates_schema() -> Schema:
    host = {"type": "string", "pattern": rf"^(\*\.)?{OBJECT}$"}
    properties = {"secretName": object_name_schema(), "hosts": {"type": "array", "items": host}}
    return {
        "type": "array",
        "items": {"type": "object", "additionalProperties": False, "properties": properties},
    }


if __name__ == "__main__":
    sys.exit(main())
