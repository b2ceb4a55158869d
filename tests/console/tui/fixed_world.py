"""A world that stands still: a console on fixed data at a fixed time, without a daemon; every text of it can be made odd."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec
from textual.pilot import Pilot

from alerts.maintenance import MaintenanceView
from alerts.service_figures import ERROR_SHARE, HIT_RATE, P50, P95, P99, REQUEST_RATE
from alerts.wire import AlertView, ContactsView, IncidentView, PageView, ServiceView, SilenceView, StreamMeta
from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.errors import CallRefusedError, LostAnswerError
from console.ops_api.feed import Feed, Heard, ServerClock, ServerSnapshot, SnapshotAlerts
from console.ops_api.link import LinkState, LinkView
from console.ops_api.prometheus_answer import QueryResult
from console.ops_api.public_answer import PublicAnswer
from console.tui.app import ConsoleApp
from runbooks.wire import (
    ActionView,
    ApprovalView,
    ChangeView,
    ExecutionRequest,
    ExecutionView,
    LockView,
    Output,
    RunbookView,
)
from tests.console.builders import NOW, alert

T = TypeVar("T")
_CALLED = '{{"level":"INFO","message":"INFO POST /v1/analyze 200 {ms} ms","timestamp":"2026-03-01T02:09:{s}.100Z","request_id":"01a{n}"}}\n'
_LOG = (
    "".join(_CALLED.format(ms=20 + n * 7 % 11, s=30 + n, n=n) for n in range(12))
    + "2026-03-01 02:09:44,000 WARNING server.evaluator.rules a rule is slow\n"
    + '{"level":"INFO","message":"INFO drain begins, 3 in flight","timestamp":"2026-03-01T02:09:46.200Z"}\n'
    + '{"level":"WARNING","message":"worker 9 ends: TERM","timestamp":"2026-03-01T02:09:46.900Z"}\n'
)
_PROSE = {
    "Overview": "Every caller is *refused*: nothing listens on the port of the API, or what listens there does not answer. Nobody gets structured data until it is back.",
    "Impact": "- every call fails\n- the public page says **Major outage**\n- no data is lost: callers try again",
    "Diagnosis": "**Is the process there?** `stopped` means that somebody stopped it, `fatal` or `backoff` that it dies at its start, `running` that it hangs.\n\n!check-process\n\nWhat it said last:\n\n!read-log\n!check-health",
    "Resolution": "**The process is not there:** start it. It is ready in about a second and a half; the alert resolves at the next good scrape.\n\n!start-api\n\nIt hangs: restart it.\n\n!restart-api\n\nIs all well again?\n\n!verify",
}
_STEPS: dict[str, dict[str, Any]] = {
    "check-process": {"command": "ops ps", "title": "Is the process there?", "then": "start-api"},
    "read-log": {"command": "ops logs api --tail 40", "title": "Its last words"},
    "check-health": {"command": "ops health api", "title": "What it says of itself"},
    "start-api": {"command": "ops act start-api", "title": "Start the API", "kind": "change"},
    "restart-api": {"command": "ops act restart-api", "title": "Restart the API", "kind": "change"},
    "verify": {"command": "ops verify", "title": "All is well again"},
}


def _sections(odd: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sections and steps of a runbook, each step where its block of code stands."""
    sections, steps, line = [], [], 8
    for title, prose in _PROSE.items():
        first, lines = line + 1, [""]
        for text in prose.split("\n"):
            if not text.startswith("!"):
                lines.append(text)
                continue
            step = _STEPS[text[1:]]
            at = first + len(lines)
            lines += ["```bash", f"{step['command']}{odd}", "```"]
            steps.append({
                "kind": "read", "timeout_s": 60.0, **step, "name": text[1:], "command": f"{step['command']}{odd}",
                "title": f"{step['title']}{odd}", "section": title, "line": at, "end_line": at + 2,
            })  # fmt: skip
        lines.append(odd)
        sections.append({"title": title, "markdown": "\n".join(lines), "line": line, "first_line": first})
        line = first + len(lines)
    return sections, steps


def _ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


class FixedClient(OpsClient):
    """Answers from fixed data; ``odd`` stands in every text that people or other programs write."""

    def __init__(self, *, odd: str = "", quiet: bool = False, state: str = "") -> None:
        super().__init__(DaemonAccess("http://127.0.0.1:1", "none"))
        self._odd, self._quiet, self._state = odd, quiet, state

    def _made(self, kind: type[T], fields: Mapping[str, Any]) -> T:
        return msgspec.convert(fields, kind)

    def fixed_alerts(self) -> tuple[AlertView, ...]:
        """What is on the board."""
        odd = self._odd
        if self._quiet:
            return ()
        down: dict[str, Any] = {
            "incident_id": 1,
            "runbook": "APIDown",
            "mttr_deadline_at": NOW + timedelta(seconds=48),
            "labels": {"alertname": "APIDown", "pod": f"api-0{odd}"},
        }
        if self._state == "taken":
            down |= {"acknowledged_by": "ben", "acknowledged_at": NOW - timedelta(seconds=130)}
        if self._state == "maintained":
            down |= {"maintenance": ("1",)}
        return (
            alert("APIDown", n=1, annotations={"summary": f"The API does not answer{odd}"}, **down),
            alert("APIHighErrorRate", n=2, age_s=200, severity="warning", inhibited_by=("APIDown",)),
            alert(f"DiskFull{odd}", n=3, age_s=50_000, severity="warning", service=f"build{odd}", acknowledged_by=f"ana{odd}"),
            alert("SlowQueries", n=4, age_s=30, severity="warning", state="pending", service="postgres"),
            alert("CacheCold", n=5, age_s=900, severity="info", service="redis", silenced_by=("3f2a9c11-0000",)),
            alert("QueueLong", n=6, age_s=700, severity="warning", service="api", maintenance=("1",)),
            alert("RedisDown", n=7, age_s=3_000, state="resolved", service="redis", resolved_at=NOW - timedelta(seconds=400)),
            alert("HostQuiet", n=8, age_s=4_000, severity="warning", state="stale", service="host", stale_because=f"no scrape{odd}"),
        )  # fmt: skip

    def fixed_incidents(self) -> tuple[IncidentView, ...]:
        """All there are."""
        odd = self._odd
        common = {"service": "api", "started_at": _ago(seconds=252), "detected_at": _ago(seconds=250)}
        first = {
            **common, "id": 1, "title": f"The API does not answer{odd}", "alertname": "APIDown", "severity": "critical",
            "mttr_deadline_at": (NOW + timedelta(seconds=48)).isoformat(), "runbook": "APIDown", "paged": [f"ana{odd}"],
            "next_page": {"at": (NOW + timedelta(minutes=2)).isoformat(), "level": "L2", "people": [f"ben{odd}"]},
            "timeline": [
                {"seq": 1, "at": _ago(seconds=261), "actor": f"ana{odd}", "kind": "execution.finished", "text": f"Stop api: succeeded{odd}", "execution_id": "run-change"},
                {"seq": 2, "at": _ago(seconds=250), "actor": "daemon", "kind": "incident.opened", "text": f"APIDown fires, incident 1{odd}"},
                {"seq": 3, "at": _ago(seconds=249), "actor": "daemon", "kind": "page.sent", "text": f"ana is called by file:a.log{odd}"},
                {"seq": 4, "at": _ago(seconds=200), "actor": "daemon", "kind": "incident.alert", "text": "APIHighErrorRate joins as a symptom"},
                {"seq": 5, "at": _ago(seconds=100), "actor": f"ana{odd}", "kind": "incident.noted", "text": f"I look{odd}"},
                {"seq": 6, "at": _ago(seconds=60), "actor": f"ana{odd}", "kind": "execution.finished", "text": f"Is the process there?: unhealthy{odd}", "execution_id": "run-read"},
            ],
            "checklist": [{"step": "acknowledge", "title": "Acknowledge", "done": False, "what": "when somebody does"}],
            "followups": [{"number": 1, "text": f"ask before stopping{odd}", "owner": "ana"}], "links": [f"https://x/{odd}"],
        }  # fmt: skip
        second = {
            **common, "id": 2, "title": f"Redis is gone{odd}", "alertname": "RedisDown", "severity": "critical",
            "state": "closed", "detected_at": _ago(days=1), "resolved_at": _ago(hours=23),
            "mitigated_at": _ago(hours=23), "closed_at": _ago(hours=22), "acknowledged_by": "ana",
        }  # fmt: skip
        if self._state == "new":
            return ()
        if self._state == "taken":
            first |= {
                "acknowledged_by": "ben", "acknowledged_at": _ago(seconds=130), "people": ["ben"], "state": "acknowledged",
            }  # fmt: skip
        found = [self._made(IncidentView, second)]
        return tuple(found if self._quiet else [self._made(IncidentView, first), *found])

    def fixed_runs(self) -> tuple[ExecutionView, ...]:
        """One of each kind of end."""
        odd = self._odd
        if self._state == "new":
            return ()
        common = {"argv": ["true", odd], "digest": "d", "actor": f"ana{odd}"}
        runs: list[dict[str, Any]] = [
            {"execution_id": "run-change", "state": "succeeded", "kind": "change", "title": f"Stop api{odd}", "requested_at": _ago(seconds=261)},
            {"execution_id": "run-read", "state": "succeeded", "kind": "read", "title": "Is the process there?", "runbook": "APIDown", "step": "check-process", "incident_id": 1, "verdict": "unhealthy", "requested_at": _ago(seconds=60)},
            {"execution_id": "run-unknown", "state": "unknown", "kind": "change", "title": "Restart redis", "requested_at": _ago(hours=3)},
            {"execution_id": "run-live", "state": "running", "kind": "change", "title": "Start redis", "requested_at": _ago(seconds=4)},
        ]  # fmt: skip
        if self._state == "taken":
            runs.append({"execution_id": "run-ben", "state": "running", "kind": "change", "title": "Start the API", "actor": "ben", "runbook": "APIDown", "step": "start-api", "incident_id": 1, "requested_at": _ago(seconds=3)})  # fmt: skip
        return tuple(
            self._made(ExecutionView, {**common, **run, "started_at": run["requested_at"]}) for run in runs
        )

    def incidents(self, *, everything: bool = False) -> tuple[IncidentView, ...]:
        return self.fixed_incidents()

    def incident(self, incident_id: int) -> IncidentView:
        return next(i for i in self.fixed_incidents() if i.id == incident_id)

    def executions(self, limit: int = 50, *, rehearsals: str = "") -> tuple[ExecutionView, ...]:
        return self.fixed_runs()

    def execution(self, execution_id: str) -> ExecutionView:
        known = (run for run in self.fixed_runs() if run.execution_id == execution_id)
        if (found := next(known, None)) is None:
            raise CallRefusedError("nobody answers for it")
        return found

    def output(self, execution_id: str, *args: Any, **kwargs: Any) -> Output:
        part = {"data": f"api stopped{self._odd}\n", "offset": 0, "next_offset": 12}
        none = {"data": "", "offset": 0, "next_offset": 0}
        fields = {
            "execution_id": execution_id,
            "state": "succeeded",
            "stdout": part,
            "stderr": none,
            "done": True,
        }
        return self._made(Output, fields)

    def approvals(self) -> tuple[ApprovalView, ...]:
        fields = {
            "id": "ap-1", "digest": "d", "title": f"Restore the database{self._odd}", "argv": ["restore"], "object": "app",
            "asked_by": f"ana{self._odd}", "asked_at": _ago(seconds=90), "expires_at": (NOW + timedelta(minutes=9)).isoformat(), "state": "asked",
        }  # fmt: skip
        return (self._made(ApprovalView, fields),)

    def changes(self) -> tuple[ChangeView, ...]:
        common: dict[str, Any] = {"action": "set-cache-ttl", "actor": "ana", "since": _ago(seconds=300)}
        in_force = {
            **common, "execution_id": "run-ttl", "state": "in_force", "object": f"cache TTL{self._odd}",
            "until_at": (NOW + timedelta(minutes=20)).isoformat(), "way_back": "ops act set-cache-ttl seconds=60",
        }  # fmt: skip
        if self._state != "changed":
            return (self._made(ChangeView, in_force),)
        over = {
            **common, "execution_id": "run-limit", "state": "expired", "action": "set-rate-limit", "object": "limit of key 7",
            "since": _ago(hours=2), "until_at": _ago(minutes=4), "way_back": "ops act set-rate-limit -p key=7 -p limit=100",
        }  # fmt: skip
        return (self._made(ChangeView, over), self._made(ChangeView, in_force))

    def locks(self) -> tuple[LockView, ...]:
        fields = {
            "key": f"service:redis{self._odd}",
            "execution_id": "run-live",
            "holder": "ana",
            "since": _ago(seconds=4),
            "state": "running",
        }
        return (self._made(LockView, fields),)

    def services(self) -> tuple[ServiceView, ...]:
        rows: list[dict[str, Any]] = [
            {
                "name": "api",
                "state": "running" if self._quiet else "stopped",
                "url": "http://127.0.0.1:8000",
                "detail": "" if self._quiet else f"since 02:09:55{self._odd}",
            },
            {"name": "postgres", "state": "running", "pid": 71, "uptime_s": 4_000.0},
            {"name": "redis", "state": "running", "pid": 72, "uptime_s": 4_000.0},
        ]
        return tuple(self._made(ServiceView, row) for row in rows)

    def health(self) -> dict[str, Any]:
        return {"parts": {"journal": "ok", "evaluator": f"no answer{self._odd}"}}

    def text(self, path: str) -> str:
        return _LOG + f"{self._odd}\n" * bool(self._odd)

    def silences(self) -> tuple[SilenceView, ...]:
        fields = {
            "id": "3f2a9c11-0000", "matchers": [{"name": "alertname", "value": f"CacheCold{self._odd}"}], "createdBy": "ana",
            "comment": f"known{self._odd}", "startsAt": _ago(hours=1), "endsAt": (NOW + timedelta(hours=1)).isoformat(),
            "updatedAt": _ago(hours=1), "status": {"state": "active"},
        }  # fmt: skip
        return (self._made(SilenceView, fields),)

    def contacts(self) -> ContactsView:
        levels = [{"level": "L1", "people": [f"ana{self._odd}"]}, {"level": "L2", "people": []}]
        return self._made(ContactsView, {"levels": levels, "people": []})

    def pages(self) -> tuple[PageView, ...]:
        delivery = {
            "person": f"ana{self._odd}",
            "state": "failed",
            "channel": "file:a.log",
            "why": f"no room{self._odd}",
        }
        fields = {
            "id": 1,
            "kind": "page",
            "level": "L1",
            "incident_id": 1,
            "why": "critical",
            "due_at": _ago(seconds=240),
            "decided_at": _ago(seconds=240),
            "deliveries": [delivery],
        }
        return (self._made(PageView, fields),)

    def maintenances(self, *, everything: bool) -> tuple[MaintenanceView, ...]:
        fields = {
            "id": 1, "public_id": "a" * 12, "title": f"Exchange of a disk{self._odd}", "reason": f"it is old{self._odd}", "matchers": [],
            "components": [], "owner": "ana", "created_by": "ana", "created_at": _ago(days=2), "starts_at": _ago(minutes=20),
            "ends_at": (NOW + timedelta(minutes=40)).isoformat(), "state": "in_progress", "update_overdue": True, "announced_at": _ago(days=2),
        }  # fmt: skip
        return (self._made(MaintenanceView, fields),)

    def public_entries(self, *, everything: bool) -> PublicAnswer:
        entry = {
            "id": 4, "public_id": "b" * 12, "title": f"Slow answers{self._odd}", "status": "investigating", "impact": "major",
            "components": [], "started_at": _ago(seconds=240), "created_at": _ago(seconds=230), "automatic": True,
        }  # fmt: skip
        return self._made(PublicAnswer, {"public": [entry]})

    def runbook(self, runbook_id: str) -> RunbookView:
        odd = self._odd
        sections, steps = _sections(odd)
        proofs: dict[str, Any] = {}
        if self._state == "rehearsed":
            common = {"by": "ana", "digest": "d", "passed": True}
            finding = "read-log: nothing answers on the port that the step names"
            proofs = {
                "drilled": {**common, "kind": "drill", "at": _ago(days=2), "text": "cured in 24 s"},
                "rehearsed": {**common, "kind": "rehearsal", "at": _ago(hours=5), "passed": False, "findings": [finding]},
            }  # fmt: skip
        fields = {
            **proofs,
            "id": runbook_id,
            "title": f"API down{odd}",
            "digest": "d",
            "alert": "APIDown",
            "steps": steps,
            "sections": sections,
        }
        return self._made(RunbookView, fields)

    def shelf(self) -> tuple[tuple[RunbookView, ...], tuple[str, ...]]:
        return (self.runbook("APIDown"), self.runbook("RedisDown")), ()

    def plan(self, request: ExecutionRequest) -> ExecutionView:
        fields = {
            "execution_id": request.execution_id, "state": "planned", "kind": "read", "title": "Is the process there?", "runbook": request.runbook,
            "step": request.step, "incident_id": request.incident_id, "argv": ["ops", "ps"], "digest": "d", "actor": "ana", "requested_at": _ago(),
        }  # fmt: skip
        return self._made(ExecutionView, fields)

    def execute(self, request: ExecutionRequest) -> ExecutionView:
        raise LostAnswerError("the connection broke before the answer was there")

    def actions(self) -> tuple[ActionView, ...]:
        fields = {"name": "start-api", "title": f"Start api{self._odd}", "kind": "change", "object": "api"}
        return (self._made(ActionView, fields),)

    def _figure(self, query: str, at_s: int) -> float:
        """Waves of callers; in the outage hardly anybody is answered, and what is answered comes late."""
        wave = math.sin(at_s / 310) + 0.4 * math.sin(at_s / 97)
        is_out = not self._quiet and at_s > NOW.timestamp() - 252
        calm, out = {
            REQUEST_RATE: (12 + 4 * wave, 0.8),
            ERROR_SHARE: (0.4 + 0.2 * wave, 94.6),
            P50: (21 + 3 * wave, 190.0),
            P95: (48 + 9 * wave, 900.0),
            P99: (95 + 20 * wave, 2_400.0),
            HIT_RATE: (71 + 6 * wave, 38.0),
        }.get(query, (3 + wave, 3 + wave))
        return out if is_out else calm

    def prometheus(
        self, path: str, params: Mapping[str, object], *, timeout_s: float | None = None
    ) -> QueryResult:
        if path == "query":
            names = ("up", "http_requests_total") if "__name__" in str(params["query"]) else ("",)
            found = [{"metric": {"__name__": name} if name else {}, "value": [0, "1"]} for name in names]
            return QueryResult(result=msgspec.Raw(msgspec.json.encode(found)))
        start, end, step = (int(str(params[name])) for name in ("start", "end", "step"))
        times = [
            t
            for t in range(start, end + 1, step)
            if not (end - start) * 0.4 < t - start < (end - start) * 0.45
        ]
        values = [[t, f"{self._figure(str(params['query']), t):.3f}"] for t in times]
        series = [{"metric": {"odd": self._odd}, "values": values}]
        return QueryResult(resultType="matrix", result=msgspec.Raw(msgspec.json.encode(series)))


@asynccontextmanager
async def fixed_console(
    size: tuple[int, int],
    *,
    theme: str = "dark",
    odd: str = "",
    quiet: bool = False,
    state: str = "",
    link: LinkState = "live",
    heard: bool = True,
    loaded: bool = True,
    meta: Mapping[str, Any] | None = None,
    client: FixedClient | None = None,
    **options: Any,
) -> AsyncIterator[Pilot[None]]:
    """The console on that world, its clock at 02:14:07 for good."""
    client = client or FixedClient(odd=odd, quiet=quiet, state=state)

    def start(feed: Feed) -> None:
        if not heard:
            return
        known = {
            "boot": "b",
            "seq": 1,
            "server_time": NOW.isoformat(),
            "user": f"ana{odd}",
            "role": "responder",
            "target": "local",
            "evaluator": "ok",
        }
        feed.items.append(Heard(msgspec.convert({**known, **(meta or {})}, StreamMeta), 0.0))
        alerts = client.fixed_alerts()
        feed.items.append(SnapshotAlerts(alerts))
        if not loaded:
            return
        runs = () if quiet else client.fixed_runs()
        feed.items.append(
            ServerSnapshot(frozenset(a.fingerprint for a in alerts), client.fixed_incidents(), runs)
        )

    view = LinkView(link, 47.0 if link != "live" else 0.3, attempt=3, retry_in_s=2.0)
    with (
        patch.object(Feed, "start", start),
        patch.object(Feed, "view", lambda _: view),
        patch.object(ServerClock, "now", lambda _: NOW),
        patch("console.tui.calls.time.time", NOW.timestamp),
    ):
        app = ConsoleApp(client, bell=False, theme=theme, **options)
        async with app.run_test(size=size) as pilot:
            yield pilot
