"""Facts about the API as a whole: what a first caller meets."""

import json
import re

import pytest

from server.store.postgres import Database
from tests.server.api.conftest import Api, StartApi, until
from tests.server.conftest import Postgres, Redis


@pytest.mark.parametrize("path", ["/v1/analyze", "/v1/analyze/"])
async def test_both_spellings_of_the_path_answer_without_a_redirect(api: Api, path: str) -> None:
    reply = await api.call("POST", path, json={"prompt": "Translate this"}, headers={"X-API-Key": api.key})
    assert (reply.status, reply.body["data"]["intent"]) == (200, "translate")


async def test_the_second_answer_comes_from_the_cache(api: Api) -> None:
    first = await api.analyze("Summarize the minutes")
    second = await api.analyze("Summarize the minutes")
    assert [first.headers["X-Cache"], second.headers["X-Cache"]] == ["MISS", "HIT"]
    assert second.body["data"] == first.body["data"]
    assert (first.body["cached"], second.body["cached"]) == (False, True)


async def test_the_call_after_the_limit_is_refused_and_told_when_to_come_back(api: Api) -> None:
    key = await api.new_key(limit=3)
    replies = [await api.analyze("hello", key=key) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["2", "1", "0", "0"]
    assert int(replies[3].headers["Retry-After"]) > 3000
    assert replies[3].body["error"]["type"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("method", "path", "status", "type"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/analyze", 405, "method_not_allowed"),
        ("POST", "/v1/analyze", 401, "authentication_error"),
        ("POST", "/v1/api-keys/", 401, "authentication_error"),
        ("DELETE", "/v1/cache", 401, "authentication_error"),
        ("POST", "/v1/drill/faults", 404, "not_found"),
    ],
)
async def test_every_refusal_wears_the_envelope(
    api: Api, method: str, path: str, status: int, type: str
) -> None:
    reply = await api.call(method, path)
    assert (reply.status, reply.body["error"]["type"]) == (status, type)
    assert reply.body["request_id"] == reply.headers["X-Request-ID"]


async def test_an_answered_call_is_one_row_of_the_request_log_and_one_line(api: Api) -> None:
    headers = {"X-API-Key": api.key, "X-Request-ID": "abc-123"}
    await api.call("POST", "/v1/analyze", json={"prompt": "Write a poem"}, headers=headers)
    await until(lambda: "request_id: abc-123" in api.log_file.read_text())
    line = next(x for x in api.log_file.read_text().splitlines() if "abc-123" in x)
    assert json.loads(line)["message"].startswith("INFO POST /v1/analyze 200 ok request_id: abc-123")


async def test_a_refused_key_that_somebody_had_is_logged_with_its_owner(api: Api) -> None:
    made = (await api.admin("POST", "/v1/api-keys/", json={"name": "was-here"})).body
    await api.admin("DELETE", f"/v1/api-keys/{made['id']}")
    assert (await api.analyze("hello", key=made["key"])).status == 401
    await until(lambda: " 401 " in api.log_file.read_text())
    lines = [json.loads(line) for line in api.log_file.read_text().splitlines()]
    assert [line["api_key_id"] for line in lines if line.get("status") == 401] == [made["id"]]


async def test_the_metrics_that_the_rules_read_are_there_from_the_start(api: Api) -> None:
    await api.analyze("hello")
    text = (await api.call("GET", "/v1/metrics")).body
    names = {re.split(r"[{ ]", line)[0] for line in text.splitlines() if not line.startswith("#")}
    assert {
        "http_requests_total",
        "http_request_duration_seconds_bucket",
        "cache_hits_total",
        "cache_misses_total",
        "cache_entries",
        "rate_limit_exceeded_total",
        "auth_failures_total",
        "llm_requests_total",
        "llm_request_duration_seconds_bucket",
        "gateway_overhead_seconds_bucket",
        "event_loop_lag_seconds",
        "request_log_queue_depth",
        "request_log_dropped_total",
        "build_info",
    } <= names
    assert 'http_requests_total{handler="/v1/analyze",method="POST",status="200"} 1.0' in text


async def test_it_starts_and_answers_health_while_everything_is_away_and_comes_back_by_itself(
    start_api: StartApi, postgres: Postgres, redis: Redis, database_url: str
) -> None:
    postgres.stop()
    redis.stop()
    api = await start_api(ready=False, database_url=database_url, redis_url=redis.url)
    health = await api.call("GET", "/v1/health")
    assert health.status == 200
    reply = await api.analyze("hello", key="sp_" + "0" * 64)
    assert (reply.status, reply.body["error"]["type"]) == (503, "database_unavailable")
    postgres.start()
    redis.start()

    async def healthy() -> bool:
        return bool((await api.call("GET", "/v1/health")).body["status"] == "healthy")

    await until(healthy)
    await until(lambda: "migrated 0001_initial" in api.log_file.read_text())
    assert (await api.analyze("hello", key=await api.new_key())).status == 200


async def test_a_known_key_is_served_while_postgres_and_redis_are_away(
    api: Api, postgres: Postgres, redis: Redis
) -> None:
    assert (await api.analyze("hello")).status == 200
    postgres.stop()
    redis.stop()
    assert [(await api.analyze(f"hello {n}")).status for n in range(5)] == [200] * 5


async def test_a_fault_of_a_drill_is_caused_and_withdrawn(
    start_api: StartApi, database_url: str, redis_url: str
) -> None:
    api = await start_api(database_url=database_url, redis_url=redis_url, drill_token="drill")
    api.key = await api.new_key()
    path, token = "/v1/drill/faults", {"Authorization": "Bearer drill"}
    assert (await api.call("POST", path, json={"error_rate": 1})).status == 401
    assert (await api.call("POST", path, json={"error_rate": 1}, headers=token)).body["error_rate"] == 1
    assert (await api.analyze("hello")).status == 500
    await api.call("DELETE", path, headers=token)
    assert (await api.analyze("hello")).status == 200


async def test_a_redis_that_does_not_answer_costs_one_call_a_moment_and_no_call_its_answer(
    api: Api, redis: Redis
) -> None:
    assert (await api.analyze("hello")).status == 200
    redis.pause()
    replies = [await api.analyze(f"hello {n}") for n in range(40)]
    assert {reply.status for reply in replies} == {200}
    slow = [reply for reply in replies if reply.body["latency_ms"] > 40]
    assert len(slow) <= 5


async def test_redis_comes_back_and_is_used_again(api: Api, redis: Redis) -> None:
    redis.stop()
    assert (await api.analyze("hello")).status == 200
    redis.start()

    async def shared() -> bool:
        await api.analyze(f"hello {len(redis.client().keys('*'))}", cache_ttl=60)
        return bool(redis.client().keys("cache:*"))

    await until(shared)


async def test_an_operators_edit_of_a_limit_is_live_within_five_seconds(api: Api, database_url: str) -> None:
    key = await api.new_key("vip-customer", limit=1)
    assert [(await api.analyze("hello", key=key)).status for _ in range(2)] == [200, 429]
    database = Database(database_url)
    await database.execute(
        "UPDATE api_keys SET rate_limit_per_hour = 10000 WHERE name = %s", ("vip-customer",)
    )
    await database.close()

    async def live() -> bool:
        return (await api.analyze("hello", key=key)).status == 200

    await until(live, seconds=5)
