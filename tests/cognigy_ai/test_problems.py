"""The catalogue: every refusal speaks to each of its readers."""

import pytest

from cognigy_ai.problems import OAuthFault, Problem


@pytest.mark.parametrize("problem", Problem, ids=lambda p: p.code)
def test_every_problem_says_what_happened_what_to_do_and_what_to_check(problem: Problem) -> None:
    spec = problem.spec
    assert 400 <= spec.status < 600
    assert spec.title
    assert not spec.title.endswith(".")
    assert spec.user_text.endswith((".", "}"))
    assert spec.operator_hint or not (spec.has_help or spec.oauth_error)
    assert problem.code not in spec.user_text


@pytest.mark.parametrize(
    "problem", [p for p in Problem if p.spec.oauth_error], ids=lambda p: p.code
)
def test_what_travels_by_protocol_is_printable_ascii(problem: Problem) -> None:
    """RFC 6749 section 5.2."""
    assert problem.spec.title.isascii()
    assert problem.spec.title.isprintable()
    assert not set(problem.spec.title) & {'"', "\\"}


def test_the_first_sentence_is_the_one_that_the_product_is_known_for() -> None:
    title = Problem.OAUTH_CONFIGURATION.spec.title
    assert title == "Something is wrong with the OAuth configuration"


@pytest.mark.parametrize("fault", OAuthFault, ids=lambda f: f.code)
def test_every_fault_has_a_hint(fault: OAuthFault) -> None:
    assert fault.spec.hint
