"""A daemon, its public site as files, and who was told what."""

import json
from typing import Any

import pytest

from tests.server.ops.conftest import House

CONTACTS = """
people:
  ana: {channels: ["file:ana.log"]}
levels: {L1: ana}
audiences:
  announcements: ["file:announcements.log"]
  customers: ["file:customers.log"]
"""


class PublicSite:
    """What is published, as a reader of its files finds it."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def contacts(self, text: str = CONTACTS) -> None:
        (self.house.config.state / "contacts.yml").write_text(text)
        await self.house.built.configuration.look()

    async def look(self, **forward: float) -> None:
        self.house.clock.forward(**forward)
        await self.house.built.public_refresh.publish()

    def body(self, path: str, *, stale: bool = False) -> bytes:
        folder = (self.house.config.state / "public" / "current").resolve()
        manifest = json.loads((folder / "manifest.json").read_text())
        route = manifest["stale" if stale else "live"][path]
        file: str = route["variants"]["identity"]["file"]
        return (folder / file).read_bytes()

    def html(self, path: str = "/") -> str:
        return self.body(path).decode()

    def api(self, name: str) -> Any:
        return json.loads(self.body(f"/api/v2/{name}.json"))

    @property
    def unresolved(self) -> list[Any]:
        return list(self.api("incidents/unresolved")["incidents"])

    async def sent(self, audience: str) -> str:
        await self.house.built.paging.turn()
        await self.house.built.outbox.idle()
        path = self.house.config.state / f"{audience}.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
async def site(house: House) -> PublicSite:
    made = PublicSite(house)
    await made.contacts()
    return made
