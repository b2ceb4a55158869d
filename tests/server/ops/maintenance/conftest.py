"""A daemon with an owner, audiences and a window, whose messages are lines in files."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.ops.conftest import House

CONTACTS = """
people:
  ana: {channels: ["file:ana.log"]}
  bo: {channels: ["file:bo.log"]}
levels: {L1: bo}
audiences:
  incidents: ["file:incidents.log"]
  announcements: ["file:announcements.log"]
  customers: ["file:customers.log"]
"""


class Upkeep:
    """Hours of maintenance by a clock of our own, and who heard what of it."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def contacts(self, text: str) -> None:
        (self.house.config.state / "contacts.yml").write_text(text)
        await self.house.built.configuration.look()

    def at(self, minutes: float) -> datetime:
        return self.house.clock() + timedelta(minutes=minutes)

    async def schedule(self, *, begins_in: float = 25 * 60, lasts: float = 60, **given: Any) -> Any:
        """Plans a window; times in minutes."""
        wanted = {
            "title": "Database migration",
            "starts_at": self.at(begins_in).isoformat(),
            "ends_at": self.at(begins_in + lasts).isoformat(),
            "matchers": ['alertname="APIDown"'],
            "components": ["Analyze API"],
            "owner": "ana",
            "reason": "schema 7",
            **given,
        }
        return await self.house.post("/v1/maintenance", wanted)

    async def step(self, verb: str, number: int = 1, **given: Any) -> Any:
        return await self.house.post(f"/v1/maintenance/{number}/{verb}", given)

    async def refused(self, verb: str, number: int = 1, **given: Any) -> tuple[int, str]:
        status, answer = await self.house.ask("POST", f"/v1/maintenance/{number}/{verb}", given)
        return status, answer["error"]["message"]

    async def show(self, number: int = 1) -> Any:
        return await self.house.get(f"/v1/maintenance/{number}")

    async def begun(self, **given: Any) -> Any:
        """A window in which somebody has just checked in."""
        await self.schedule(begins_in=10, **given)
        return await self.step("check-in", reason="a test")

    async def turn(self) -> None:
        """One second's work of the daemon, and all that it sends."""
        built = self.house.built
        await built.timers.tick()
        await built.duty.turn()
        await built.paging.turn()
        await built.outbox.idle()

    async def pass_by(self, minutes: float, *, every_s: int = 20, keep_firing: tuple[str, ...] = ()) -> None:
        for n in range(int(minutes * 60 / every_s)):
            self.house.clock.forward(seconds=every_s)
            if n % 4 == 0:
                for name in keep_firing:
                    await self.house.fire(name)
            await self.turn()

    def got(self, name: str) -> list[str]:
        """The lines that a person, or an audience, got."""
        path: Path = self.house.config.state / f"{name}.log"
        return path.read_text().splitlines() if path.exists() else []

    def heard(self, name: str) -> list[str]:
        """The subjects of what an audience got, the earliest first."""
        return [line[22:] for line in self.got(name) if line[:2] == "20" and "Z  " in line[:24]]


@pytest.fixture
async def upkeep(house: House) -> Upkeep:
    made = Upkeep(house)
    await made.contacts(CONTACTS)
    return made
