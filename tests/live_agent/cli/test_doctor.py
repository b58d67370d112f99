"""`live-agent doctor` at a terminal, before somebody else's OpenID provider (ideas 2 and 3).

Exit code 0: nothing is wrong; 1: something is; 2: not everything was reached.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import Response

from support.clock import FrozenClock
from support.oauth_desk import environment_of
from support.provider import CLIENT_SECRET, Provider, running_provider
from support.terminal import Operator

OTHER_SECRET = "another-secret-of-the-tests-0123"
FOREIGN = "not asked    pairs: Not asked: the provider does not answer this question"


@pytest.fixture(scope="module")
def _running_provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(_running_provider: Provider) -> Provider:
    """A provider that is not Cognigy.AI, with a clock that is right."""
    _running_provider.start_over(FrozenClock(time.time()))
    return _running_provider


@pytest.fixture
def environment(provider: Provider, database_url: str) -> dict[str, str]:
    return environment_of(provider, DATABASE_URL=database_url)


def lines_of(environment: dict[str, str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in environment.items())


def test_before_a_foreign_provider_only_what_every_provider_answers_is_asked(
    environment: dict[str, str],
):
    done = Operator(environment).types("doctor")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0, done.output
    assert [line for line in lines if line.startswith(FOREIGN)]
    asked = {line[13:].partition(":")[0] for line in lines if line.startswith("ok ")}
    assert asked >= {"database", "reach", "discovery", "issuer", "keys", "clock", "client"}
    told = {line[:12].strip() for line in lines[:-1]}
    assert told == {"ok", "not asked"}  # nothing to change, so nothing more than a line each
    assert lines[-1] == f"{len(lines) - 1} checks: 0 wrong, 0 not reached."


def test_a_refused_secret_is_told_with_its_places_and_the_fix_and_never_shown(
    environment: dict[str, str],
):
    changed = environment | {"COGNIGY_OAUTH_CLIENT_SECRET": OTHER_SECRET}
    done = Operator(changed).types("doctor")
    assert done.exit_code == 1
    first, *others = done.stdout.splitlines()
    assert first == (
        "wrong        client: The token endpoint refuses client id and secret; "
        "it does not say which of the two."
    )
    assert others[:4] == [
        "  Live Agent  live-agent",
        "  change      COGNIGY_OAUTH_CLIENT_ID (Live Agent) "
        "(Helm: configmap.COGNIGY_OAUTH_CLIENT_ID)",
        "  change      COGNIGY_OAUTH_CLIENT_SECRET (Live Agent) "
        "(Helm: cognigyOAuth.existingSecret)",
        "  fix         Write the same id and the same secret on both sides.",
    ]
    assert others[-1].endswith(" checks: 1 wrong, 0 not reached.")
    assert "(Cognigy.AI)" not in done.stdout  # whose keys this provider does not have
    for secret in (OTHER_SECRET, CLIENT_SECRET):
        assert secret not in done.output


def test_the_first_character_that_differs_is_marked_below_it(
    provider: Provider, environment: dict[str, str]
):
    done = Operator(environment | {"COGNIGY_OAUTH_ISSUER": provider.url + "/"}).types("doctor")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "is the first that differs" in line)
    ours, theirs, mark = lines[at - 2 : at + 1]
    assert (ours.split()[-1], theirs.split()[-1]) == (provider.url + "/", provider.url)
    assert ours[mark.index("^")] == "/"
    assert mark.index("^") == len(ours) - 1
    assert f"character {len(provider.url) + 1} is" in mark


def test_who_is_not_available_is_not_reached_and_not_called_wrong(
    provider: Provider, environment: dict[str, str]
):
    provider.answers["/token"] = lambda: Response(status_code=503)
    done = Operator(environment).types("doctor")
    assert done.exit_code == 2, done.output
    assert "not reached  reach:" in done.stdout
    assert "0 wrong" in done.stdout.splitlines()[-1]
    report = Operator(environment).types("doctor", "--json")
    assert (report.exit_code, '"exit_code": 2' in report.stdout) == (2, True)


def test_a_file_is_judged_instead_of_the_present_environment(
    environment: dict[str, str], tmp_path: Path
):
    """Before it is rolled out: what runs now has no part in it."""
    file = tmp_path / "new.env"
    secret = environment.pop("COGNIGY_OAUTH_CLIENT_SECRET")
    file.write_text(
        f"# the next roll-out\n\nexport COGNIGY_OAUTH_CLIENT_SECRET='{secret}'\n"
        + lines_of(environment)
    )
    now = Operator(environment | {"COGNIGY_OAUTH_CLIENT_SECRET": OTHER_SECRET})
    assert now.types("doctor").exit_code == 1
    done = now.types("doctor", "--env", str(file))
    assert done.exit_code == 0, done.output
    file.write_text(lines_of(environment | {"COGNIGY_OAUTH_CLIENT_SECRET": OTHER_SECRET}))
    right = Operator(environment | {"COGNIGY_OAUTH_CLIENT_SECRET": secret})
    assert right.types("doctor", "--env", str(file)).exit_code == 1


def test_what_the_program_would_not_start_with_is_told_key_by_key(
    environment: dict[str, str], tmp_path: Path
):
    file = tmp_path / "new.env"
    wrong = {"COGNIGY_OAUTH_SITE": "https://<installation.domain.com>", "SECRET_KEY_BASE": "short"}
    file.write_text(lines_of(environment | wrong))
    done = Operator(environment).types("doctor", "--env", str(file))
    assert done.exit_code == 1
    for key, helm in (
        ("COGNIGY_OAUTH_SITE", "configmap.COGNIGY_OAUTH_SITE"),
        ("SECRET_KEY_BASE", "cookiesIntegrity.existingSecret"),
    ):
        assert f"wrong        setting:{key}: {key} " in done.stdout
        assert f"change      {key} (Live Agent) (Helm: {helm})" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 checks: 2 wrong, 0 not reached."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"FRONTEND_URL=http://localhost\ns3cr3t without a sign\n", "Line 2 of"),
        (b"not an identifier=s3cr3t\n", "Line 1 of"),
        (b"SECRET_KEY_BASE=s3cr3t\xff\n", "cannot be read: UnicodeDecodeError"),
        (None, "cannot be read: FileNotFoundError"),
    ],
    ids=["no sign", "no name", "no text", "no file"],
)
def test_a_file_that_is_no_environment_is_refused_without_repeating_it(
    tmp_path: Path, content: bytes | None, told: str
):
    file = tmp_path / "new.env"
    if content is not None:
        file.write_bytes(content)
    done = Operator({}).types("doctor", "--env", str(file))
    assert done.exit_code == 1
    assert told in " ".join(done.stderr.split())
    assert "s3cr3t" not in done.output
