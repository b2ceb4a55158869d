"""A daemon with contacts of the test's own, whose pages are lines in a file."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.ops.conftest import House

CONTACTS = """
people:
  ana: {channels: ["file:ana.log"]}
  bo: {channels: ["file:bo.log"]}
  cy: {channels: ["file:cy.log"]}
levels: {L1: ana, L2: bo, L3: cy}
hotline: "555 0199"
"""


class Night:
    """Hours of a daemon by a clock of our own, and what each person got."""

    def __init__(self, house: House) -> None:
        self.house = house

    @property
    def state(self) -> Path:
        return self.house.config.state

    async def contacts(self, text: str) -> None:
        (self.state / "contacts.yml").write_text(text)
        await self.house.built.configuration.look()

    async def turn(self) -> None:
        """One second's work of timers and paging, and all that it sends."""
        await self.house.built.timers.tick()
        await self.house.built.paging.turn()
        await self.house.built.outbox.idle()

    async def pass_by(self, *, minutes: float, every_s: int = 30, keep_firing: tuple[str, ...] = ()) -> None:
        for n in range(int(minutes * 60 / every_s)):
            self.house.clock.forward(seconds=every_s)
            if n % 4 == 0:
                for name in keep_firing:
                    await self.house.fire(name)
            await self.turn()

    def got(self, person: str) -> list[str]:
        """The lines that a person got."""
        path = self.state / f"{person}.log"
        return path.read_text().splitlines() if path.exists() else []

    def counted(self) -> dict[str, int]:
        """How many pages each person got, recoveries apart."""
        return {
            name: sum("  recovery  " not in line for line in self.got(name)) for name in ("ana", "bo", "cy")
        }


@pytest.fixture
async def night(house: House) -> Night:
    night = Night(house)
    await night.contacts(CONTACTS)
    return night


async def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition, at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
