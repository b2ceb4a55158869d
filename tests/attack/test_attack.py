"""The short form of `make attack`: everything is tried, with fewer requests."""

import pytest

from tests.attack.__main__ import attack
from tests.attack.throwaway_stack import throwaway_stack


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_everything_that_is_tried_holds() -> None:
    with throwaway_stack() as stack:
        assert attack(stack, count=1_500) == []
