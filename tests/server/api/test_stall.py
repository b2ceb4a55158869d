"""Facts about hostile bodies: none keeps the loop from others, whatever it holds."""

import asyncio
import gc
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Any

import pytest

from tests.server.api.conftest import Api

_LONGEST_S = 0.02
_UNITS = [
    '"', "'", "“", "„a", "«", "「", "`", "```", ":", "：", "x: ", "1", "1 ", "1,", "1.", "1-", "1,000 ", "$1", "12:", "१", "a@", "a.", "www.",
    "http://", "Aa-", "Aa ", "to ", "please ", "given a ", "list of ", "translate to ", "3 * 4 ", "how many ", "jan 12 ", "12 jan ", "\n", "\n\n",
    "- a\n", "(", "[", "{", "{}", "中", "株式会社", "有限公司", "é", "\u0301", "\\u0000", "\\", "%s", "name: ", "total: 5 ", "total ", "GmbH ", "A GmbH & ",
    "Anna ", "not ", "if ", "?", "! ", "of the ", "€ 5 ", "5 kg ", "5 % ", "2024-01-01 ", "01/02/2024 ", "+49 ", "A1-", "#", "tomorrow ",
]  # fmt: skip
_SCHEMAS: list[dict[str, Any] | None] = [
    None,
    {"type": "object", "properties": {"total": {"type": "number"}, "date": {"type": "string", "format": "date"}, "name": {"type": "string"}}},
    {"type": "object", "properties": {f"p{n}": {"type": "string", "pattern": "^(a+)+$"} for n in range(200)}},
    {"properties": {"a": {"anyOf": [{"$ref": "#"}, {"$ref": "#/properties/a"}, {"type": "number"}]}}},
    {"properties": {f"total_{n}": {"type": "number"} for n in range(300)}},
    {"properties": {"items": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}}}}}},
    {"properties": {"kind": {"enum": ["a" * n for n in range(1, 200)]}}},
]  # fmt: skip


class Longest:
    """The longest that one callback of the loop kept its processor."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.who = ""


@contextmanager
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Longest]:
    """Measures every callback of the loop in its own processor time, so that a busy machine says nothing."""
    longest = Longest()
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = thread_time()
        run(handle)
        took = thread_time() - began
        if took > longest.seconds:
            longest.seconds, longest.who = took, repr(handle)

    gc.collect()
    gc.disable()
    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    try:
        yield longest
    finally:
        monkeypatch.undo()
        gc.enable()


def _bodies(seed: int, step: int) -> Iterator[dict[str, Any]]:
    chosen = random.Random(seed)
    for unit in _UNITS[::step]:
        length = chosen.choice([400, 500, 501, 9_990])
        prompt = (unit * (length // len(unit) + 1))[:length]
        if chosen.random() < 0.5:
            other = chosen.choice(_UNITS)
            prompt = (prompt[: length // 2] + other * (length // len(other)))[:length]
        body = {"prompt": "x" + prompt + "x", "cache_ttl": 0}
        schema = chosen.choice(_SCHEMAS)
        yield {**body, "schema_definition": schema} if schema is not None else body


@pytest.mark.parametrize(
    ("seed", "step"),
    [
        (1, 6),
        *(pytest.param(seed, 1, marks=[pytest.mark.slow, pytest.mark.timeout(600)]) for seed in (1, 2, 3)),
    ],
)
async def test_no_accepted_body_keeps_the_loop_for_long(
    api: Api, monkeypatch: pytest.MonkeyPatch, seed: int, step: int
) -> None:
    await api.analyze("warm up")
    await api.analyze("warm up", schema_definition=_SCHEMAS[1])
    slow: list[str] = []
    for body in _bodies(seed, step):
        data = json.dumps(body, ensure_ascii=False).encode()
        with measured(monkeypatch) as longest:
            hostile = asyncio.ensure_future(
                api.call(
                    "POST",
                    "/v1/analyze",
                    data=data,
                    headers={"X-API-Key": api.key, "Content-Type": "application/json"},
                )
            )
            while not hostile.done():
                assert (await api.call("GET", "/v1/live")).status == 200
            assert (await hostile).status in (200, 422)
        if longest.seconds > _LONGEST_S:
            slow.append(
                f"{body['prompt'][:30]!r} {len(body['prompt'])}: {longest.seconds * 1e3:.0f} ms {longest.who[:200]}"
            )
    assert slow == []
