"""Links in pages: one person, one incident, one press; looking changes nothing."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from server.ops.paging.answer_link import BadLinkError, LinkSigner, take_link_key
from tests.server.ops.conftest import Start
from tests.server.ops.paging.conftest import Night

URL = "https://ops.example.com/answer"
_SIGNATURE_LENGTH = 22
"""Sixteen bytes in base64, without its padding."""
CONTACTS = """
people:
  ana: {user: ana-l, channels: [{command: [sh, -c, "cat >> ana.json"]}]}
  bo: {channels: [{command: [sh, -c, "cat >> bo.json"]}]}
levels: {L1: ana, L2: bo}
"""


class Phone:
    """Somebody's browser, on the listener of links, and what they were sent."""

    def __init__(self, night: Night, server: BaseTestServer) -> None:
        self.night, self.server = night, server

    def link(self, incident_id: int = 1, person: str = "ana") -> str:
        """The last link about an incident that a person was sent, as a path."""
        sent = (self.night.state / f"{person}.json").read_text()
        place = rf"ops open {incident_id}\\nor acknowledge here: https://ops\.example\.com(/answer/[^\\]+)"
        return str(re.findall(place, sent)[-1])

    async def ask(self, method: str, path: str, **headers: str) -> tuple[int, str]:
        url = self.server.make_url(path)
        given = {"Host": "ops.example.com", **headers}
        async with self.night.house.session.request(method, url, headers=given) as answer:
            return answer.status, await answer.text()

    async def state(self) -> Any:
        return (await self.night.house.get("/v1/incidents/1"))["state"]


@pytest.fixture
async def phone(start: Start) -> AsyncIterator[Phone]:
    async with start(link_url=URL) as house:
        night = Night(house)
        folder = str(night.state)
        await night.contacts(CONTACTS.replace("cat >> ", f"cat >> {folder}/"))
        assert house.built.links is not None
        async with TestServer(house.built.links) as server:
            await house.fire("APIDown")
            await night.turn()
            yield Phone(night, server)


async def test_looking_shows_the_incident_and_changes_nothing(phone: Phone) -> None:
    for method in ("GET", "HEAD", "GET"):
        status, html = await phone.ask(method, phone.link())
        assert status == 200
    assert "Incident 1, critical: APIDown api" in html and "Acknowledge as ana-l" in html
    assert await phone.state() == "open"


async def test_the_press_of_the_button_acknowledges_as_whoever_was_called(phone: Phone) -> None:
    status, html = await phone.ask("POST", phone.link())
    assert status == 200 and "it is yours until 12:30Z" in html
    incident = await phone.night.house.get("/v1/incidents/1")
    assert (incident["state"], incident["acknowledged_by"]) == ("acknowledged", "ana-l")
    assert "ana-l acknowledged it by the link in the page" in [e["text"] for e in incident["timeline"]]
    entries = (await phone.night.house.get("/v1/audit?limit=100"))["entries"]
    assert [e["auth"] for e in entries if e["kind"] == "page.answered"] == ["link"]
    # By its length: it may have the mark in it that parts the others.
    signature = phone.link()[-_SIGNATURE_LENGTH:]
    assert signature not in str(entries), "what could be used is in no journal"


async def test_a_browsers_own_form_is_taken_behind_a_proxy_too(phone: Phone) -> None:
    origin = {"Origin": "https://ops.example.com", "Sec-Fetch-Site": "same-origin"}
    status, _ = await phone.ask("POST", phone.link(), Host="127.0.0.1:8005", **origin)
    assert status == 200


async def test_a_link_works_once(phone: Phone) -> None:
    link = phone.link()
    assert (await phone.ask("POST", link))[0] == 200
    await phone.night.pass_by(minutes=31, keep_firing=("APIDown",))
    assert await phone.state() == "open", "nobody did anything"
    status, html = await phone.ask("POST", link)
    assert status == 409 and "answered already" in html
    assert await phone.state() == "open"
    status, _ = await phone.ask("POST", phone.link(person="bo"))
    assert status == 200, "the next page, of L2 by now, has a link of its own"


async def test_the_first_acknowledgement_stands(phone: Phone) -> None:
    await phone.night.house.post("/v1/incidents/1/ack")
    status, html = await phone.ask("GET", phone.link())
    assert status == 200 and "admin has it" in html and "<button" not in html
    status, html = await phone.ask("POST", phone.link())
    assert status == 409 and "admin&#x27;s" in html


async def test_a_link_of_another_outage_or_of_yesterday_does_nothing(phone: Phone) -> None:
    link, house = phone.link(), phone.night.house
    house.clock.forward(minutes=1)
    await house.resolve("APIDown")
    await phone.night.pass_by(minutes=17)
    await house.fire("APIDown")
    status, html = await phone.ask("POST", link)
    assert status == 404 and "an earlier outage" in html
    house.clock.forward(hours=12)
    status, html = await phone.ask("POST", link)
    assert status == 404 and "this link ended at 2026-03-15 00:00Z" in html
    assert await phone.state() == "open"


async def test_nothing_else_is_a_link(phone: Phone) -> None:
    link = phone.link()
    page, ends, person, signature = link.removeprefix("/answer/").split("-", 3)
    for forged in (
        f"{page}-{ends}-bo-{signature}",
        f"{int(page) + 1}-{ends}-{person}-{signature}",
        f"{page}-{int(ends) + 1}-{person}-{signature}",
        f"{page}-{ends}-{person}-{'A' * 22}",
        "", "x", "../../v1/incidents", "1-1-ana", f"{page}-{ends}-{person}-{signature}x",
    ):  # fmt: skip
        status, html = await phone.ask("POST", f"/answer/{forged}")
        assert status == 404 and "no link of a page" in html, forged
    assert await phone.state() == "open"
    for method in ("PUT", "DELETE"):
        assert (await phone.ask(method, link))[0] == 405
    assert (await phone.ask("POST", link, Host="evil.example.net"))[0] == 421
    assert (await phone.ask("POST", link, Origin="https://evil.example.net"))[0] == 403


async def test_the_answer_cannot_be_framed_kept_or_run(phone: Phone) -> None:
    url = phone.server.make_url(phone.link())
    async with phone.night.house.session.get(url, headers={"Host": "ops.example.com"}) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin", "which lets a browser name its own form"


async def test_texts_of_alerts_are_no_markup(phone: Phone) -> None:
    await phone.night.house.post("/v1/incidents", {"title": "<script>alert(1)</script>", "service": "api"})
    await phone.night.turn()
    _, html = await phone.ask("GET", phone.link(2))
    assert "<script>" not in html and "&lt;script&gt;" in html


async def test_without_an_address_there_are_no_links_and_no_listener(night: Night) -> None:
    folder = str(night.state)
    await night.contacts(CONTACTS.replace("cat >> ", f"cat >> {folder}/"))
    await night.house.fire("APIDown")
    await night.turn()
    assert "acknowledge here" not in (night.state / "ana.json").read_text()
    assert night.house.built.links is None


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Any) -> None:
    path = tmp_path / "ops" / "link.key"
    key = take_link_key(path)
    assert take_link_key(path) == key and path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"short")
    with pytest.raises(OSError, match="no key of 32 bytes"):
        take_link_key(path)


async def test_another_key_knows_none_of_these(phone: Phone) -> None:
    other = LinkSigner(b"x" * 32, URL)
    with pytest.raises(BadLinkError, match="no link of a page"):
        other.read(phone.link().removeprefix("/answer/"), phone.night.house.clock())
