"""Facts about bad input: each a 4xx that says what is wrong, in bounded time."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest

from server.api.errors import ApiError
from server.api.schema import SchemaShelf
from server.api.schema_process import SchemaProcesses
from tests.server.api.conftest import Api

_JSON = {"Content-Type": "application/json"}


def _deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _doubling(levels: int) -> dict[str, Any]:
    twice = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]}
        for n in range(levels)
    }
    return {"$defs": {**twice, f"a{levels}": {"type": "string"}}, "$ref": "#/$defs/a0"}


def _branching() -> dict[str, Any]:
    """Each level of a value is tried twice by each of two branches, and fails at its end."""
    again = {"properties": {"a": {"$ref": "#/$defs/n"}}, "required": ["a"]}
    return {"$defs": {"n": {"anyOf": [again, {**again, "minProperties": 1}]}}, "$ref": "#/$defs/n"}


def _children_rss() -> int:
    return sum(
        child.memory_info().rss
        for child in psutil.Process().children()
        if "schema_child" in " ".join(child.cmdline())
    )


@pytest.fixture
async def shelf() -> AsyncIterator[SchemaShelf]:
    made = SchemaShelf(SchemaProcesses())
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "JSON"),
        (b"{", 400, "JSON"),
        (b"[]", 422, "object"),
        (b'{"prompt": "a", "prompt": "b"}', 400, "twice"),
        (b'{"prompt":"a","metadata":{"k":1,"k":2}}', 400, "twice"),
        (b'{"prompt": NaN}', 400, "JSON"),
        (b'{"prompt": "a", "temperature": Infinity}', 400, "JSON"),
        (b'{"prompt": "\xff\xfe"}', 400, "JSON"),
        (b'{"prompt": "\\ud800"}', 400, "JSON"),
        (b'{"prompt": "a\\u0000b"}', 422, "NUL"),
        (b'{"prompt": "   "}', 422, "length"),
        (b'{"prompt": 5}', 422, "str"),
        (b"{}", 422, "prompt"),
        (b'{"prompt": "a", "temperature": true}', 422, "float"),
        (b'{"prompt": "a", "temperature": 2.5}', 422, "2"),
        (b'{"prompt": "a", "max_tokens": 49}', 422, "50"),
        (b'{"prompt": "a", "max_tokens": 100.5}', 422, "int"),
        (b'{"prompt": "a", "max_tokens": 49.0}', 422, "50"),
        (b'{"prompt": "a", "cache_ttl": -1}', 422, "0"),
        (b'{"prompt": "a", "llm_provider": "nobody"}', 422, "local"),
        (b'{"prompt": "a", "output_format": "yaml"}', 422, "yaml"),
        (b'{"prompt": "a", "schema_definition": {"$ref": "http://127.0.0.1/x"}}', 422, "itself"),
        (b'{"prompt": "a", "schema_definition": {"type": "banana"}}', 422, "banana"),
        (b'{"prompt": "a", "metadata": {' + b",".join(b'"k%d":1' % n for n in range(21)) + b"}}", 422, "20"),
        (b'{"prompt": "' + b"a" * 10_001 + b'"}', 422, "10000"),
        (b'{"prompt": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "deeply"),
        (b'{"prompt": "' + b"a" * 300_000 + b'"}', 413, "256"),
    ],
)
async def test_a_bad_body_is_refused_in_words(api: Api, body: bytes, status: int, says: str) -> None:
    reply = await api.call("POST", "/v1/analyze", data=body, headers={"X-API-Key": api.key, **_JSON})
    assert (reply.status, says in reply.body["error"]["message"]) == (status, True), reply.body


async def test_a_compressed_body_is_refused_unread(api: Api) -> None:
    headers = {"X-API-Key": api.key, "Content-Encoding": "gzip", **_JSON}
    reply = await api.call("POST", "/v1/analyze", data=gzip.compress(b'{"prompt":"a"}'), headers=headers)
    assert reply.status == 415


async def test_prompts_are_data(api: Api) -> None:
    for prompt in ("<script>alert(1)</script>", "'; DROP TABLE api_keys; --", "%s %d {0}", "\u202e\u0007 ok"):
        assert (await api.analyze(prompt, output_format="xml")).status == 200


async def test_unknown_fields_are_named_and_not_refused(api: Api) -> None:
    reply = await api.analyze("hello", colour="red")
    assert (reply.status, reply.body["warnings"]) == (200, ["unknown field: colour"])


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        (_deep(11), "nested"),
        (_doubling(30), "nodes"),
        ({"properties": {f"p{n}": {"description": "x" * 100} for n in range(500)}}, "bytes"),
        ({"pattern": "a" * 501}, "pattern"),
        ({"properties": {f"p{n}": {"pattern": "(a{50}){50}"} for n in range(10)}}, "patterns"),
        ({"patternProperties": {f"^{n}(a{{90}}){{90}}": {} for n in range(9)}}, "patterns"),
        ({"pattern": "(?=a"}, "regex"),
        ({"$ref": "#/$defs/none"}, "exist"),
        ({"$ref": "other.json"}, "itself"),
    ],
)
async def test_a_hostile_schema_is_refused(shelf: SchemaShelf, definition: dict[str, Any], says: str) -> None:
    with pytest.raises(ApiError, match=says) as refused:
        await shelf.compiled(definition)
    assert (refused.value.status, refused.value.field) == (422, "schema_definition")


async def test_a_catastrophic_pattern_takes_linear_time(shelf: SchemaShelf) -> None:
    schema = await shelf.compiled({"pattern": "^(a+)+$"})
    assert await schema.faults("a" * 5000 + "!") != []


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        # Pydantic's for a Decimal, zod's for an address.
        (r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$", "12.50", "-"),
        (
            r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
            "ana@example.org",
            "ana..lopez@example.org",
        ),
        (r"^(\d)\1$", "44", "45"),
        (r"(?<=#)[a-z]+$", "room #blue", "room blue"),
    ],
)
async def test_a_pattern_may_look_around_and_back(
    shelf: SchemaShelf, pattern: str, fits: str, fits_not: str
) -> None:
    schema = await shelf.compiled({"type": "string", "pattern": pattern})
    assert await schema.faults(fits) == []
    assert await schema.faults(fits_not) != []


async def test_a_pattern_that_goes_back_without_end_is_refused_and_others_go_on(shelf: SchemaShelf) -> None:
    schema = await shelf.compiled({"type": "string", "pattern": "^((?!x)a|a)+$"})
    with pytest.raises(ApiError, match="A pattern of it takes too long"):
        await schema.faults("a" * 60 + "!")
    assert await schema.faults("aa") == []


async def test_ten_levels_are_taken(shelf: SchemaShelf) -> None:
    assert await (await shelf.compiled(_deep(10))).faults({}) == []


async def test_a_schema_that_takes_too_long_is_ended_and_others_go_on(shelf: SchemaShelf) -> None:
    endless = await shelf.compiled(_branching())
    value: dict[str, Any] = {"x": 1}
    for _ in range(60):
        value = {"a": value}
    with pytest.raises(ApiError, match="too long"):
        await endless.faults(value)
    with pytest.raises(ApiError, match="too long"):
        await endless.faults({})
    assert await (await shelf.compiled({"type": "object"})).faults([]) != []


async def test_who_gives_up_on_an_endless_schema_leaves_no_answer_to_others(shelf: SchemaShelf) -> None:
    endless = await shelf.compiled(_branching())
    value: dict[str, Any] = {"x": 1}
    for _ in range(60):
        value = {"a": value}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await endless.faults(value)
    assert await (await shelf.compiled({"type": "object"})).faults({}) == []


async def test_many_heavy_patterns_do_not_stay_in_memory(shelf: SchemaShelf) -> None:
    for n in range(12):
        definition = {"properties": {f"p{i}": {"pattern": f"^\\w{{{n + 5},20}}x{i}$"} for i in range(60)}}
        assert await (await shelf.compiled(definition)).faults({}) == []
    assert _children_rss() < 2 * 200_000_000


async def test_a_body_that_trickles_in_holds_up_nobody(api: Api) -> None:
    async def trickle() -> Any:
        yield b'{"prompt":'
        await asyncio.Event().wait()

    slow = asyncio.ensure_future(
        api.call("POST", "/v1/analyze", data=trickle(), headers={"X-API-Key": api.key, **_JSON})
    )
    assert (await api.analyze("hello")).status == 200
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


@pytest.mark.parametrize("key", ["", "sp_", "sp_" + "g" * 64, "sp_" + "0" * 64, "é" * 67])
async def test_a_key_that_is_none_is_401_and_counted(api: Api, key: str) -> None:
    reply = await api.call(
        "POST", "/v1/analyze", json={"prompt": "a"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, 'Bearer realm="sps"')
    assert "auth_failures_total" in (await api.call("GET", "/v1/metrics")).body


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/api-keys", {"name": "a\0b"}),
        ("POST", "/v1/api-keys", {"name": "a", "rate_limit_per_hour": 2**40}),
        ("POST", "/v1/api-keys", {"name": "a", "expires_at": "2000-01-01T00:00:00Z"}),
        ("POST", "/v1/api-keys", {"name": "a", "expires_at": "9999-12-31T23:59:59-23:00"}),
        ("POST", "/v1/api-keys", {"name": "a", "expires_at": "2999-12-31T23:59:59"}),
        ("PATCH", "/v1/settings", {"blocked_clients": ["a\0b"]}),
        ("PATCH", "/v1/settings", {"provider_order": ["nobody"]}),
        ("PATCH", "/v1/settings", {"cache_default_ttl": 5, "until": "2000-01-01T00:00:00Z"}),
    ],
)
async def test_operators_are_told_what_is_wrong_too(
    api: Api, method: str, path: str, body: dict[str, Any]
) -> None:
    assert (await api.admin(method, path, json=body)).status == 422


async def test_a_far_date_with_a_far_offset_is_taken(api: Api) -> None:
    made = await api.admin(
        "POST", "/v1/api-keys", json={"name": "far", "expires_at": "6857-11-20T02:21:07+23:01"}
    )
    assert (made.status, made.body["expires_at"]) == (201, "6857-11-19T03:20:07Z")
    path = f"/v1/api-keys/{made.body['id']}"
    assert (await api.admin("PATCH", path, json={"expires_at": "6857-11-20T02:21:07-23:01"})).status == 200
    patched = await api.admin(
        "PATCH", "/v1/settings", json={"cache_default_ttl": 5, "until": "6857-11-20T02:21:07+23:01"}
    )
    assert patched.status == 200
