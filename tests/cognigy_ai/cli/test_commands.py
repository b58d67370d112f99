"""The `cognigy-ai` command line: exit codes, idempotence, secrets that are told once."""

import json
from pathlib import Path
from typing import Any

import pytest

from cognigy_ai.cli.commands import cli as command
from support.command_line import CommandLine
from support.platform import ENVIRONMENT
from support.servers import CommandFailed

ACME, GLOBEX = "a" * 24, "b" * 24
PASSWORD = "correct horse battery staple"
SECRET = "a-secret-that-is-long-enough"
WHOLE = {
    "organisations": [{"id": ACME, "name": "Acme"}],
    "users": [
        {
            "email": "ada@acme.example",
            "organisation": ACME,
            "name": "Ada Lovelace",
            "roles": ["admin"],
            "email_verified": True,
            "password": PASSWORD,
        }
    ],
    "clients": [
        {
            "client_id": "an-app",
            "name": "An app",
            "secret": SECRET,
            "redirect_uris": ["https://app.example/callback?tenant=1"],
            "pkce": "optional",
        }
    ],
}

BASE = "http://localhost:8000"


@pytest.fixture
def cli(database_url: str) -> CommandLine:
    bare = {key: value for key, value in ENVIRONMENT.items() if "LIVE_AGENT" not in key}
    return CommandLine(command, bare | {"DATABASE_URL": database_url})


@pytest.fixture
def acme(cli: CommandLine) -> CommandLine:
    cli.run("organisations", "create", "Acme", "--id", ACME)
    return cli


def apply(cli: CommandLine, tmp_path: Path, content: Any) -> list[str]:
    file = tmp_path / "rows.yaml"
    file.write_text(json.dumps(content))
    return cli.run("apply", str(file)).splitlines()


def refused(cli: CommandLine, *arguments: str, stdin: str = "") -> CommandFailed:
    with pytest.raises(CommandFailed) as failed:
        cli.run(*arguments, stdin=stdin)
    return failed.value


def test_an_organisation_is_made_listed_suspended_and_resumed(acme: CommandLine) -> None:
    assert [one["name"] for one in acme.run_json("organisations", "list")] == ["Acme"]
    assert acme.run("organisations", "suspend", ACME) == "Suspended.\n"
    assert acme.run("organisations", "suspend", ACME) == "It was suspended already.\n"
    assert acme.run_json("organisations", "list")[0]["suspended"] is True
    assert acme.run("organisations", "resume", ACME) == "Resumed.\n"
    assert "Acme" in acme.run("organisations", "list")
    assert len(acme.run_json("organisations", "create", "Globex")["id"]) == 24


def test_a_refusal_is_one_line_and_exit_code_1(acme: CommandLine) -> None:
    failed = refused(acme, "organisations", "create", "Acme", "--id", ACME)
    assert failed.code == 1
    assert failed.said.startswith(f"There is an organisation {ACME} already.")
    assert "Traceback" not in failed.said


def test_wrong_usage_is_exit_code_2(cli: CommandLine) -> None:
    assert refused(cli, "organisations", "destroy").code == 2
    assert refused(cli, "keys", "rotate", "--alg", "none").code == 2


def test_a_wrong_environment_is_exit_code_2_with_every_fault(cli: CommandLine) -> None:
    cli.environment |= {"SECRET_KEY_BASE": "short", "BACKEND_BASE_URL_WITH_PROTOCOL": "nothing"}
    for words in (("organisations", "list"), ("serve",)):
        failed = refused(cli, *words)
        assert failed.code == 2
        assert "SECRET_KEY_BASE" in failed.said
        assert "BACKEND_BASE_URL_WITH_PROTOCOL" in failed.said


def test_a_new_user_gets_a_link_to_set_the_password(acme: CommandLine) -> None:
    whose = ("--organisation", ACME, "--name", "Ada Lovelace", "--role", "admin")
    link = acme.run("users", "create", "ada@acme.example", *whose).strip()
    assert link.startswith(f"{BASE}/password/set/pl_")
    user = acme.run_json("users", "show", "ADA@acme.example")
    assert user["roles"] == ["admin", "base_role"]
    assert user["email_verified"] is False
    again = acme.run("users", "password-link", "ada@acme.example").strip()
    assert again.startswith(f"{BASE}/password/set/pl_")
    assert again != link


def test_a_password_comes_from_standard_input_and_is_judged(acme: CommandLine) -> None:
    create = ("users", "create", "ada@acme.example", "--organisation", ACME, "--name", "Ada")
    weak = refused(acme, *create, "--password-stdin", stdin="password1234\n")
    assert (weak.code, "easy to guess" in weak.said) == (1, True)
    made = acme.run_json(*create, "--password-stdin", "--email-verified", stdin=PASSWORD + "\n")
    assert made["password_link"] is None
    assert acme.run_json("users", "list", "--organisation", ACME)[0]["email_verified"] is True


def test_roles_are_set_and_the_last_administrator_stays(acme: CommandLine, tmp_path: Path) -> None:
    apply(acme, tmp_path, WHOLE)
    failed = refused(acme, "users", "set-roles", "ada@acme.example", "--role", "liveAgentAgent")
    assert "last administrator" in failed.said
    assert "last administrator" in refused(acme, "users", "disable", "ada@acme.example").said
    roles = ("--role", "admin", "--role", "liveAgentAgent")
    assert acme.run("users", "set-roles", "ada@acme.example", *roles) == "The roles are changed.\n"
    assert "already" in acme.run("users", "set-roles", "ada@acme.example", *roles)
    unknown = refused(acme, "users", "set-roles", "ada@acme.example", "--role", "emperor")
    assert "There is no role emperor" in unknown.said


def test_a_user_is_disabled_and_enabled(acme: CommandLine) -> None:
    whose = ("--organisation", ACME, "--name", "Ada")
    acme.run("users", "create", "ada@acme.example", *whose)
    assert acme.run("users", "disable", "ada@acme.example") == "Disabled.\n"
    assert "already" in acme.run("users", "disable", "ada@acme.example")
    assert "disabled" in acme.run("users", "list", "--organisation", ACME)
    assert acme.run("users", "enable", "ada@acme.example") == "Enabled.\n"
    assert "no such user" in refused(acme, "users", "disable", "nobody@acme.example").said


def test_a_secret_is_printed_once_and_never_again(cli: CommandLine) -> None:
    """Lesson 57."""
    uri = ("--redirect-uri", "https://app.example/callback")
    secret = cli.run("clients", "create", "an-app", "--name", "An app", *uri).strip()
    assert secret.startswith("cs_")
    shown = cli.run_json("clients", "show", "an-app")
    assert shown["redirect_uris"] == ["https://app.example/callback"]
    for said in (
        json.dumps(shown),
        cli.run("clients", "show", "an-app"),
        cli.run("clients", "list", "--json"),
        cli.run("clients", "list"),
    ):
        assert secret not in said
        assert "fingerprint" not in said
    rotated = cli.run_json("clients", "rotate", "an-app")["client_secret"]
    assert rotated not in (None, secret)
    typed = cli.run_json("clients", "rotate", "an-app", "--secret-stdin", stdin=SECRET)
    assert typed["client_secret"] is None
    short = refused(cli, "clients", "rotate", "an-app", "--secret-stdin", stdin="short\n")
    assert short.code == 2


def test_a_client_is_disabled_and_enabled(cli: CommandLine) -> None:
    public = ("--auth-method", "none", "--redirect-uri", "http://127.0.0.1:9/x")
    assert cli.run("clients", "create", "an-app", "--name", "An app", *public) == "Done.\n"
    assert cli.run("clients", "disable", "an-app") == "Disabled.\n"
    assert cli.run_json("clients", "show", "an-app")["disabled"] is True
    assert cli.run("clients", "enable", "an-app") == "Enabled.\n"
    assert refused(cli, "clients", "show", "another").code == 1


def test_the_client_of_the_environment_is_shown_and_not_changed_here(cli: CommandLine) -> None:
    cli.environment |= {
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": SECRET,
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": "http://127.0.0.1:3000/omniauth/cognigy/callback",
    }
    shown = cli.run("clients", "show", "cognigy-live-agent")
    assert "omniauth/cognigy/callback" in shown
    assert SECRET not in shown
    failed = refused(cli, "clients", "rotate", "cognigy-live-agent")
    assert "CLIENT_ID_COGNIGY_LIVE_AGENT" in failed.said


def test_keys_are_listed_and_rotated(cli: CommandLine) -> None:
    cli.run("keys", "rotate", "--alg", "ES256")
    cli.run("keys", "rotate", "--alg", "ES256", "--at-once")
    states = [key["state"] for key in cli.run_json("keys", "list")]
    assert states == ["revoked", "signing"]
    assert "ES256" in cli.run("keys", "list")


def test_applying_a_file_twice_changes_nothing(cli: CommandLine, tmp_path: Path) -> None:
    lines = [f"organisation {ACME}", "user ada@acme.example", "client an-app"]
    assert apply(cli, tmp_path, WHOLE) == [f"{line}: created" for line in lines]
    assert apply(cli, tmp_path, WHOLE) == [f"{line}: unchanged" for line in lines]
    shown = cli.run_json("clients", "show", "an-app")
    assert (shown["pkce"], shown["auth_method"]) == ("optional", "client_secret_basic")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("organisations", {"name": "Acme Ltd"}),
        ("users", {"name": "Ada King"}),
        ("users", {"roles": ["admin", "odata"]}),
        ("users", {"password": "another long password"}),
        ("users", {"email_verified": False}),
        ("clients", {"redirect_uris": ["https://app.example/other"]}),
        ("clients", {"secret": "another-secret-that-is-long"}),
    ],
)
def test_one_change_in_the_file_changes_one_row(
    cli: CommandLine, tmp_path: Path, part: str, change: dict[str, Any]
) -> None:
    apply(cli, tmp_path, WHOLE)
    changed = WHOLE | {part: [WHOLE[part][0] | change]}
    said = apply(cli, tmp_path, changed)
    assert [line.rpartition(": ")[2] for line in said].count("changed") == 1
    assert [line.rpartition(": ")[2] for line in apply(cli, tmp_path, changed)] == ["unchanged"] * 3


def test_a_secret_that_the_file_leaves_out_is_made_and_told_once(
    cli: CommandLine, tmp_path: Path
) -> None:
    row = {"client_id": "an-app", "name": "An app", "redirect_uris": ["https://app.example/x"]}
    assert "secret: cs_" in apply(cli, tmp_path, {"clients": [row]})[0]
    assert apply(cli, tmp_path, {"clients": [row]}) == ["client an-app: unchanged"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ({"users": [{"email": "x@acme.example"}]}, 2, "users.0.organisation"),
        ({"organisation": []}, 2, "organisation"),
        ([1, 2], 2, "cannot be applied"),
        (WHOLE | {"organisations": []}, 1, "There is no organisation"),
        (WHOLE | {"clients": [WHOLE["clients"][0] | {"redirect_uris": []}]}, 1, "redirect URI"),
        (WHOLE | {"users": [WHOLE["users"][0] | {"password": "weak"}]}, 1, "not accepted"),
    ],
)
def test_a_file_that_cannot_be_applied_says_where(
    cli: CommandLine, tmp_path: Path, content: Any, code: int, said: str
) -> None:
    with pytest.raises(CommandFailed) as failed:
        apply(cli, tmp_path, content)
    assert failed.value.code == code
    assert said in failed.value.said


def test_what_a_file_leaves_out_of_a_user_stays_as_it_is(cli: CommandLine, tmp_path: Path) -> None:
    apply(cli, tmp_path, WHOLE)
    before = cli.run_json("users", "list", "--organisation", ACME)
    kept = {key: WHOLE["users"][0][key] for key in ("email", "organisation", "name")}
    assert apply(cli, tmp_path, {"users": [kept]}) == ["user ada@acme.example: unchanged"]
    assert cli.run_json("users", "list", "--organisation", ACME) == before


BCRYPT = "$2b$04$abcdefghijklmnopqrstuuIkhmO4Eizi.xp/CC44Bp4XuYMK5xFWK"
ARGON2ID = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "a" * 43


@pytest.mark.parametrize("digest", [BCRYPT, ARGON2ID], ids=["bcrypt", "argon2id"])
def test_a_digest_of_another_system_is_taken_once(
    cli: CommandLine, tmp_path: Path, digest: str
) -> None:
    row = {key: value for key, value in WHOLE["users"][0].items() if key != "password"}
    apply(cli, tmp_path, WHOLE | {"users": [row]})
    imported = {"users": [row | {"password_digest": digest}]}
    assert apply(cli, tmp_path, imported) == ["user ada@acme.example: changed"]
    assert apply(cli, tmp_path, imported) == ["user ada@acme.example: unchanged"]
    # whoever has a password keeps it: a login made it anew, or the person chose another
    cli.run("users", "set-password", "ada@acme.example", stdin=PASSWORD + "\n")
    assert apply(cli, tmp_path, imported) == ["user ada@acme.example: unchanged"]
    new = row | {"email": "grace@acme.example", "password_digest": digest}
    assert apply(cli, tmp_path, {"users": [new]}) == ["user grace@acme.example: created"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"password_digest": "$2b$20$" + "a" * 53}, "not a bcrypt digest"),
        ({"password_digest": "$1$aaaaaaaa$bbbbbbbbbbbbbbbbbbbbbb"}, "not a bcrypt digest"),
        ({"password_digest": BCRYPT, "password": PASSWORD}, "not both"),
    ],
)
def test_a_digest_that_is_none_is_refused_and_not_repeated(
    cli: CommandLine, tmp_path: Path, row: dict[str, str], said: str
) -> None:
    without = {key: value for key, value in WHOLE["users"][0].items() if key != "password"}
    with pytest.raises(CommandFailed) as failed:
        apply(cli, tmp_path, {"users": [without | row]})
    assert failed.value.code == 2
    assert said in failed.value.said
    assert row["password_digest"] not in failed.value.said


def test_a_public_client_cannot_have_a_secret(cli: CommandLine, tmp_path: Path) -> None:
    public = {**WHOLE["clients"][0], "auth_method": "none", "pkce": "required"}
    public["secret"] = "a-secret-that-is-long-enough"
    with pytest.raises(CommandFailed) as failed:
        apply(cli, tmp_path, {"clients": [public]})
    assert "has no secret" in failed.value.said


def test_a_file_that_is_no_yaml_is_refused(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "rows.yaml"
    file.write_text("organisations: [")
    assert refused(cli, "apply", str(file)).code == 2
    assert refused(cli, "apply", str(tmp_path / "missing.yaml")).code == 2


def test_every_setting_is_printed_with_its_meaning(cli: CommandLine) -> None:
    rows = cli.run_json("settings")
    names = {row["key"] for row in rows}
    assert {"SECRET_KEY_BASE", "DATABASE_URL", "CLIENT_SECRET_COGNIGY_LIVE_AGENT"} <= names
    assert all(row["meaning"] for row in rows)
    assert cli.environment["SECRET_KEY_BASE"] not in json.dumps(rows)
    assert "SECRET_KEY_BASE" in cli.run("settings")
