"""An expected failure: one shape, from which pages, protocol, log and help are made."""

import pytest

from kernel.problems import ProblemError, titles
from support.small_site import Fault, Problem


def test_the_code_is_the_name_in_lower_case() -> None:
    assert Problem.PAGE_OUT_OF_DATE.code == "page_out_of_date"
    assert Problem.PAGE_OUT_OF_DATE.spec.status == 403
    assert Fault.TOO_MANY.code == "too_many"
    assert Fault.TOO_MANY.spec.keys == ("LIMIT",)


def test_an_error_carries_what_the_log_and_the_page_need() -> None:
    with pytest.raises(ProblemError, match="locked") as caught:
        raise ProblemError(Problem.LOCKED, Fault.TOO_MANY, retry_after=3, who="a")
    error = caught.value
    assert (error.problem, error.fault, error.retry_after) == (Problem.LOCKED, Fault.TOO_MANY, 3)
    assert error.context == {"who": "a"}
    assert ProblemError(Problem.LOCKED).fault is None


def test_every_text_that_people_read_is_listed_for_translation() -> None:
    assert list(titles(Problem))[-3:] == ["Locked for {who}", "Wait.", "Unlock."]
    assert "" not in titles(Problem)
