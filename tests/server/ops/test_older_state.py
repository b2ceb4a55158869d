"""A state folder that version 0.1.0 (b4a8cdb) wrote opens with every later version, and nothing in it is lost.

``state.tar.gz`` is the folder as that version left it: two months of journal, a lock held by an execution of which
nobody knows the end, a silence, an approval that was asked for, a temporary change, a quarantined alert.
``answers.json`` is what its daemon answered from it just before; later versions may say more, never less or other.
"""

import json
import tarfile
import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.ops.state.events import Event
from tests.paths import CHECKOUT
from tests.server.ops.conftest import Clock, Start

_DATA = CHECKOUT / "tests" / "data" / "state_0_1_0"
_MOVES_ON = {"revision", "seq", "head", "event_id", "now", "age_s", "meta", "boot"}
"""What every start of a daemon changes."""


@pytest.fixture
def older(tmp_path: Path, clock: Clock) -> dict[str, Any]:
    with tarfile.open(_DATA / "state.tar.gz") as packed:
        packed.extractall(tmp_path)
    (tmp_path / "state").rename(tmp_path / "var")
    said: dict[str, Any] = json.loads((_DATA / "answers.json").read_text())
    clock.now = datetime.fromisoformat(said["clock"])
    return said


def _lost(was: Any, now: Any, where: str) -> Iterator[str]:
    """What an answer had and has no more, each with its place."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name, value in was.items():
            if name not in _MOVES_ON:
                yield from _lost(value, now.get(name), f"{where}.{name}")
    elif where.endswith(".timeline") and isinstance(now, list):
        # A later version tells more in between: each line of before is there, under its number, in its order.
        known = {entry["seq"] for entry in was}
        there = [entry for entry in now if entry["seq"] in known]
        if len(there) != len(was):
            yield f"{where}: {len(was)} lines became {len(there)}"
        for n, (before, after) in enumerate(zip(was, there, strict=False)):
            yield from _lost(
                {"seq_": before["seq"], **before}, {"seq_": after["seq"], **after}, f"{where}[{n}]"
            )
    elif isinstance(was, list) and isinstance(now, list) and len(was) <= len(now):
        for n, value in enumerate(was):
            yield from _lost(value, now[n], f"{where}[{n}]")
    elif was != now:
        yield f"{where}: {was!r} became {now!r}"


async def test_every_answer_of_version_0_1_0_is_given_again(start: Start, older: dict[str, Any]) -> None:
    async with start() as house:
        lost = [
            line
            for path, answer in older["answers"].items()
            for line in _lost(answer, await house.get(path), path)
        ]
    assert lost == []


async def test_its_journal_is_sound_and_goes_on(start: Start, older: dict[str, Any]) -> None:
    was = older["answers"]["/v1/audit?limit=1000"]["entries"]
    async with start() as house:
        await house.post("/v1/incidents/3/note", {"text": "written by a later version"})
        now = (await house.get("/v1/audit?limit=1000"))["entries"]
        verdict = await house.get("/v1/audit/verify")
    assert [entry["hash"] for entry in now][: len(was)] == [entry["hash"] for entry in was]
    assert (verdict["ok"], verdict["first_bad"]) == (True, None)


async def test_its_mark_is_taken_over_once_and_that_is_on_the_record(
    start: Start, older: dict[str, Any]
) -> None:
    anchored = []
    for _ in range(2):
        async with start() as house:
            verdict = await house.get("/v1/audit/verify")
            entries = (await house.get("/v1/audit?limit=1000"))["entries"]
        anchored.append(
            (verdict["ok"], [e["body"]["how"] for e in entries if e["kind"] == "journal.anchored"])
        )
    said = f"taken over from a version without an anchor, at event {older['answers']['/v1/audit?limit=1000']['head']['seq']}"
    assert anchored == [(True, [said]), (True, [said])]


async def test_its_tokens_are_good_and_its_locks_are_held(start: Start, older: dict[str, Any]) -> None:
    async with start() as house:
        status, _ = await house.ask(
            "POST", "/v1/incidents/3/note", {"text": "me"}, token=older["tokens"]["ana"]
        )
        locks = (await house.get("/v1/locks"))["locks"]
    assert status == 200
    assert [lock["execution_id"] for lock in locks if lock["key"] == "service:api"] == ["run-lost0002"]


_KINDS = """
alert.confirmed alert.fired alert.quarantined alert.resolved alert.stale approval.asked approval.given approval.used
change.ended daemon.read_only daemon.started execution.break_glass execution.cancel_asked execution.cleared
execution.finished execution.intended execution.lost execution.refused execution.started execution.verified
fallback.run hand.done incident.acknowledged_again incident.breached incident.joined incident.moved incident.noted
incident.opened journal.segment_closed journal.set_aside journal.writable rehearsal.began request.answered
request.taken runbook.drilled runbook.rehearsed silence.set user.revoked user.set
"""


def test_every_kind_of_event_of_version_0_1_0_is_still_known() -> None:
    known = {kind.__struct_config__.tag for kind in typing.get_args(Event)}
    assert set(_KINDS.split()) - known == set()
