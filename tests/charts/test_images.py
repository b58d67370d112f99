"""Images and compose file, without Docker: what they would run with is judged by the programs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import cognigy_ai.settings
import live_agent.settings
from kernel.settings import CommonSettings, load

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, type[CommonSettings]] = {
    "live-agent": live_agent.settings.Settings,
    "cognigy-ai": cognigy_ai.settings.Settings,
}
PACKAGES = {"live-agent": "live_agent", "cognigy-ai": "cognigy_ai"}
VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """What docker/prepare writes: .env and the folder of certificates."""
    folder = tmp_path_factory.mktemp("compose")
    own = {"ENV_FILE": str(folder / ".env"), "LOCAL_FOLDER": str(folder / "local")}
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    subprocess.run([ROOT / "docker" / "prepare"], check=True, env=os.environ | own,
                   capture_output=True)  # fmt: skip
    lines = (folder / ".env").read_text().splitlines()
    assert (folder / ".env").stat().st_mode & 0o077 == 0, "everybody could read the secrets"
    return dict(line.split("=", 1) for line in lines), folder / "local"


def services(values: dict[str, str]) -> dict[str, Any]:
    text = VARIABLE.sub(lambda found: values[found[1]], (ROOT / "compose.yaml").read_text())
    return dict(yaml.safe_load(text)["services"])


@pytest.mark.parametrize("program", SETTINGS)
def test_compose_starts_each_program_with_a_valid_environment(
    program: str, prepared: tuple[dict[str, str], Path]
):
    values, certificates = prepared
    environment = services(values)[program]["environment"]
    at_home = {
        key: value.replace("/certificates", str(certificates)) for key, value in environment.items()
    }
    settings = load(SETTINGS[program], at_home)
    assert settings.tls_cert_file is not None
    assert set(environment) <= {
        str(field.validation_alias) for field in SETTINGS[program].model_fields.values()
    }


def test_the_environments_of_compose_fit_each_other(
    prepared: tuple[dict[str, str], Path], tmp_path: Path
):
    values, _ = prepared
    paths = []
    for program in SETTINGS:
        environment = services(values)[program]["environment"]
        path = tmp_path / program
        path.write_text("".join(f"{key}={value}\n" for key, value in environment.items()))
        paths.append(str(path))
    command = [sys.executable, "-m", "live_agent", "lint", "--env", "--json", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wrong = [one for one in json.loads(done.stdout)["findings"] if one["verdict"] == "wrong"]
    assert wrong == []


def test_compose_brings_the_tables_up_to_date_first(prepared: tuple[dict[str, str], Path]):
    found = services(prepared[0])
    for program in SETTINGS:
        assert found[f"{program}-tables"]["command"] == ["database", "upgrade"]
        conditions = found[program]["depends_on"][f"{program}-tables"]
        assert conditions == {"condition": "service_completed_successfully"}
        assert found[program]["read_only"] is True
        assert found[program]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("program", SETTINGS)
def test_an_image_is_pinned_and_has_neither_root_nor_an_installer(program: str):
    text = (ROOT / "docker" / f"{program}.Dockerfile").read_text()
    assert re.search(r"ARG BASE=docker\.io/library/python:3\.\d+\.\d+-slim-\w+\n", text)
    final = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", final, re.MULTILINE)
    assert "pip install" not in final
    assert "pip uninstall --yes pip" in final
    assert "--require-hashes" in text
    assert f'ENTRYPOINT ["{program}"]' in final
    other = next(name for name in PACKAGES if name != program)
    assert f"rm -r src/{PACKAGES[other]}" in text


def test_only_what_the_images_need_is_sent_to_the_builder():
    listed = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in listed
    kept = {line[1:] for line in listed if line.startswith("!")}
    for program in PACKAGES:
        text = (ROOT / "docker" / f"{program}.Dockerfile").read_text()
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
            for source in line.split():
                assert any(Path(source).match(one) or source == one for one in kept), source


@pytest.mark.parametrize("program", SETTINGS)
def test_an_image_can_be_built_with_what_traces_need(program: str):
    text = (ROOT / "docker" / f"{program}.Dockerfile").read_text()
    build = text.partition("\nFROM ")[2].partition("\nFROM ")[0]
    assert 'ARG TRACING=""' in build
    assert 'if [ "$TRACING" = 1 ]' in build
    assert "--require-hashes -r requirements/tracing.txt" in build


def test_the_bill_of_materials_names_every_pinned_package():
    done = subprocess.run(
        [sys.executable, ROOT / "docker" / "sbom.py"], capture_output=True, text=True, check=True
    )
    bill = json.loads(done.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    found = {one["name"]: one["version"] for one in bill["components"]}
    pins = re.findall(
        r"^([a-z0-9-]+)==([^ ;\\]+)(?=[ \\]*$)",
        (ROOT / "requirements/runtime.txt").read_text(),
        re.M,
    )
    assert len(pins) > 20
    for name, version in pins:
        assert found[name] == version


@pytest.mark.parametrize("program", SETTINGS)
def test_what_an_image_installs_is_all_of_one_system_and_nothing_of_the_other(
    program: str, tmp_path: Path
):
    """The same steps as in the Dockerfile, without Docker."""
    (other,) = (package for name, package in PACKAGES.items() if name != program)
    source, installed = tmp_path / "source", tmp_path / "installed"
    caches = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", source / "src", ignore=caches)
    shutil.rmtree(source / "src" / other)
    shutil.copytree(ROOT / "requirements", source / "requirements")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    own = ["--no-build-isolation", "--no-compile", "--target", installed, source]
    subprocess.run([*pip, *own], check=True, capture_output=True)
    expected = {
        path.relative_to(source / "src")
        for path in (source / "src").rglob("*")
        if path.is_file() and not any(part.endswith(".egg-info") for part in path.parts)
    }
    found = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert expected <= found
    assert not (installed / other).exists()
    load_it = f"import {PACKAGES[program]}.app, sys; assert '{other}' not in sys.modules"
    subprocess.run(
        [sys.executable, "-P", "-c", load_it],
        check=True,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )
