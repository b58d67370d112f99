"""A start with a wrong environment: every fault at once, with its key and what to write instead."""

import ipaddress
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme

from kernel.setting_types import RootAddress
from kernel.settings import (
    REQUIRED,
    Address,
    BaseAddress,
    Check,
    CommonSettings,
    Secret,
    SettingsError,
    Text,
    Words,
    http_only_on_loopback,
    is_loopback,
    load,
    setting,
)


class Settings(CommonSettings):
    DEFAULT_DATABASE: ClassVar[str] = "example"

    base_url: BaseAddress = setting(
        "BASE_URL", REQUIRED, "Where people come to.", fix="Write an address, such as https://x.y"
    )
    root: RootAddress | None = setting("ROOT", None, "Where pages stand.")
    target: Address | None = setting("TARGET", None, "Where they go.")
    client_secret: Secret | None = setting("CLIENT_SECRET", None, "The client's secret.")
    name: Text = setting("NAME", "nobody", "A name.")
    scopes: Words = setting("SCOPES", (), "Scopes.")
    lifetime: int = setting("LIFETIME", 60, "How long it lives.")

    CHECKS: ClassVar[list[tuple[tuple[str, ...], Check]]] = [
        http_only_on_loopback("BASE_URL", "base_url"),
        http_only_on_loopback("TARGET", "target"),
    ]


SECRET = "0123456789abcdef" * 4
GOOD = {"BASE_URL": "https://example.com", "SECRET_KEY_BASE": SECRET}


def faults_of(environment: dict[str, str]) -> dict[str, tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        load(Settings, environment)
    found = {fault.key: (fault.fault, fault.fix) for fault in caught.value.faults}
    assert len(found) == len(caught.value.faults), "one fault a key"
    return found


def fault_of(**changes: str) -> tuple[str, str, str]:
    """The only fault of the good environment with these changes: key, fault, fix."""
    ((key, (fault, fix)),) = faults_of(GOOD | changes).items()
    assert fix
    return key, fault, fix


# --- what is right --------------------------------------------------------------------------------


def test_the_least_environment_starts() -> None:
    settings = load(Settings, GOOD)
    assert settings.base_url == "https://example.com"
    assert settings.auth_token_lifespan == 1_209_600
    assert settings.secrets() == (SECRET, ())
    assert settings.database_address() == "sqlite:///example.db"


def test_without_an_argument_the_environment_of_the_process_is_read(monkeypatch) -> None:
    for key, value in GOOD.items():
        monkeypatch.setenv(key, value)
    assert load(Settings).base_url == "https://example.com"


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_value_counts_as_absent(blank: str) -> None:
    assert load(Settings, GOOD | {"NAME": blank, "TARGET": blank}).name == "nobody"
    assert fault_of(SECRET_KEY_BASE=blank)[:2] == ("SECRET_KEY_BASE", "is missing")


def test_the_line_feed_of_a_mounted_secret_is_not_part_of_it() -> None:
    settings = load(Settings, GOOD | {"CLIENT_SECRET": "a-secret-of-24-characters\n"})
    assert settings.client_secret is not None
    assert settings.client_secret.get_secret_value() == "a-secret-of-24-characters"


@pytest.mark.parametrize(
    "key",
    ["FORCE_SSL", "RAILS_ENV", "ENABLE_ACCOUNT_SIGNUP", "REDIS_PORT", "SIDEKIQ_ALIVE_PORT"],
)
@pytest.mark.parametrize("value", ["false", "maybe", "<placeholder>"])
def test_keys_of_the_old_charts_without_a_meaning_here_do_no_harm(key: str, value: str) -> None:
    load(Settings, GOOD | {key: value})


def test_lists_are_separated_by_commas_or_blanks() -> None:
    changes = {"TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1\n2001:db8::/32,", "SCOPES": "openid  a,b"}
    settings = load(Settings, GOOD | changes)
    assert settings.trusted_proxies == tuple(
        map(ipaddress.ip_network, ("10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"))
    )
    assert settings.scopes == ("openid", "a", "b")


def test_earlier_secrets_stay_readable_in_their_order() -> None:
    one, two = "one-" + SECRET, "two-" + SECRET
    settings = load(Settings, GOOD | {"SECRET_KEY_BASE_PREVIOUS": f"{one}, {two},"})
    assert settings.secrets() == (SECRET, (one, two))


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "on", "yes"])
def test_a_boolean_may_be_written_as_people_do(value: str) -> None:
    assert load(Settings, GOOD | {"DEVELOPMENT_MODE": value}).development_mode


@pytest.mark.parametrize(("given", "read"), [("INFO", "info"), ("Debug", "debug")])
def test_a_choice_is_read_however_its_capitals_are(given: str, read: str) -> None:
    assert load(Settings, GOOD | {"LOG_LEVEL": given}).log_level == read


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("ai.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected


# --- everything at once, and no secret ------------------------------------------------------------


def test_all_faults_are_told_at_once_with_key_fault_and_fix() -> None:
    environment = {
        "BASE_URL": "https://<installation.domain.com>",
        "TARGET": "http://example.com",
        "CLIENT_SECRET": "secret",
        "DEVELOPMENT_MODE": "maybe",
        "SMTP_PORT": "many",
        "LOG_LEVEL": "loud",
        "LIFETIME": "-1",
        "TLS_KEY_FILE": "/nowhere/key.pem",
        "TRUSTED_PROXIES": "10.0.0.0/8 proxy",
    }
    found = faults_of(environment)
    # TARGET is judged together with DEVELOPMENT_MODE, which is not known yet.
    assert found.keys() == (environment.keys() - {"TARGET"}) | {"SECRET_KEY_BASE"}
    assert found["BASE_URL"] == ("is still a placeholder", "Write an address, such as https://x.y")
    assert found["SECRET_KEY_BASE"] == ("is missing", "Make one with: openssl rand -hex 64")
    assert found["DEVELOPMENT_MODE"] == ("is neither true nor false", "Write `true` or `false`")
    assert found["SMTP_PORT"] == ("is not a whole number", "Write a whole number")


def test_the_error_reads_as_one_line_for_each_fault() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Settings, {"BASE_URL": "ftp://example.com"})
    assert sorted(str(caught.value).splitlines()) == [
        "BASE_URL: is not an address that begins with https://. "
        "Write an address, such as https://x.y",
        "SECRET_KEY_BASE: is missing. Make one with: openssl rand -hex 64",
    ]


def test_a_fault_in_one_key_does_not_hide_the_checks_over_others() -> None:
    found = faults_of(GOOD | {"NAME": "<name>", "BASE_URL": "http://example.com"})
    assert found.keys() == {"NAME", "BASE_URL"}


SECRETS = {
    "DATABASE_URL": "postgresql://user:pg-password-1@host/name",
    "POSTGRES_PASSWORD": "pg-password-2",
    "SECRET_KEY_BASE": "the-current-key-" * 4,
    "SECRET_KEY_BASE_PREVIOUS": "an-earlier-key-1" * 4,
    "SMTP_PASSWORD": "smtp-password-3",
    "CLIENT_SECRET": "client-secret-of-24-characters",
}
PARTS = ("pg-password", "the-current-key", "an-earlier-key", "smtp-password", "client-secret-of")


def test_no_secret_is_in_the_repr_of_the_settings() -> None:
    settings = load(Settings, GOOD | SECRETS)
    shown = f"{settings!r} {settings} {settings.model_dump()}"
    assert not [part for part in PARTS if part in shown]


def test_no_secret_is_in_the_text_of_an_error() -> None:
    wrong = {key: value[:15] for key, value in SECRETS.items()} | {
        "DATABASE_URL": "mysql://user:pg-password-1@host/name",
        "POSTGRES_PASSWORD": "<pg-password-2>",
        "SMTP_PASSWORD": "<smtp-password-3>",
    }
    with pytest.raises(SettingsError) as caught:
        load(Settings, GOOD | wrong)
    assert {fault.key for fault in caught.value.faults} == wrong.keys()
    shown = f"{caught.value} {caught.value!r} {caught.value.faults} {caught.value.__context__}"
    assert not [part for part in PARTS if part in shown]


# --- secrets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["SECRET_KEY_BASE", "SECRET_KEY_BASE_PREVIOUS"])
@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("0123456789abcdef", "is shorter than 64 characters"),
        ("ab" * 40, "is made of too few different characters"),
        ("<" + SECRET + ">", "is still a placeholder"),
        ("your_secret_key_" * 5, "is a published default that anybody can look up"),
        ("replace_with_lengthy_secure_hex", "is shorter than 64 characters"),
    ],
)
def test_a_weak_key_is_refused_also_an_earlier_one(key: str, value: str, fault: str) -> None:
    assert fault_of(**{key: value})[:2] == (key, fault)


@pytest.mark.parametrize(
    "value",
    [
        "replace_with_lengthy_secure_hex",
        "REPLACE_WITH_LENGTHY_SECURE_HEX",
        "your-client-secret-of-live-agent",
    ],
)
def test_a_published_default_is_refused_as_a_secret(value: str) -> None:
    fault = "is a published default that anybody can look up"
    assert fault_of(CLIENT_SECRET=value)[:2] == ("CLIENT_SECRET", fault)


def test_of_several_weak_keys_the_first_fault_is_told() -> None:
    found = fault_of(SECRET_KEY_BASE_PREVIOUS=f"{'ab' * 40}, short, {SECRET}")
    assert found[1] == "is made of too few different characters"


@pytest.mark.parametrize(
    "value",
    [
        "<client secret of at least 24 characters>",
        "change-me-change-me-change-me",
        "CHANGEME_CHANGEME_CHANGEME_1",
        "${CLIENT_SECRET_FROM_THE_VAULT}",
        "$(CLIENT_SECRET_FROM_THE_VAULT)",
        "{{ .Values.oauth.clientSecret }}",
        "************************",
        "xxxxxxxxxxxxxxxxxxxxxxxx",
    ],
)
def test_a_placeholder_is_refused_as_a_secret(value: str) -> None:
    assert fault_of(CLIENT_SECRET=value)[:2] == ("CLIENT_SECRET", "is still a placeholder")


@pytest.mark.parametrize("value", ["a<b>c$(d", "p{{q", "<>x", "exchange men"])
def test_any_character_may_stand_in_somebody_elses_password(value: str) -> None:
    settings = load(Settings, GOOD | {"SMTP_PASSWORD": value})
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == value


@pytest.mark.parametrize("key", ["POSTGRES_PASSWORD", "SMTP_PASSWORD"])
def test_a_password_that_is_a_placeholder_is_refused(key: str) -> None:
    assert fault_of(**{key: "<password>"})[:2] == (key, "is still a placeholder")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("POSTGRES_PASSWORD", "postgres"),
        ("POSTGRES_PASSWORD", "Password"),
        ("DATABASE_URL", "postgresql://live:postgres@db/live"),
        ("DATABASE_URL", "postgresql://live:%70ostgres@db/live"),
        ("REDIS_URL", "redis://:changeit@valkey:6379"),
    ],
)
def test_a_published_database_password_is_refused_outside_development(key: str, value: str) -> None:
    assert fault_of(**{key: value})[:2] == (key, "has a password that is a published default")
    load(Settings, GOOD | {key: value, "DEVELOPMENT_MODE": "true"})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("valkey:6379", "begins neither with redis:// nor with rediss://"),
        ("http://valkey", "begins neither with redis:// nor with rediss://"),
        ("redis://", "begins neither with redis:// nor with rediss://"),
        ("redis://valkey:port", "has a host or a port that is none"),
        ("redis://:<password>@valkey", "is still a placeholder"),
        ("rediss://valkey?ssl_cert_reqs=none", "has options behind the address"),
        ("redis://valkey/cache", "has a path that is no number of a database"),
    ],
)
def test_an_address_of_valkey_that_cannot_be_used_is_refused(value: str, fault: str) -> None:
    key, said, fix = fault_of(REDIS_URL=value)
    assert key == "REDIS_URL"
    assert fault in said
    assert "redis://" in fix


@pytest.mark.parametrize(
    "value", ["redis://valkey", "rediss://user:pa%24s@valkey:6380/3", "redis://[::1]:6379/"]
)
def test_an_address_of_valkey_hides_its_password(value: str) -> None:
    settings = load(Settings, GOOD | {"REDIS_URL": value})
    assert settings.redis_address() == value
    assert "pa%24s" not in repr(settings)
    assert load(Settings, GOOD).redis_address() == ""


def test_sentinels_are_refused_with_what_to_do_instead() -> None:
    key, said, fix = fault_of(REDIS_SENTINELS="sentinel-1:26379")
    assert (key, said) == ("REDIS_SENTINELS", "is set, but sentinels are not asked")
    assert "REDIS_URL" in fix


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("https://<installation.domain.com>", "is still a placeholder"),
        ("example.com", "is not an address that begins with https://"),
        ("javascript:alert(1)", "is not an address that begins with https://"),
        ("https://", "is not an address that begins with https://"),
        ("https:///path", "is not an address that begins with https://"),
        ("https://user@example.com", "holds credentials or a fragment"),
        ("https://@example.com", "holds credentials or a fragment"),
        ("https://example.com#", "holds credentials or a fragment"),
        ("https://example.com/a b", "holds a space or a character"),
        ("https://example.com/\t", "holds a space or a character"),
        ("https://evil.example\\@example.com", "holds a space or a character"),
        ("https://bücher.example", "holds a space or a character"),
        ("https://example.com:abc", "has a host or a port that is none"),
        ("https://example.com:70000", "has a host or a port that is none"),
        ("https://example.com:0", "has a host or a port that is none"),
        ("https://[::1", "has a host or a port that is none"),
        ("https://*.example.com", "does not name a host"),
        ("https://-.example;script-src", "does not name a host"),
    ],
)
def test_what_is_no_web_address_is_refused(value: str, fault: str) -> None:
    for key in ("BASE_URL", "TARGET"):
        found, said, _ = fault_of(**{key: value})
        assert found == key
        assert said.startswith(fault)


@pytest.mark.parametrize("value", ["https://example.com?a=1", "https://example.com/?"])
def test_a_base_address_has_no_query_but_another_may(value: str) -> None:
    assert fault_of(BASE_URL=value)[1] == "has a query, but paths are appended to it"
    assert load(Settings, GOOD | {"TARGET": value}).target == value


def test_the_slash_at_the_end_of_a_base_address_is_dropped_and_nothing_else() -> None:
    settings = load(Settings, GOOD | {"BASE_URL": "https://example.com:8443/a/"})
    assert settings.base_url == "https://example.com:8443/a"
    assert load(Settings, GOOD | {"TARGET": "https://[2001:db8::1]/"}).target is not None


@pytest.mark.parametrize("mode", ["true", "false"])
@pytest.mark.parametrize(
    "host", ["localhost:3000", "127.0.0.1", "[::1]:3000", "example.com", "10.0.0.1"]
)
def test_http_is_for_loopback_in_development_mode_only(mode: str, host: str) -> None:
    environment = GOOD | {"BASE_URL": f"http://{host}", "DEVELOPMENT_MODE": mode}
    if mode == "true" and host not in ("example.com", "10.0.0.1"):
        load(Settings, environment)
    else:
        assert faults_of(environment)["BASE_URL"][0] == "is an http address"


@pytest.mark.parametrize("value", ["https://example.com/live-agent", "https://example.com//a/"])
def test_pages_stand_at_the_root_of_their_host(value: str) -> None:
    fault = "has a path, but everything stands at the root of the host"
    assert fault_of(ROOT=value)[:2] == ("ROOT", fault)
    assert load(Settings, GOOD | {"ROOT": "https://example.com/"}).root == "https://example.com"


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_development_mode_is_not_reached_from_the_network(address: str) -> None:
    changes = {"LISTEN_ADDRESS": address, "DEVELOPMENT_MODE": "true"}
    assert fault_of(**changes)[0] == "LISTEN_ADDRESS"
    load(Settings, GOOD | changes | {"DEVELOPMENT_MODE": "false"})
    load(Settings, GOOD | changes | {"LISTEN_ADDRESS": "127.0.0.1"})


# --- numbers, choices, lists ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("POSTGRES_PORT", "0"),
        ("SMTP_PORT", "70000"),
        ("POSTGRES_POOL", "0"),
        ("POSTGRES_POOL", "100000"),
        ("PASSWORD_REFUSAL_MILLISECONDS", "299"),
        ("PASSWORD_REFUSAL_MILLISECONDS", "5001"),
        ("AUTH_TOKEN_LIFESPAN", "0"),
        ("AUTH_TOKEN_LIFESPAN", "299"),
        ("AUTH_TOKEN_LIFESPAN", "99999999999"),
        ("LIFETIME", "-1"),
        ("LIFETIME", "2147483648"),
    ],
)
def test_an_absurd_number_is_refused(key: str, value: str) -> None:
    found, fault, _ = fault_of(**{key: value})
    assert found == key
    assert fault.startswith("is not between ")


@pytest.mark.parametrize("value", ["two", "1.5", "", "9" * 5000, "0x10"])
def test_what_is_no_number_is_refused(value: str) -> None:
    environment = GOOD | {"SMTP_PORT": value or "-"}
    assert faults_of(environment)["SMTP_PORT"][0] == "is not a whole number"


@pytest.mark.parametrize("key", ["DEVELOPMENT_MODE", "SMTP_ENABLE_STARTTLS_AUTO"])
@pytest.mark.parametrize("value", ["maybe", "ture", "2", "'true'"])
def test_a_misspelt_boolean_is_refused(key: str, value: str) -> None:
    assert fault_of(**{key: value}) == (key, "is neither true nor false", "Write `true` or `false`")


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("LOG_LEVEL", "verbose", "is none of debug, info, "),
        ("POSTGRES_SSL_MODE", "on", "is none of disable, allow, prefer, "),
        ("SMTP_AUTHENTICATION", "ntlm", "is none of plain, login, cram_md5"),
        ("SMTP_OPENSSL_VERIFY_MODE", "off", "is none of peer, none"),
    ],
)
def test_an_unknown_choice_is_refused_with_the_known_ones(key: str, value: str, fault: str) -> None:
    found, said, _ = fault_of(**{key: value})
    assert found == key
    assert said.startswith(fault)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("10.0.0.0/8 proxy", "has a word that is no network: 'proxy' does not appear"),
        ("10.0.0.1/8", "has a word that is no network: 10.0.0.1/8 has host bits set"),
        ("0.0.0.0/0", "names the whole Internet"),
        ("10.0.0.0/8, ::/0", "names the whole Internet"),
    ],
)
def test_proxies_that_cannot_be_meant_are_refused(value: str, fault: str) -> None:
    found, said, fix = fault_of(TRUSTED_PROXIES=value)
    assert found == "TRUSTED_PROXIES"
    assert said.startswith(fault)
    assert fix.startswith("Write networks")


# --- database -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["mysql://host/name", "postgresql+asyncpg://h/n", "sqlite:///", "host", "sqlite:x.db"]
)
def test_a_database_of_an_unknown_kind_is_refused(value: str) -> None:
    found, fault, fix = fault_of(DATABASE_URL=value)
    assert (found, fault) == (
        "DATABASE_URL",
        "begins neither with postgresql:// nor with sqlite:///",
    )
    assert "postgresql://user:password@host/name" in fix


@pytest.mark.parametrize(
    "value", ["postgresql://u:p@h/n?sslmode=require", "postgres://h/n", "sqlite:////var/x.db"]
)
def test_a_database_address_is_handed_on_as_it_is(value: str) -> None:
    assert load(Settings, GOOD | {"DATABASE_URL": value}).database_address() == value


def test_a_database_address_that_nobody_can_read_is_left_to_the_driver() -> None:
    load(Settings, GOOD | {"DATABASE_URL": "postgresql://[::1/name"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"POSTGRES_HOST": "db"}, "postgresql://postgres@db:5432/example?sslmode=prefer"),
        (
            {"POSTGRES_HOST": "db", "POSTGRES_PASSWORD": "p/@:w", "POSTGRES_USERNAME": "a@b"},
            "postgresql://a%40b:p%2F%40%3Aw@db:5432/example?sslmode=prefer",
        ),
        (
            {"POSTGRES_HOST": "::1", "POSTGRES_PORT": "6000", "POSTGRES_DB": "live agent"},
            "postgresql://postgres@[::1]:6000/live%20agent?sslmode=prefer",
        ),
        (
            {"POSTGRES_HOST": "db", "POSTGRES_SSL_MODE": "verify-full"},
            "postgresql://postgres@db:5432/example?sslmode=verify-full",
        ),
    ],
)
def test_the_postgres_keys_make_one_address(changes: dict[str, str], expected: str) -> None:
    assert load(Settings, GOOD | changes).database_address() == expected


@pytest.fixture
def authority(tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    return str(file)


@pytest.mark.parametrize(("mode", "used"), [("verify-ca", True), ("require", False)])
def test_a_verified_database_is_checked_against_our_authority(
    authority: str, mode: str, *, used: bool
) -> None:
    changes = {"POSTGRES_HOST": "db", "POSTGRES_SSL_MODE": mode, "SSL_CA_FILE": authority}
    assert ("sslrootcert=" in load(Settings, GOOD | changes).database_address()) is used


# --- files and TLS --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["TLS_CERT_FILE", "TLS_KEY_FILE", "SSL_CA_FILE"])
def test_a_file_that_cannot_be_read_is_named_at_the_start(key: str, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path):
        found = faults_of(GOOD | {key: str(path)})
        assert found.keys() == {key}
        assert str(path) in found[key][0]
        assert "cannot be read" in found[key][0]


@pytest.mark.parametrize("key", ["TLS_CERT_FILE", "TLS_KEY_FILE"])
def test_a_certificate_needs_its_key(key: str, authority: str) -> None:
    assert fault_of(**{key: authority}) == (
        "TLS_CERT_FILE",
        "only one of TLS_CERT_FILE and TLS_KEY_FILE is set",
        "Set both",
    )
    load(Settings, GOOD | {"TLS_CERT_FILE": authority, "TLS_KEY_FILE": authority})


def test_a_file_without_a_certificate_is_no_authority(authority: str, tmp_path: Path) -> None:
    load(Settings, GOOD | {"SSL_CA_FILE": authority})
    file = tmp_path / "empty.pem"
    file.write_text("nothing")
    found, fault, _ = fault_of(SSL_CA_FILE=str(file))
    assert (found, fault) == ("SSL_CA_FILE", f"names {file}, which holds no certificate authority")


def test_tls_cannot_be_left_unverified() -> None:
    """Lesson 61: there is no silent "insecure"."""
    load(Settings, GOOD | {"REST_CLIENT_SSL_VERIFICATION": "true"})
    found, fault, fix = fault_of(REST_CLIENT_SSL_VERIFICATION="false")
    assert (found, fault) == (
        "REST_CLIENT_SSL_VERIFICATION",
        "is off, but TLS is always verified",
    )
    assert "SSL_CA_FILE" in fix
    environment = GOOD | {"REST_CLIENT_SSL_VERIFICATION": "false", "DEVELOPMENT_MODE": "true"}
    assert faults_of(environment).keys() == {"REST_CLIENT_SSL_VERIFICATION"}


# --- mail -----------------------------------------------------------------------------------------


def test_mail_of_everybody_is_shown_in_development_only(tmp_path: Path) -> None:
    assert fault_of(DEMO_MAIL_FOLDER=str(tmp_path))[0] == "DEMO_MAIL_FOLDER"
    load(Settings, GOOD | {"DEMO_MAIL_FOLDER": str(tmp_path), "DEVELOPMENT_MODE": "true"})


def test_without_a_server_mail_is_kept(tmp_path: Path) -> None:
    assert not load(Settings, GOOD).sends_mail
    assert load(Settings, GOOD | {"SMTP_ADDRESS": "mail.example.com"}).sends_mail
    demo = {"DEMO_MAIL_FOLDER": str(tmp_path), "DEVELOPMENT_MODE": "true"}
    assert load(Settings, GOOD | demo).sends_mail


def test_mail_goes_to_a_verified_server_only() -> None:
    unverified = {"SMTP_OPENSSL_VERIFY_MODE": "none"}
    load(Settings, GOOD | unverified)  # the old chart's default, without a server to send to
    used = unverified | {"SMTP_ADDRESS": "mail.example.com"}
    assert fault_of(**used)[0] == "SMTP_OPENSSL_VERIFY_MODE"
    load(Settings, GOOD | used | {"DEVELOPMENT_MODE": "true"})
    load(Settings, GOOD | used | {"SMTP_OPENSSL_VERIFY_MODE": "peer"})


def test_a_name_at_the_mail_server_needs_a_password() -> None:
    changes = {"SMTP_ADDRESS": "mail.example.com", "SMTP_USERNAME": "live-agent"}
    assert fault_of(**changes)[:2] == (
        "SMTP_PASSWORD",
        "is missing although SMTP_USERNAME is set",
    )
    load(Settings, GOOD | changes | {"SMTP_PASSWORD": "something"})
    load(Settings, GOOD | {"SMTP_USERNAME": "live-agent"})


@pytest.mark.parametrize("value", ["help@example.com", "Live Agent <a@b.example>", '"A, B" <a@b>'])
def test_a_sender_has_one_address(value: str) -> None:
    assert load(Settings, GOOD | {"MAILER_SENDER_EMAIL": value}).mailer_sender_email == value


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("Live Agent", "is not a sender"),
        ("a@b\r\nBcc: eve@evil.example", "is not a sender"),
        ("Support <support@domain.com>", "is still the chart's example"),
        ("change-me <a@b.example>", "is still a placeholder"),
    ],
)
def test_a_sender_that_nobody_can_answer_is_refused(value: str, fault: str) -> None:
    found, said, _ = fault_of(MAILER_SENDER_EMAIL=value)
    assert found == "MAILER_SENDER_EMAIL"
    assert said.startswith(fault)


def test_a_setting_without_words_for_its_fix_tells_its_meaning() -> None:
    assert fault_of(TARGET="nowhere")[2] == "Where they go."


def test_a_key_that_a_system_declares_anew_keeps_its_bounds() -> None:
    class Own(Settings):
        port: int = setting("PORT", 3000, "Own port.")

    environment: dict[str, Any] = GOOD | {"PORT": "99999"}
    with pytest.raises(SettingsError, match="PORT: is not between 1 and 65535"):
        load(Own, environment)
    assert load(Own, GOOD).port == 3000
