"""Fixtures that several parts of the house share."""

from collections.abc import Iterator

import pytest

from tests.stackwork import QUICK, Stack, stack_up


@pytest.fixture(scope="session")
def local_stack() -> Iterator[Stack]:
    """A running local stack with quick rules, one a worker; tests leave every service running."""
    with stack_up(*QUICK) as stack:
        yield stack
