"""The owner of background loops: whatever a step does, the loop goes on, and says what is wrong."""

import asyncio
from datetime import timedelta

from server.periodic import Loops, Periodic

_AT_ONCE = timedelta(0)


class Steps:
    """A step that does what the test says, and the errors that were reported."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.taken = 0
        self.reported: list[tuple[str, bool]] = []
        self.all_taken = asyncio.Event()

    async def __call__(self) -> None:
        self.taken += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if not self.outcomes:
            self.all_taken.set()
        if outcome is not None:
            raise outcome

    def report(self, name: str, error: Exception, again: bool) -> None:
        self.reported.append((f"{name} {type(error).__name__}", again))


async def test_a_step_that_raises_is_counted_and_told_and_the_loop_goes_on() -> None:
    steps = Steps(OSError("no route"), OSError("no route"), KeyError("x"), None, OSError("again"), None)
    loop = Periodic("look", _AT_ONCE, steps, report=steps.report)
    async with loop.running():
        await asyncio.wait_for(steps.all_taken.wait(), 5)
    assert steps.reported == [
        ("look OSError", False),
        ("look OSError", True),
        ("look KeyError", False),
        ("look OSError", False),
    ]
    assert loop.health.failures == 4


async def test_a_fault_is_shown_until_a_step_ends_well() -> None:
    steps = Steps(OSError("no route"), None)
    loop = Periodic("look", _AT_ONCE, steps, report=steps.report)
    loops = Loops([loop])
    assert not await loop.turn()
    assert (loops.faults, loop.health.last_success_at) == ({"look": "OSError: no route"}, None)
    assert await loop.turn()
    assert (loops.faults, loops.health["look"].failures) == ({}, 1)
    assert loop.health.last_success_at is not None


async def test_a_loop_that_is_asked_to_does_not_wait_for_its_time() -> None:
    steps = Steps(None, None)
    loop = Periodic("poll", timedelta(hours=1), steps)
    async with loop.running():
        while steps.taken == 0:
            await asyncio.sleep(0)
        loop.sooner.set()
        await asyncio.wait_for(steps.all_taken.wait(), 5)


async def test_a_step_that_turns_its_cancellation_into_an_error_is_ended_all_the_same() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            raise TimeoutError from None

    async with asyncio.timeout(5), Periodic("stubborn", timedelta(hours=1), stubborn).running():
        await begun.wait()
