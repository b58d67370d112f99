"""A command sets up logging for its process; in here that is everybody's."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from support.office import ACME, ENVIRONMENT
from support.terminal import Operator


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(ENVIRONMENT | {"DATABASE_URL": database_url})


@pytest.fixture
def account(operator: Operator) -> str:
    return operator.says("accounts", "create", "Acme", "--organisation", ACME)
