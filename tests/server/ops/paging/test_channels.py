"""Channels with real receivers: a mail server, web hooks, a stand-in for PagerDuty that we wrote from its documentation."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller

from server.ops.paging.escalations import page_what_is_due
from server.ops.paging.outbox import PageOutbox
from tests.server.ops.conftest import alert
from tests.server.ops.paging.conftest import Night

pytestmark = pytest.mark.stack


class Hook:
    """A receiver on loopback that keeps what it was sent."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 202
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.text()))
        return web.json_response({"status": "success"}, status=self.status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/{any:.*}", hook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"127.0.0.1:{runner.addresses[0][1]}"
    yield hook
    await runner.cleanup()


class Mailbox:
    """What the mail server was sent."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content.decode())
        return "250 OK"


async def _contacts(night: Night, channels: str) -> None:
    await night.contacts(f"people:\n  ana: {{channels: [{channels}]}}\nlevels: {{L1: ana}}\n")


def _lend(night: Night, **variables: str) -> None:
    night.house.built.outbox._env.update(variables)


async def test_a_web_hook_gets_what_to_type(night: Night, hook: Hook) -> None:
    _lend(night, ANA=f"json://{hook.url}/page")
    await _contacts(night, "'apprise:env:ANA'")
    await night.house.fire("APIDown")
    await night.turn()
    [got] = hook.got
    assert "APIDown" in got["title"]
    assert "type: ops open 1" in got["message"]
    assert "journal " in got["message"]


async def test_a_mail_arrives(night: Night) -> None:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        _lend(night, ANA=f"mailto://127.0.0.1:{controller.port}?from=ops@example.com&to=ana@example.com")
        await _contacts(night, "'apprise:env:ANA'")
        await night.house.fire("APIDown")
        await night.turn()
    finally:
        controller.stop()
    [mail] = mailbox.mails
    assert "ops open 1" in mail or "ops=20open=201" in mail
    pages = (await night.house.get("/v1/pages"))["pages"]
    assert pages[0]["deliveries"][0]["state"] == "sent"


async def test_pagerduty_is_triggered_and_resolved_under_one_key(night: Night, hook: Hook) -> None:
    _lend(night, PD="routing-key-1", PAGERDUTY_EVENTS_URL=f"http://{hook.url}/v2/enqueue")
    await _contacts(night, "'pagerduty:env:PD'")
    await night.house.fire("APIDown")
    await night.turn()
    night.house.clock.forward(minutes=1)
    await night.house.resolve("APIDown")
    await night.turn()
    triggered, resolved = hook.got
    assert (triggered["routing_key"], triggered["event_action"]) == ("routing-key-1", "trigger")
    assert triggered["payload"]["severity"] == "critical"
    assert triggered["dedup_key"] == resolved["dedup_key"] == "incident-1"
    assert resolved["event_action"] == "resolve" and "payload" not in resolved


async def test_a_receiver_that_refuses_is_said_and_its_secret_is_not(night: Night, hook: Hook) -> None:
    hook.status = 400
    _lend(night, PD="s3cret-routing-key", PAGERDUTY_EVENTS_URL=f"http://{hook.url}/v2/enqueue")
    await _contacts(night, "'pagerduty:env:PD', 'file:ana.log'")
    await night.house.fire("APIDown")
    await night.turn()
    incident = await night.house.get("/v1/incidents/1")
    told = [entry["text"] for entry in incident["timeline"]]
    assert any("was not reached over pagerduty env:PD: PagerDuty answered 400" in text for text in told)
    assert "s3cret" not in json.dumps(incident)
    assert night.counted()["ana"] == 1


async def test_the_texts_of_many_pages_leave_the_loop_its_turns(night: Night) -> None:
    await _contacts(night, "'file:ana.log'")
    await night.house.post("/api/v2/alerts", [alert(f"Trouble{n}", "critical", {}) for n in range(60)])
    while await night.house.built.ledger.decide(page_what_is_due):
        pass
    pages = list(night.house.built.ledger.state.waiting_pages)
    written = asyncio.create_task(night.house.built.outbox._texts("ana", pages))
    turns = 0
    while not written.done():
        await asyncio.sleep(0)
        turns += 1
    assert len(await written) == len(pages) == 60
    assert turns >= len(pages)


async def test_a_reference_to_nothing_says_so(night: Night) -> None:
    await _contacts(night, "'apprise:env:NOT_SET', 'file:ana.log'")
    await night.house.fire("APIDown")
    await night.turn()
    told = [entry["text"] for entry in (await night.house.get("/v1/incidents/1"))["timeline"]]
    assert any("the variable NOT_SET is not set" in text for text in told)


async def test_a_mail_server_that_hangs_holds_up_nobody_else(night: Night) -> None:
    """It takes the connection and says nothing, for as long as anybody waits."""
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    built = night.house.built
    hanging = PageOutbox(
        built.ledger,
        lambda text: text,
        {**built.outbox._env, "ANA": f"mailto://127.0.0.1:{port}?from=a@b.de&to=c@d.de"},
    )
    hanging._timeout_s = 1.0
    await night.contacts(
        "people:\n  ana: {channels: ['apprise:env:ANA', 'file:ana.log']}\n  bo: {channels: ['file:bo.log']}\n"
        "levels: {L1: [ana, bo]}\n"
    )
    await night.house.fire("APIDown")
    await built.timers.tick()
    await built.ledger.decide(page_what_is_due)
    await hanging.look()
    async with asyncio.timeout(20):
        while not night.got("bo"):
            await asyncio.sleep(0.01)
        assert not night.got("ana")
        await hanging.idle()
    assert night.counted() == {"ana": 1, "bo": 1, "cy": 0}
    told = [entry["text"] for entry in (await night.house.get("/v1/incidents/1"))["timeline"]]
    assert sum("no answer within 1 s" in text for text in told) == 1, "the next channel comes at once"
    await night.house.fire("RedisDown")
    await built.timers.tick()
    await built.ledger.decide(page_what_is_due)
    await hanging.look()
    await hanging.idle()
    server.close()
    assert night.counted()["ana"] == 2
    told = [entry["text"] for entry in (await night.house.get("/v1/incidents/2"))["timeline"]]
    assert not any("no answer" in text for text in told), "what hung a moment ago is asked last"


async def test_a_command_gets_the_message_and_none_of_our_secrets(night: Night) -> None:
    _lend(night, OPS_ADMIN_TOKEN="s3cret")
    script = night.state / "page.sh"
    script.write_text('#!/bin/sh\ncat > "$1"; env >> "$1"\n')
    script.chmod(0o755)
    await _contacts(night, f"{{command: [{script}, {night.state / 'got'}]}}")
    await night.house.fire("APIDown")
    await night.turn()
    got = (night.state / "got").read_text()
    assert "ops open 1" in got and "s3cret" not in got
