"""No secret and no control character gets past the edge, whichever field it comes in by."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.config import secret_values
from tests.server.ops.conftest import NOON, House, Metrics, Start

SECRET = "/correct-horse-battery"
CLIPBOARD = "\x1b]52;c;cm0gLXJmIC8=\x07"
ODD = f"{CLIPBOARD}\x9b31m\u202edrow\u200b"
CONTROLS = ("\x1b", "\x07", "\x9b", "\u202e", "\u200b")


@pytest.fixture
async def guarded(start: Start) -> AsyncIterator[House]:
    async with start(secrets=(SECRET,)) as house:
        yield house


def everything_kept(house: House) -> bytes:
    """Every byte of the state folder, tokens left out, the journal's own log included."""
    folder: Path = house.config.state
    return b"\n".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and "tokens" not in path.parts
    )


def posted(labels: dict[str, str], annotations: dict[str, str]) -> list[dict[str, Any]]:
    return [{"labels": {"alertname": "APIDown", **labels}, "annotations": annotations}]


async def test_controls_in_an_alert_are_written_out_and_the_alert_is_taken(house: House) -> None:
    body = posted({"alertname": f"API{ODD}Down", "instance": ODD}, {"summary": ODD})
    await house.post("/api/v2/alerts", body)
    (alert,) = (await house.get("/v1/alerts"))["alerts"]
    assert alert["alertname"].startswith("API\\x1b]52;c;")
    text = (await house.ask("GET", "/v1/snapshot"))[1]
    assert [char for char in CONTROLS if char in text] == []
    assert "\\\\u202edrow" in text


async def test_the_fingerprint_is_of_the_labels_as_they_were_sent(guarded: House) -> None:
    for value in (SECRET, "[redacted]"):
        await guarded.post("/api/v2/alerts", posted({"instance": value}, {}))
    alerts = (await guarded.get("/v1/alerts"))["alerts"]
    assert {alert["labels"]["instance"] for alert in alerts} == {"[redacted]"}
    assert len({alert["fingerprint"] for alert in alerts}) == 2


async def test_an_alert_of_any_size_takes_no_other_with_it(house: House) -> None:
    great = [
        {"labels": {"alertname": "A", "x": "v" * 5_000}},
        {"labels": {"alertname": "A", "n" * 2_000: "v"}},
        {"labels": {"alertname": "A", **{f"l{n}": "v" for n in range(200)}}},
        {"labels": {"alertname": "A"}, "annotations": {f"a{n}": "v" for n in range(200)}},
    ]
    long = {"labels": {"alertname": "B"}, "annotations": {"summary": "s" * 20_000}}
    assert (await house.ask("POST", "/api/v2/alerts", [*great, long]))[0] == 200
    (taken,) = (await house.get("/v1/alerts"))["alerts"]
    assert taken["annotations"]["summary"] == "s" * 16_384 + "… (3616 characters cut)"
    kept = (await house.get("/v1/quarantine"))["quarantined"]
    assert len(kept) == len(great)
    assert all("at most" in one["why"] for one in kept)


async def test_a_polled_alert_is_cleaned_too(start: Start, metrics: tuple[Metrics, str]) -> None:
    source, url = metrics
    labels = {"alertname": "APIDown", "instance": SECRET + ODD}
    source.alerts = [{"labels": labels, "annotations": {"summary": ODD}, "state": "firing"}]
    async with start(prometheus_url=url, secrets=(SECRET,)) as house:
        await house.built.timers.poll()
        await house.post("/api/v2/alerts", [{"labels": labels, "annotations": {"summary": ODD}}])
        (alert,) = (await house.get("/v1/alerts"))["alerts"]
        assert "[redacted]" in alert["labels"]["instance"]
        assert "\x1b" not in alert["annotations"]["summary"]
        assert SECRET.encode() not in everything_kept(house)
        passed_on = (await house.get("/v1/prometheus/alerts"))["data"]["alerts"]
        assert passed_on[0]["labels"]["alertname"] == "APIDown"
        assert "[redacted]" in passed_on[0]["labels"]["instance"]


FIELDS: list[tuple[str, str, Any]] = [
    ("POST", "/v1/incidents", {"title": SECRET, "service": SECRET}),
    ("POST", "/v1/incidents/1/major", {"reason": SECRET}),
    ("POST", "/v1/incidents/1/escalate", {"reason": SECRET}),
    ("POST", "/v1/incidents/1/severity", {"severity": "critical", "reason": SECRET}),
    ("POST", "/v1/incidents/1/assign", {"person": SECRET}),
    ("POST", "/v1/incidents/1/root-cause", {"text": SECRET}),
    ("POST", "/v1/incidents/1/followups", {"text": SECRET, "owner": SECRET}),
    ("POST", "/v1/incidents/1/links", {"url": f"https://example.com/?p={SECRET}"}),
    ("POST", "/v1/incidents/1/reports", {"text": SECRET}),
    ("POST", "/v1/pages", {"who": "L1", "text": SECRET}),
    ("POST", "/api/v2/alerts", posted({"password": SECRET, SECRET: "x"}, {"summary": f"see {SECRET}"})),
    ("POST", "/api/v2/alerts", [{"labels": {"alertname": "A"}, "generatorURL": f"http://x/?p={SECRET}"}]),
    ("POST", "/api/v2/alerts", [{"labels": {"alertname": 7, "p": SECRET}}]),
    (
        "POST",
        "/api/v2/silences",
        {
            "matchers": [
                {"name": "password", "value": SECRET, "isRegex": False},
                {"name": "other", "value": f"{SECRET}.*", "isRegex": True},
            ],
            "startsAt": NOON.isoformat(),
            "endsAt": (NOON + timedelta(hours=1)).isoformat(),
            "createdBy": SECRET,
            "comment": SECRET,
        },
    ),
    ("POST", "/v1/executions", {"execution_id": "run-1111111", "action": "greet", "confirm": SECRET}),
    (
        "POST",
        "/v1/executions",
        {
            "execution_id": "run-2222222",
            "action": "bar",
            "confirm": "bar",
            "params": {"client": SECRET},
            "for_s": 60,
        },
    ),
    (
        "POST",
        "/v1/executions",
        {
            "execution_id": "run-3333333",
            "action": "greet",
            "confirm": "greet",
            "params": {"word": SECRET},
            "break_glass": SECRET,
        },
    ),
    ("POST", "/v1/incidents/1/note", {"text": SECRET}),
    ("POST", "/v1/incidents/1/transition", {"to": "investigating", "version": 1, "reason": SECRET}),
    ("POST", "/v1/journal/notes", {"text": SECRET}),
    ("POST", "/v1/read-only", {"reason": SECRET}),
    ("POST", "/v1/read-only", {"reason": None}),
    (
        "POST",
        "/v1/drills",
        {
            "alert": SECRET,
            "runbook": "APIDown",
            "digest": SECRET,
            "passed": False,
            "failure": SECRET,
        },
    ),
    ("POST", "/v1/users", {"name": "ana", "role": "viewer"}),
]


async def test_no_field_of_any_request_brings_a_secret_into_the_journal(guarded: House, start: Start) -> None:
    await guarded.fire()
    for n, (method, path, body) in enumerate(FIELDS):
        for key in (f"{SECRET} {n}", f"plain {n}"):
            status, _ = await guarded.ask(method, path, body, **{"Idempotency-Key": key})
            assert status < 500, (path, body)
    (guarded.config.state / "unjournalled.jsonl").write_bytes(
        b"\n".join(
            msgspec.json.encode(line)
            for line in (
                {"at": SECRET, "actor": SECRET, "action": SECRET, "object": SECRET, "argv": [SECRET]},
                [SECRET],
            )
        )
    )
    await guarded.tick(seconds=1)
    await asyncio.gather(*(guarded.settled(f"run-{n}{n}{n}{n}{n}{n}{n}") for n in (2, 3)))
    found = everything_kept(guarded)
    assert SECRET.encode() not in found
    assert found.count(b"[redacted]") > len(FIELDS)
    for path in ("/v1/audit?limit=1000", "/v1/incidents?all=1", "/v1/executions", "/api/v2/silences"):
        assert SECRET not in str(await guarded.get(path)), path


async def test_a_silence_about_a_secret_label_silences_its_alert(guarded: House) -> None:
    await guarded.post(
        "/api/v2/silences", next(body for _, path, body in FIELDS if path == "/api/v2/silences")
    )
    labels = {"password": SECRET, "other": f"{SECRET} and more"}
    await guarded.post("/api/v2/alerts", posted(labels, {}))
    (alert,) = (await guarded.get("/v1/alerts"))["alerts"]
    assert len(alert["silenced_by"]) == 1


async def test_two_secret_keys_are_two_keys(guarded: House) -> None:
    await guarded.fire()
    note = {"text": "once"}
    for key in (SECRET + "1", SECRET + "1", SECRET + "2"):
        await guarded.ask("POST", "/v1/journal/notes", note, **{"Idempotency-Key": key})
    kinds = [entry["kind"] for entry in (await guarded.get("/v1/audit?limit=1000"))["entries"]]
    assert kinds.count("hand.done") == 2


async def test_who_names_a_secret_is_excluded_by_the_lock_of_whoever_names_it_too(guarded: House) -> None:
    run = {"action": "bar", "confirm": "bar", "params": {"client": SECRET}, "for_s": 60}
    plan = await guarded.post("/v1/executions/plan", {"execution_id": "run-1111111", **run})
    assert SECRET not in str(plan["locks"])


@pytest.mark.parametrize(
    ("env", "secrets"),
    [
        ({"API_KEY": "/begins/with/a/slash"}, {"/begins/with/a/slash"}),
        ({"SENTRY_DSN": "abcdefgh"}, {"abcdefgh"}),
        ({"SMTP_PASS": "abcdefgh"}, {"abcdefgh"}),
        ({"SIGNING_KEY": "abcdefgh"}, {"abcdefgh"}),
        ({"DATABASE_URL": "postgresql://u:p%2Fw@h/d"}, {"p%2Fw", "p/w"}),
        ({"ANY": "redis://:se@cret@h:1/0"}, {"se@cret"}),
        ({"ANY": "a://u:one@h,b://v:two@i"}, {"one", "two"}),
        ({"ANY": "host=h password=hunter22 user=u"}, {"hunter22"}),
    ],
)
def test_what_an_environment_holds_that_is_secret(env: dict[str, str], secrets: set[str]) -> None:
    assert secrets <= set(secret_values(env))


@pytest.mark.parametrize(
    "env",
    [
        {"PWD": "/srv/somewhere"},
        {"TOKEN_FILE": "/etc/hosts"},
        {"SIGNING_KEY": "/etc/hosts"},
        {"DATABASE_URL": "postgresql://postgres:postgres@h/d"},
    ],
)
def test_what_is_no_secret(env: dict[str, str]) -> None:
    assert list(secret_values(env)) == []
