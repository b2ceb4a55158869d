"""What is tried: each attempt does its worst and raises ``FellError`` where the right outcome does not come."""

import asyncio
import os
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import aiohttp
import msgspec
from aiohttp import web

from console.ops_api.client import DaemonAccess, OpsClient
from runbooks.wire import ExecutionRequest, ExecutionView, ParamView
from server.ops.app import daemon
from server.ops.config import OpsConfig
from tests.attack.throwaway_stack import ThrowawayStack
from tests.hostile import Odd, odd_answers, routes_of, send_again

_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_GROWTH = 1.25
_GROWTH_BYTES = 48 * 1024**2
_SETTLES_S = 60.0
_TRIES, _RETRY_S = 5, 2.0


class FellError(Exception):
    """An attempt had the outcome that it must not have; the message says which."""


class Attempt(NamedTuple):
    """One thing that is tried."""

    name: str
    run: Callable[[ThrowawayStack], None]


def hold(holds: object, why: object) -> None:
    """Raises ``FellError`` where it does not hold."""
    if not holds:
        raise FellError(str(why)[:2_000])


def eventually(look: Callable[[], Any], what: str, within_s: float = _SETTLES_S) -> Any:
    """What ``look`` answers once that is true; raises ``FellError`` where it does not become so."""
    until = time.monotonic() + within_s
    while not (answer := look()):
        if time.monotonic() > until:
            raise FellError(f"{what}: not within {within_s:.0f} s")
        time.sleep(0.1)
    return answer


def turns_go_on(stack: ThrowawayStack) -> None:
    """The daemon's clock, its lists and its page go on."""
    before = stack.get("/v1/health")["last_success"]["turns"]
    eventually(lambda: stack.get("/v1/health")["last_success"]["turns"] > before, "another turn")
    parts = stack.get("/v1/health")["parts"]
    for part in ("turns", "publishing", "stream", "views", "journal"):
        hold(parts.get(part, "ok") == "ok", parts)
    stack.get("/v1/alerts")
    stack.get("/v1/incidents")


def alert(name: str = "APIDown", **members: Any) -> dict[str, Any]:
    """One alert as a sender writes it."""
    return {"labels": {"alertname": name, "severity": "critical", "service": "api"}, **members}


def post(stack: ThrowawayStack, path: str, body: bytes, token: str = "admin") -> tuple[int, bytes]:
    """Status and answer of a POST over a plain socket."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {stack.token(token)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.port_base + 1), timeout=30) as link:
        link.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: link.recv(65_536), b""))
    return int(answer[9:12]), answer


def take(stack: ThrowawayStack, *alerts: Any) -> None:
    """Has alerts taken; raises ``FellError`` where the batch is refused."""
    status, answer = post(stack, "/api/v2/alerts", msgspec.json.encode(alerts), "ingest")
    hold(status == 200, answer)


def foreign_numbers(stack: ThrowawayStack) -> None:
    """Durations, numbers and times without measure, one in a batch with a good alert each."""
    for n, odd in enumerate(
        (
            alert(annotations={"mttr_target": "100000y"}),
            alert(annotations={"mttr_target": "9" * 5_000}),
            alert(startsAt="0001-01-01T00:00:00+23:59", endsAt="9999-12-31T23:59:59-23:59"),
            alert("Watchdog", endsAt="9999-12-31T23:59:59Z"),
        )
    ):
        take(stack, odd, alert(f"Good{n}"))
    body = (
        b'[{"labels":{"alertname":"Deep","x":'
        + b"[" * 50_000
        + b"]" * 50_000
        + b'}},{"labels":{"alertname":"Good9"}}]'
    )
    hold(post(stack, "/api/v2/alerts", body, "ingest")[0] in (200, 400), "a nested batch")
    names = {one["alertname"] for one in stack.get("/v1/alerts")["alerts"]}
    hold({"Good0", "Good1", "Good2", "Good3", "Good9"} <= names, names)
    turns_go_on(stack)


def sizes(stack: ThrowawayStack) -> None:
    """Labels and annotations without measure; each is quarantined or cut by itself."""
    long, many = {"x": "v" * 100_000}, {f"l{n}": "v" for n in range(5_000)}
    take(stack, *({"labels": {"alertname": "Great", **labels}} for labels in (long, many)), alert("Beside"))
    take(stack, alert("Cut", annotations={"summary": "s" * 1_000_000}))
    shown = {one["alertname"]: one for one in stack.get("/v1/alerts")["alerts"]}
    hold("Beside" in shown and "Great" not in shown, sorted(shown))
    hold(len(shown["Cut"]["annotations"]["summary"]) < 20_000, "an annotation of a million characters")


def patterns(stack: ThrowawayStack) -> None:
    """Texts and expressions that make a backtracking engine stand still."""
    for text in (
        "eyJ" * 5_000,
        "://a:" * 3_000,
        "-----BEGIN PRIVATE KEY-----" * 500,
        "/a.md#" * 2_700 + "\n!",
    ):
        take(stack, alert("Slow", annotations={"summary": text, "runbook_url": text}))
    filters = ['alertname=~"(a+)+$"', 'alertname=~"(x?){1000}"', 'alertname=~"("']
    for text in filters:
        with_status(stack, "ops", f"/api/v2/alerts?filter={quote(text)}", (200, 400))
    for query in (" " * 20_000 + "\0", "1" * 20_000, '{a=~"(a+)+$"}', "#" * 20_000):
        with_status(stack, "evaluator", f"/api/v1/query?query={quote(query[:7_000])}", (200, 400, 422))
    turns_go_on(stack)


def with_status(stack: ThrowawayStack, service: str, target: str, right: Iterable[int]) -> None:
    """A GET whose status must be one of these, within ten seconds."""
    port = stack.port_base + {"api": 0, "ops": 1, "status": 2, "evaluator": 3}[service]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {stack.token('admin')}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: link.recv(65_536), b""))
    hold(int(answer[9:12]) in right, (target[:80], answer[:300]))


def orders(stack: ThrowawayStack) -> None:
    """Sequences that a terminal obeys, in names, texts and logs."""
    odd = "x\x1b]52;c;cm0gLXJmIC8=\x07\x9b31m\u202egnp\u200b"
    take(stack, {"labels": {"alertname": f"Odd{odd}", "instance": odd}, "annotations": {"summary": odd}})
    log = next(iter((stack.state / "logs").glob("postgres*")), None) or stack.state / "logs" / "postgres.log"
    with log.open("a") as file:
        file.write(f"LOG: {odd}\n")
    for words in (("alerts",), ("alerts", "--json"), ("incidents",), ("logs", "postgres"), ("executions",)):
        shown = stack.ops(*words, expect=None)
        hold(_ORDERS.search(shown) is None, (words, shown[-300:]))


def secrets_everywhere(stack: ThrowawayStack) -> None:
    """A known secret in every field that is kept."""
    secret = stack.token("admin")
    now = datetime.now(UTC)
    bodies: list[tuple[str, Any]] = [
        (
            "/api/v2/alerts",
            [{"labels": {"alertname": "Leak", "p": secret}, "annotations": {"summary": secret}}],
        ),
        ("/api/v2/alerts", [{"labels": {"alertname": 7, "p": secret}}]),
        (
            "/api/v2/silences",
            {
                "matchers": [{"name": "p", "value": secret, "isRegex": False}],
                "startsAt": now.isoformat(),
                "endsAt": (now + timedelta(minutes=1)).isoformat(),
                "createdBy": secret,
                "comment": secret,
            },
        ),
        ("/v1/executions", {"execution_id": "attack-leak-1", "action": "clear-cache", "confirm": secret}),
        ("/v1/journal/notes", {"text": secret}),
        (
            "/v1/drills",
            {"alert": secret, "runbook": "APIDown", "digest": secret, "passed": False, "failure": secret},
        ),
    ]
    for path, body in bodies:
        status, answer = post(stack, path, msgspec.json.encode(body))
        hold(status < 500, answer)
    kept = stack.everything_kept()
    hold(secret.encode() not in kept, "a secret is in the state folder")
    hold(b"[redacted]" in kept, "nothing was kept at all")


def run_step(stack: ThrowawayStack, step: str) -> str:
    """Begins a step of the attack's own runbook; its id."""
    execution_id = f"attack-{step}-{int(time.time() * 1000)}"
    stack.client().execute(ExecutionRequest(execution_id=execution_id, runbook="Attack", step=step))
    return execution_id


def ended(stack: ThrowawayStack, execution_id: str, within_s: float = _SETTLES_S) -> ExecutionView:
    """The execution, once it no longer runs."""

    def look() -> ExecutionView | None:
        shown = stack.client().execution(execution_id)
        return shown if shown.state != "running" else None

    found: ExecutionView = eventually(look, f"the end of {execution_id}", within_s)
    return found


def still_there(execution_id: str) -> list[int]:
    """Processes that have the mark of an execution."""
    mark = f"OPS_EXECUTION={execution_id}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
        except OSError:
            continue
    return found


def _nobody_of(execution_id: str) -> bool:
    return not still_there(execution_id)


def forks(stack: ThrowawayStack) -> None:
    """Steps that hop from process to process, or multiply, to outrun the kill."""
    for step in ("hop", "multiply"):
        execution_id = run_step(stack, step)
        shown = ended(stack, execution_id)
        hold(not shown.survivors and "not confirmed" not in (shown.reason or ""), shown)
        eventually(partial(_nobody_of, execution_id), f"nobody of {step}", 5)


def memory_of_a_step(stack: ThrowawayStack) -> None:
    """A step that takes six gigabytes fails alone."""
    shown = ended(stack, run_step(stack, "swallow"))
    hold(shown.state == "failed", shown)
    turns_go_on(stack)


def stopped_shim(stack: ThrowawayStack) -> None:
    """A shim that somebody stops keeps neither its step nor its lock for ever."""
    execution_id = run_step(stack, "linger")
    eventually(lambda: stack.client().execution(execution_id).pid, "its pid")
    step = stack.client().execution(execution_id).pid or 0
    parent = int(Path(f"/proc/{step}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGSTOP)
    hold(ended(stack, execution_id).state == "timed_out", "not timed out")
    hold(not still_there(execution_id), "its processes are still there")


def looking(stack: ThrowawayStack) -> None:
    """A viewer's plans and verifications write nothing and keep no step from its start."""
    viewer = DaemonAccess(stack.url("ops"), stack.client().add_user("attack-viewer", "viewer").token)
    head = stack.get("/v1/health")["journal"]["seq"]
    plan = b'{"execution_id": "attack-plan-1", "runbook": "Attack", "step": "look"}'
    before = len(_receipts(stack))
    for n in range(200):
        status = _plan_with_key(viewer, plan, f"key-{n}")
        hold(status == 200, status)
    hold(len(_receipts(stack)) == before, f"receipts of a viewer, from event {head} on")
    with ThreadPoolExecutor(24) as pool:
        verdicts = [pool.submit(OpsClient(viewer).verify_audit) for _ in range(24)]
        began = time.monotonic()
        ended(stack, run_step(stack, "look"), within_s=20)
        hold(all(v.result(timeout=60).ok for v in verdicts), "the audit log is not sound")
    hold(time.monotonic() - began < 60, "a step had to wait for those who only look")


def _receipts(stack: ThrowawayStack) -> list[Any]:
    entries = stack.get("/v1/audit?limit=10000")["entries"]
    return [entry for entry in entries if entry["kind"].startswith("request.")]


def _plan_with_key(access: DaemonAccess, body: bytes, key: str) -> int:
    request = urllib.request.Request(
        f"{access.url}/v1/executions/plan",
        data=body,
        headers={**access.headers, "Content-Type": "application/json", "Idempotency-Key": key},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(answer.status)


def _value_for(param: ParamView) -> str:
    """A value that the parameter takes."""
    if param.pattern is not None:
        return "20260101-000000.dump"
    return param.choices[0] if param.choices else "1"


def withdrawn_approval(stack: ThrowawayStack) -> None:
    """What somebody agreed to who was revoked since is asked for again."""
    names = ("attack-ana", "attack-bo")
    ana, bo = (
        OpsClient(DaemonAccess(stack.url("ops"), stack.client().add_user(name, "approver").token))
        for name in names
    )
    plans = [one for one in stack.client().actions() if one.people > 1 and one.available]
    hold(plans, "no action takes two people")
    params = {param.name: _value_for(param) for param in plans[0].params if param.required}
    request = ExecutionRequest(execution_id="attack-approval", action=plans[0].name, params=params)
    asked = ana.ask_approval(request)
    bo.approve(asked.id)
    stack.client().revoke_user(names[1])
    shown = next(one for one in stack.get("/v1/approvals?all=1")["approvals"] if one["id"] == asked.id)
    hold(shown["state"] == "asked", shown)


def odd_public_folder(stack: ThrowawayStack) -> None:
    """Loops of links and damaged manifests in the public folder; the page goes on."""
    public = stack.state / "public"
    for n, damage in enumerate((_loop_of_links, _naive_times, _pipe)):
        damage(public, n)
        for _ in range(3):
            time.sleep(0.5)
            with_status(stack, "status", "/", (200,))
            with_status(stack, "status", "/healthz", (200,))


def _point(public: Path, target: str) -> None:
    (public / ".attack").unlink(missing_ok=True)
    (public / ".attack").symlink_to(target)
    (public / ".attack").replace(public / "current")


def _loop_of_links(public: Path, n: int) -> None:
    (public / "round").unlink(missing_ok=True)
    (public / "round").symlink_to("current")
    _point(public, "round")


def _naive_times(public: Path, n: int) -> None:
    folder = public / "snapshots" / f"{time.time_ns():020}"
    folder.mkdir()
    manifest = (
        b'{"published_at":"2026-03-01T00:00:00","changed_at":"2026-03-01T00:00:00","live":{},"stale":{}}'
    )
    (folder / "manifest.json").write_bytes(manifest)
    _point(public, f"snapshots/{folder.name}")


def _pipe(public: Path, n: int) -> None:
    folder = public / "snapshots" / f"{time.time_ns():020}"
    folder.mkdir()
    os.mkfifo(folder / "manifest.json")
    _point(public, f"snapshots/{folder.name}")


def requests(count: int) -> Callable[[ThrowawayStack], None]:
    """``count`` odd requests over all four processes: no fault of ours, no callback over 50 ms, memory flat."""

    def run(stack: ThrowawayStack) -> None:
        asyncio.run(_requests(stack, count))

    return run


async def _requests(stack: ThrowawayStack, count: int) -> None:
    admin = {"Authorization": f"Bearer {stack.token('admin')}"}
    keys = {"X-API-Key": "sp_" + "0" * 64, "X-Admin-Token": stack.token("api-admin")}
    targets = [
        ("api", await _api_routes(stack), keys),
        ("ops", await _ops_routes(stack), admin),
        ("evaluator", _EVALUATOR, {}),
        ("status", [("*", "/{path:.*}"), ("*", "/healthz")], {}),
    ]
    routes = sum(len(routes) for _, routes, _ in targets)
    warm, each = max(1, count // routes // 5), max(1, count // routes)
    # What a process holds after the first fifth is what it works with; growth is counted from there.
    for service, paths, headers in targets:
        await _send(stack, service, paths, headers, each=warm, seed=1)
    before = await asyncio.to_thread(stack.memory)
    sent = 0
    for service, paths, headers in targets:
        sent += await _send(stack, service, paths, headers, each=each, seed=2)
    hold(sent >= count * 0.8, f"only {sent} requests were sent")
    after = await asyncio.to_thread(stack.memory)
    for service, held in after.items():
        bound = before[service] * _GROWTH + _GROWTH_BYTES
        hold(held <= bound, f"{service} grew from {before[service] >> 20} to {held >> 20} MB")


async def _send(
    stack: ThrowawayStack, service: str, routes: Any, headers: dict[str, str], *, each: int, seed: int
) -> int:
    sent = 0
    async for odd in odd_answers(stack.url(service), routes, headers, each=each, seed=seed):
        sent += 1
        if odd.status == 503:
            odd = await _when_it_is_there(stack.url(service), odd)
        away = odd.status == 503 and any(path in odd.request for path in _ASKS_OTHERS)
        hold(odd.status < 500 or away, (service, odd.status, odd.request[:300], odd.answer[-300:]))
    return sent


async def _when_it_is_there(url: str, odd: Odd) -> Odd:
    """What asks a store says 503 with Retry-After while that is too slow on a busy machine; asked again, it answers."""
    for _ in range(_TRIES):
        if odd.status != 503 or b"retry-after" not in odd.answer.lower():
            break
        await asyncio.sleep(_RETRY_S)
        odd = await send_again(url, odd)
    return odd


_ASKS_OTHERS = (b"/v1/prometheus", b"/v1/services", b"/v1/logs", b"/v1/analyze", b"/v1/ready", b"/v1/health")
"""Paths that say 503 where another process, a model or a store does not answer as it should."""
_EVALUATOR = [
    ("GET", "/api/v1/query"), ("POST", "/api/v1/query"), ("GET", "/api/v1/query_range"), ("GET", "/api/v1/series"),
    ("GET", "/api/v1/labels"), ("GET", "/api/v1/label/{name}/values"), ("GET", "/api/v1/rules"), ("GET", "/api/v1/alerts"),
    ("GET", "/api/v1/targets"), ("GET", "/graph"), ("GET", "/alerts"), ("GET", "/metrics"), ("GET", "/v1/health"),
]  # fmt: skip


async def _api_routes(stack: ThrowawayStack) -> list[tuple[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(stack.url("api") + "/openapi.json") as answer:
        document = await answer.json()
    return [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


async def _ops_routes(stack: ThrowawayStack) -> list[tuple[str, str]]:
    """Every route of the daemon, told by one that is built and not started; a stream has no end."""
    with_folder = stack.state / "routes"
    async with daemon(OpsConfig(state=with_folder, ballast_mb=0), {}) as built:
        app: web.Application = built.app
        return [route for route in routes_of(app) if route[1] != "/v1/stream"]


def slow_callbacks(since: float) -> Callable[[ThrowawayStack], None]:
    """No callback of any loop took more than 50 ms of its own CPU time since ``since``."""

    def run(stack: ThrowawayStack) -> None:
        slow = stack.slow_callbacks(since)
        hold(not slow, f"{len(slow)}: " + "; ".join(slow[:5]))

    return run


ATTEMPTS = (
    Attempt("foreign numbers, durations and times", foreign_numbers),
    Attempt("alerts without measure", sizes),
    Attempt("patterns that stand still", patterns),
    Attempt("orders to a terminal", orders),
    Attempt("a secret in every field", secrets_everywhere),
    Attempt("steps that fork to get away", forks),
    Attempt("a step that takes all memory", memory_of_a_step),
    Attempt("a stopped shim", stopped_shim),
    Attempt("who only looks", looking),
    Attempt("an approval of somebody revoked", withdrawn_approval),
    Attempt("odd things in the public folder", odd_public_folder),
)
"""Everything but the odd requests, which come last."""
