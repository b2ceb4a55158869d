"""Facts about the paths beside analyze: batch, usage, keys, settings, cache, documents."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.api.providers import embedded
from server.api.providers.local.understand import understand
from server.api.providers.provider_config import ProviderConfig
from tests.server.api.conftest import ADMIN, Api, StartApi, until
from tests.server.api.providers.fake_model import GOOD, Raw, fake_model


def _keyed(api: Api) -> dict[str, str]:
    return {"X-API-Key": api.key}


async def test_a_batch_keeps_its_order_and_each_item_its_status(api: Api) -> None:
    items = [{"prompt": "Translate a"}, {"prompt": ""}, {"prompt": "Translate a"}, {"prompt": "Summarize b"}]
    reply = await api.call("POST", "/v1/analyze/batch", json={"items": items}, headers=_keyed(api))
    results = reply.body["results"]
    assert [result["status"] for result in results] == [200, 422, 200, 200]
    assert [result["index"] for result in results] == [0, 1, 2, 3]
    assert results[3]["response"]["data"]["intent"] == "summarize"
    assert (reply.body["succeeded"], reply.body["failed"]) == (3, 1)


async def test_an_item_that_is_no_object_fails_alone(api: Api) -> None:
    items: list[object] = [{"prompt": "hello"}, 5, None, ["prompt"], {"prompt": 5}]
    reply = await api.call("POST", "/v1/analyze/batch", json={"items": items}, headers=_keyed(api))
    outcomes = reply.body["results"]
    assert [outcome["status"] for outcome in outcomes] == [200, 422, 422, 422, 422]
    assert "got `int`" in outcomes[1]["error"]["message"]


async def test_equal_items_of_a_batch_ask_the_provider_once(api: Api) -> None:
    items = [{"prompt": "Translate a", "cache_ttl": 0}] * 20
    await api.call("POST", "/v1/analyze/batch", json={"items": items}, headers=_keyed(api))
    text = (await api.call("GET", "/v1/metrics")).body
    assert 'llm_requests_total{outcome="ok",provider="local"} 1.0' in text


async def test_a_batch_weighs_as_many_calls_as_it_has_items(api: Api) -> None:
    key = await api.new_key(limit=10)
    body = {"items": [{"prompt": f"hello {n}"} for n in range(6)]}
    first = await api.call("POST", "/v1/analyze/batch", json=body, headers={"X-API-Key": key})
    second = await api.call("POST", "/v1/analyze/batch", json=body, headers={"X-API-Key": key})
    assert (first.status, first.headers["X-RateLimit-Remaining"], second.status) == (200, "4", 429)


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_of_no_or_too_many_items_is_refused(api: Api, count: int) -> None:
    body = {"items": [{"prompt": "hello"}] * count}
    reply = await api.call("POST", "/v1/analyze/batch", json=body, headers=_keyed(api))
    assert (reply.status, reply.body["error"]["field"]) == (422, "items")


async def test_usage_counts_the_callers_own_calls(api: Api) -> None:
    await api.analyze("hello")
    await api.analyze("hello")

    async def usage() -> Any:
        return (await api.call("GET", "/v1/usage", headers=_keyed(api))).body

    async def counted() -> bool:
        return bool((await usage())["total_requests"] == 2)

    await until(counted)
    assert {
        k: v for k, v in (await usage()).items() if k in ("cache_hits", "cache_hit_rate", "total_errors")
    } == {
        "cache_hits": 1,
        "cache_hit_rate": 0.5,
        "total_errors": 0,
    }


async def test_providers_and_cache_figures_come_from_what_is_running(api: Api) -> None:
    await api.analyze("hello")
    await api.analyze("hello")
    providers = (await api.call("GET", "/v1/analyze/providers", headers=_keyed(api))).body
    assert [(p["name"], p["breaker"], p["available"]) for p in providers["providers"]] == [
        ("local", "closed", True)
    ]
    stats = (await api.call("GET", "/v1/analyze/cache/stats", headers=_keyed(api))).body
    assert (stats["hits"], stats["misses"], stats["hit_rate"], stats["local_entries"]) == (1, 1, 0.5, 1)


async def test_xml_is_the_same_answer_and_cached_once(api: Api) -> None:
    as_json = await api.analyze("Translate a")
    as_xml = await api.analyze("Translate a", output_format="xml")
    assert (as_xml.headers["X-Cache"], as_xml.headers["Content-Type"]) == (
        "HIT",
        "application/xml; charset=utf-8",
    )
    assert f"<intent>{as_json.body['data']['intent']}</intent>" in as_xml.body


async def test_a_key_lives_from_creation_over_rotation_to_its_end(api: Api) -> None:
    made = (await api.admin("POST", "/v1/api-keys/", json={"name": "vip", "rate_limit_per_hour": 5})).body
    assert (made["key"][:3], len(made["key"]), made["rate_limit_per_hour"]) == ("sp_", 67, 5)
    shown = (await api.admin("GET", f"/v1/api-keys/{made['id']}")).body
    assert "key" not in shown
    rotated = (await api.admin("POST", f"/v1/api-keys/{made['id']}/rotate")).body
    assert (await api.analyze("hello", key=rotated["key"])).status == 200

    async def old_key_is_dead() -> bool:
        return (await api.analyze("hello", key=made["key"])).status == 401

    await until(old_key_is_dead)
    assert (await api.admin("DELETE", f"/v1/api-keys/{made['id']}")).status == 204
    assert (await api.analyze("hello", key=rotated["key"])).status == 401
    assert (await api.admin("POST", f"/v1/api-keys/{made['id']}/activate")).body["is_active"] is True
    assert (await api.analyze("hello", key=rotated["key"])).status == 200


async def test_a_changed_limit_counts_at_once_and_null_follows_the_default(api: Api) -> None:
    made = (await api.admin("POST", "/v1/api-keys/", json={"name": "vip", "rate_limit_per_hour": 1})).body
    path = f"/v1/api-keys/{made['id']}"
    assert [(await api.analyze("hello", key=made["key"])).status for _ in range(2)] == [200, 429]
    await api.admin("PATCH", path, json={"rate_limit_per_hour": 2})
    assert [(await api.analyze("hello", key=made["key"])).status for _ in range(2)] == [200, 429]
    assert (await api.admin("PATCH", path, json={"rate_limit_per_hour": None})).body[
        "rate_limit_per_hour"
    ] == 1000


async def test_keys_are_listed_in_pages(api: Api) -> None:
    for n in range(3):
        await api.new_key(f"page-{n}")
    first = (await api.admin("GET", "/v1/api-keys/?limit=3")).body
    rest = (await api.admin("GET", f"/v1/api-keys/?limit=3&after={first['next_after']}")).body
    assert [k["name"] for k in first["keys"] + rest["keys"]] == ["test", "page-0", "page-1", "page-2"]
    assert rest["next_after"] is None


async def test_a_key_past_its_end_is_refused(api: Api) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat()
    made = (await api.admin("POST", "/v1/api-keys/", json={"name": "brief", "expires_at": soon})).body

    async def expired() -> bool:
        reply = await api.analyze("hello", key=made["key"])
        return reply.status == 401 and "expired" in reply.body["error"]["message"]

    await until(expired)


async def test_a_second_temporary_value_lies_over_the_first_and_each_ends_by_itself(api: Api) -> None:
    async def ttl() -> int:
        return int((await api.admin("GET", "/v1/settings")).body["settings"]["cache_default_ttl"])

    async def set_for(seconds: int, lasting_s: float) -> None:
        until_at = (datetime.now(UTC) + timedelta(seconds=lasting_s)).isoformat()
        patch = {"cache_default_ttl": seconds, "until": until_at}
        assert (await api.admin("PATCH", "/v1/settings", json=patch)).status == 200

    await set_for(7200, 3600)
    await set_for(60, 2)
    shown = (await api.admin("GET", "/v1/settings")).body["temporary"]
    assert [one["name"] for one in shown] == ["cache_default_ttl"] * 2
    assert await ttl() == 60

    async def first_is_back() -> bool:
        return await ttl() == 7200

    await until(first_is_back)
    await api.admin("PATCH", "/v1/settings", json={"cache_default_ttl": 1800})
    assert (await ttl(), (await api.admin("GET", "/v1/settings")).body["temporary"]) == (1800, [])
    await api.admin("PATCH", "/v1/settings", json={"cache_default_ttl": None})


async def test_settings_are_live_for_a_time_and_then_as_before(api: Api) -> None:
    until_at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    changed = await api.admin("PATCH", "/v1/settings", json={"cache_default_ttl": 7, "until": until_at})
    assert changed.body["settings"]["cache_default_ttl"] == 7
    assert [t["name"] for t in changed.body["temporary"]] == ["cache_default_ttl"]
    assert "cache_default_ttl_seconds 7.0" in (await api.call("GET", "/v1/metrics")).body

    async def back() -> bool:
        return bool((await api.admin("GET", "/v1/settings")).body["settings"]["cache_default_ttl"] == 3600)

    await until(back)


async def test_a_blocked_client_is_refused_and_let_in_again(api: Api) -> None:
    await api.admin("PATCH", "/v1/settings", json={"blocked_clients": ["test"]})
    assert (await api.analyze("hello")).status == 403
    await api.admin("PATCH", "/v1/settings", json={"blocked_clients": None})
    assert (await api.analyze("hello")).status == 200


async def test_clearing_the_cache_removes_answers_and_no_rate_limit(api: Api, redis: Any) -> None:
    await api.analyze("hello")
    client = redis.client()
    await until(lambda: client.keys("cache:*"))
    before = set(client.keys("rate_limit:*"))
    assert before and client.keys("cache:*")
    assert (await api.admin("DELETE", "/v1/cache")).body["removed"] == 1
    assert set(client.keys("*")) == before | {b"cache_generation"}
    assert (await api.analyze("hello")).headers["X-Cache"] == "MISS"


async def test_every_route_is_documented_and_the_reverse(api: Api) -> None:
    document = (await api.call("GET", "/openapi.json")).body
    documented = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    served = {
        (r.method, path)
        for r in api.service.table
        for path in ((r.path, r.path + "/") if r.both else (r.path,))
    }
    assert served == documented
    assert document["openapi"] == "3.1.0"
    assert "Structured Prompt Service" in (await api.call("GET", "/docs")).body


async def test_problem_json_is_spoken_to_who_asks_for_it(api: Api) -> None:
    reply = await api.call("GET", "/nowhere", headers={"Accept": "application/problem+json", **ADMIN})
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.body["status"], reply.body["title"]) == (404, "not found")


async def test_head_is_answered_wherever_get_is(api: Api) -> None:
    for route in api.service.table:
        if route.method != "GET":
            continue
        path = route.path.replace("{id}", "00000000-0000-7000-8000-000000000001")
        headers = {"X-API-Key": api.key, **ADMIN}
        get = await api.call("GET", path, headers=headers)
        head = await api.call("HEAD", path, headers=headers)
        assert (head.status, head.body or "") == (get.status, ""), path
    refused = await api.call("DELETE", "/v1/health")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


async def test_a_whole_number_may_be_written_with_a_point(api: Api) -> None:
    assert (await api.analyze("hello", max_tokens=100.0)).status == 200


async def test_the_document_names_the_providers(api: Api) -> None:
    document = (await api.call("GET", "/openapi.json")).body
    fields = document["components"]["schemas"]["AnalyzeRequest"]["properties"]
    assert fields["llm_provider"]["enum"] == ["auto", "local"]
    assert (
        document["components"]["schemas"]["KeyRequest"]["properties"]["expires_at"]["anyOf"][0]["format"]
        == "date-time"
    )


async def test_the_index_says_where_to_go(api: Api) -> None:
    index = (await api.call("GET", "/")).body
    assert (index["openapi"], index["docs"], index["health"]) == ("/openapi.json", "/docs", "/v1/health")


async def test_requests_in_flight_are_shown(start_api: StartApi, database_url: str, redis_url: str) -> None:
    async with fake_model() as model:
        model.gate.clear()
        remote = ProviderConfig(name="m", kind="openai", base_url=model.url, model="m")
        api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote,))
        api.key = await api.new_key(limit=1000)
        calls = [asyncio.ensure_future(api.analyze(f"hello {n}")) for n in range(3)]
        await until(lambda: len(model.asked) == 3)
        assert "http_requests_in_flight 4.0" in (await api.call("GET", "/v1/metrics")).body
        model.gate.set()
        assert {reply.status for reply in await asyncio.gather(*calls)} == {200}


async def test_a_fallback_says_so_and_is_kept_a_minute_at_most(
    start_api: StartApi, database_url: str, redis_url: str, redis: Any
) -> None:
    async with fake_model() as model:
        model.says = [(500, {})]
        remote = ProviderConfig(name="m", kind="openai", base_url=model.url, model="m-1")
        local = ProviderConfig(name="local", kind="local")
        api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote, local))
        api.key = await api.new_key(limit=1000)
        for word in ("MISS", "HIT"):
            reply = await api.analyze("Translate a")
            assert reply.headers["X-Cache"] == word
            assert (reply.body["fallback"], reply.body["providers_tried"], reply.body["llm_provider"]) == (
                True,
                ["m", "local"],
                "local",
            )
        client = redis.client()
        await until(lambda: client.keys("cache:*"))
        assert 0 < client.pttl(client.keys("cache:*")[0]) <= 60_000
        model.says = [GOOD]
        reply = await api.analyze("Translate b")
        assert ("fallback" in reply.body, reply.body["llm_provider"], reply.body["input_tokens"]) == (
            False,
            "m",
            20,
        )


async def test_a_refused_key_degrades_health_and_is_an_error_in_the_log(
    start_api: StartApi, database_url: str, redis_url: str
) -> None:
    async with fake_model() as model:
        model.says = [
            Raw(status=401, body='{"error":{"message":"Incorrect API key provided: sk-secret123456"}}')
        ]
        remote = ProviderConfig(
            name="m", kind="openai", base_url=model.url, model="m-1", api_key="sk-secret123456"
        )
        local = ProviderConfig(name="local", kind="local")
        api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote, local))
        api.key = await api.new_key(limit=1000)
        assert (await api.analyze("hello")).body["fallback"] is True
        await api.service.probe.probe()
        health = (await api.call("GET", "/v1/health")).body
        assert (health["status"], health["dependencies"]["llm"]["detail"]) == ("degraded", "key refused: m")
        assert 'llm_key_refused{provider="m"} 1.0' in (await api.call("GET", "/v1/metrics")).body
        await until(lambda: "provider_key_refused" in api.log_file.read_text())
        line = next(line for line in api.log_file.read_text().splitlines() if "provider_key_refused" in line)
        assert '"ERROR"' in line and "secret123456" not in line


async def test_an_outage_tells_a_tenant_nothing_of_upstream(
    start_api: StartApi, database_url: str, redis_url: str
) -> None:
    async with fake_model() as model:
        model.says = [Raw(status=500, body="internal host db-7.corp has no disk")]
        remote = ProviderConfig(name="m", kind="openai", base_url=model.url, model="m-1")
        api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote,))
        api.key = await api.new_key(limit=1000)
        reply = await api.analyze("hello")
        assert (reply.status, "corp" in str(reply.body)) == (502, False)


async def test_tokens_of_a_failed_answer_are_used_all_the_same(
    start_api: StartApi, database_url: str, redis_url: str
) -> None:
    async with fake_model() as model:
        model.says = ["I would rather not."]
        remote = ProviderConfig(name="m", kind="openai", base_url=model.url, model="m-1")
        api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote,))
        api.key = await api.new_key(limit=1000)
        assert (await api.analyze("hello")).status == 502

        async def counted() -> bool:
            usage = (await api.call("GET", "/v1/usage", headers=_keyed(api))).body
            return bool(usage["total_tokens"] == 63 and usage["days"][0]["input_tokens"] == 60)

        await until(counted)


@pytest.mark.parametrize("path", ["/v1/api-keys?limit=" + "5" * 5000, "/v1/api-keys?limit=\u00b2"])
async def test_a_limit_that_is_no_number_is_422(api: Api, path: str) -> None:
    assert (await api.admin("GET", path)).status == 422


async def test_one_items_fault_fails_that_item_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(prompt: str) -> Any:
        if "boom" in prompt:
            raise ZeroDivisionError("a fault of ours")
        return understand(prompt)

    monkeypatch.setattr(embedded, "understand", broken)
    items = [{"prompt": "Translate a"}, {"prompt": "boom"}, {"prompt": "Summarize b"}]
    reply = await api.call("POST", "/v1/analyze/batch", json={"items": items}, headers=_keyed(api))
    assert [result["status"] for result in reply.body["results"]] == [200, 500, 200]
    assert reply.body["results"][1]["error"]["type"] == "internal_error"


async def _blocked(api: Api) -> set[str]:
    return set((await api.admin("GET", "/v1/settings")).body["settings"]["blocked_clients"])


async def _block(api: Api, client: str, seconds: float | None = None) -> None:
    until_at = None if seconds is None else (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    reply = await api.admin("PATCH", "/v1/settings", json={"block": [client], "until": until_at})
    assert reply.status == 200, reply.body


async def test_each_block_has_its_own_end_and_the_shorter_ones_end_lifts_no_other(api: Api) -> None:
    await _block(api, "long", 3600)
    await _block(api, "short", 1)
    assert await _blocked(api) == {"long", "short"}

    async def shorter() -> bool:
        return await _blocked(api) == {"long"}

    await until(shorter)
    ends = (await api.admin("GET", "/v1/settings")).body["temporary"]
    assert [(end["name"], end["item"]) for end in ends] == [("blocked_clients", "long")]


async def test_a_block_for_good_makes_no_other_block_one_for_good(api: Api) -> None:
    await _block(api, "for-a-second", 1)
    await _block(api, "for-good")

    async def ended() -> bool:
        return await _blocked(api) == {"for-good"}

    await until(ended)
    assert (await api.admin("GET", "/v1/settings")).body["temporary"] == []


async def test_a_block_for_a_time_that_is_made_one_for_good_stays(api: Api) -> None:
    await _block(api, "test", 1)
    await _block(api, "test")
    await _block(api, "witness", 1)

    async def witness_is_back() -> bool:
        return "witness" not in await _blocked(api)

    await until(witness_is_back)
    assert await _blocked(api) == {"test"}
    assert (await api.analyze("hello")).status == 403


async def test_letting_one_in_lets_in_no_other_however_they_were_blocked(api: Api) -> None:
    await api.admin("PATCH", "/v1/settings", json={"blocked_clients": ["listed", "test"]})
    await _block(api, "for-an-hour", 3600)
    await _block(api, "for-good")
    assert (await api.analyze("hello")).status == 403
    await api.admin("PATCH", "/v1/settings", json={"unblock": ["test", "for-good"]})
    assert await _blocked(api) == {"listed", "for-an-hour"}
    assert (await api.analyze("hello")).status == 200
    await api.admin("PATCH", "/v1/settings", json={"blocked_clients": None})
    assert await _blocked(api) == set()
