"""Who logged in, from the claims of many providers."""

from dataclasses import replace
from enum import Enum
from typing import Any

import pytest

from live_agent.cognigy_api.rules.claims import ClaimNames, Person, read
from live_agent.cognigy_api.rules.refusal import Refusal
from live_agent.problems import Fault
from live_agent.settings import DEFAULT_ROLE_MAP

ISSUER = "https://api.example.com"
NAMES = ClaimNames(
    organisation="organisation",
    roles="roles",
    role_map=dict(pair.split("=") for pair in DEFAULT_ROLE_MAP.split(",")),
)
ORGANISATION = "65f0c0ffee0123456789abcd"
GOOD: dict[str, Any] = {
    "sub": "65f0aaaaaaaaaaaaaaaaaaaa",
    "email": "ada@acme.example",
    "email_verified": True,
    "name": "Ada Lovelace",
    "locale": "en",
    "organisation": ORGANISATION,
    "roles": ["liveAgentAgent"],
    "sid": "s-1",
    "access_revision": 7,
}
ABSENT = Enum("Absent", "MEMBER").MEMBER  # an object with the same name in every process


def person(names: ClaimNames = NAMES, **changes: object) -> Person:
    claims = {k: v for k, v in (GOOD | changes).items() if v is not ABSENT}
    found = read(claims, names, ISSUER)
    assert isinstance(found, Person)
    return found


def test_all_claims_of_the_platform_are_taken():
    assert person() == Person(
        subject="65f0aaaaaaaaaaaaaaaaaaaa",
        organisation=ORGANISATION,
        email="ada@acme.example",
        email_verified=True,
        name="Ada Lovelace",
        locale="en",
        roles=("agent",),
        sid="s-1",
        access_revision=7,
    )


@pytest.mark.parametrize(
    "sub", [ABSENT, None, "", True, 1.5, [], {}, "x" * 256, "a\0b", "\ud800"], ids=repr
)
def test_without_a_subject_nobody_logs_in(sub: object):
    claims = {k: v for k, v in (GOOD | {"sub": sub}).items() if v is not ABSENT}
    found = read(claims, NAMES, ISSUER)
    assert isinstance(found, Refusal)
    assert found.fault is Fault.SUBJECT_MISSING


def test_the_subject_is_kept_byte_by_byte():
    assert person(sub=" Ada ").subject == " Ada "
    assert person(sub="ADA").subject != person(sub="ada").subject


def test_a_numeric_subject_is_the_same_as_its_digits():
    """Lesson 9: `sub` 1 and "1" are one identity."""
    assert person(sub=1).subject == person(sub="1").subject == "1"
    assert person(sub=10**40).subject == str(10**40)


@pytest.mark.parametrize(
    "value", [ABSENT, None, "true", "false", "True", 0, 1, "1", [True], {}], ids=repr
)
def test_only_the_boolean_true_verifies_an_address(value: object):
    """Lesson 4: CVE-2026-41574, `email_verified` in any other form."""
    assert person(email_verified=value).email_verified is False


@pytest.mark.parametrize(
    "email", [ABSENT, None, "", 7, ["a@b.example"], "a" * 321, "a\nb@c.example"]
)
def test_an_address_that_is_no_text_is_absent_and_never_verified(email: object):
    found = person(email=email)
    assert (found.email, found.email_verified) == (None, False)


@pytest.mark.parametrize(
    ("roles", "given"),
    [
        (["admin"], ("administrator",)),
        (["liveAgentAdmin"], ("administrator",)),
        (["liveAgentSupervisor"], ("supervisor",)),
        (["liveAgentAgent"], ("agent",)),
        (["liveAgentAgent", "liveAgentSupervisor"], ("supervisor", "agent")),
        (["admin", "liveAgentAdmin"], ("administrator",)),
        ("liveAgentAgent", ("agent",)),
        (["base_role"], ()),
        (["LiveAgentAgent"], ()),
        (["agent"], ()),
        ([], ()),
        (None, ()),
        (ABSENT, ()),
        ([None, 7, ["admin"], {"admin": 1}], ()),
        ({"admin": True}, ()),
        ("admin liveAgentAgent", ()),
    ],
)
def test_roles_are_those_of_the_map_and_no_others(roles: object, given: tuple[str, ...]):
    assert person(roles=roles).roles == given


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["liveAgentAgent"]}}),
        ("https://example.com/roles", {"https://example.com/roles": ["liveAgentAgent"]}),
        ("a.b", {"a.b": ["liveAgentAgent"], "a": {"b": ["admin"]}}),
    ],
)
def test_roles_may_stand_under_another_name(claim: str, claims: dict[str, object]):
    assert person(replace(NAMES, roles=claim), **claims).roles == ("agent",)


@pytest.mark.parametrize(
    "claims", [{"realm_access": "x"}, {"realm_access": ["roles"]}, {}], ids=repr
)
def test_a_path_that_leads_nowhere_gives_no_roles(claims: dict[str, object]):
    assert person(replace(NAMES, roles="realm_access.roles"), **claims).roles == ()


@pytest.mark.parametrize(
    ("claim", "organisation"),
    [
        (ORGANISATION, ORGANISATION),
        ([ORGANISATION], ORGANISATION),
        ([ORGANISATION, "another"], None),
        ([], None),
        ({"acme": {}}, None),
        (7, None),
        ("", None),
        (None, None),
        (ABSENT, None),
        ("x" * 256, None),
        ("a\tb", None),
    ],
)
def test_there_is_one_definite_organisation_or_none(claim: object, organisation: str | None):
    assert person(organisation=claim).organisation == organisation


def test_a_provider_without_organisations_is_one_itself():
    found = person(replace(NAMES, organisation="iss"), iss="whatever the token says")
    assert found.organisation == ISSUER


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": " Ada "}, "Ada"),
        ({"name": ABSENT, "given_name": "Ada", "family_name": "King"}, "Ada King"),
        ({"name": "  ", "family_name": "King"}, "King"),
        ({"name": 7}, "ada@acme.example"),
        ({"name": ABSENT, "email": ABSENT}, "65f0aaaaaaaaaaaaaaaaaaaa"),
    ],
)
def test_everybody_has_a_name(claims: dict[str, object], name: str):
    assert person(**claims).name == name


@pytest.mark.parametrize("value", [ABSENT, None, "7", True, -1, 1.0, 2**63], ids=repr)
def test_a_revision_that_is_none_is_unknown(value: object):
    assert person(access_revision=value).access_revision is None


@pytest.mark.parametrize("value", [ABSENT, None, 7, "", "x" * 256], ids=repr)
def test_a_session_id_that_is_none_is_absent(value: object):
    assert person(sid=value).sid is None
