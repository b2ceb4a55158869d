"""A world that stands still: a console on fixed data at a fixed time, without a daemon; every text of it can be made odd."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec
from textual.pilot import Pilot

from alerts.maintenance import MaintenanceView
from alerts.wire import AlertView, ContactsView, IncidentView, PageView, ServiceView, SilenceView, StreamMeta
from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.feed import Feed, Heard, ServerClock, ServerSnapshot, SnapshotAlerts
from console.ops_api.link import LinkState, LinkView
from console.ops_api.prometheus_answer import QueryResult
from console.ops_api.public_answer import PublicAnswer
from console.tui.app import ConsoleApp
from runbooks.wire import (
    ActionView,
    ApprovalView,
    ChangeView,
    ExecutionView,
    LockView,
    Output,
    RunbookView,
)
from tests.console.builders import NOW, alert

T = TypeVar("T")
_LOG = (
    '{"level":"INFO","message":"INFO POST /v1/analyze 200","timestamp":"2026-03-01T02:13:59.100Z","request_id":"01a2"}\n'
    "2026-03-01 02:14:01,000 WARNING server.evaluator.rules a rule is slow\n"
)


def _ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


class FixedClient(OpsClient):
    """Answers from fixed data; ``odd`` stands in every text that people or other programs write."""

    def __init__(self, *, odd: str = "", quiet: bool = False) -> None:
        super().__init__(DaemonAccess("http://127.0.0.1:1", "none"))
        self._odd, self._quiet = odd, quiet

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
        return (
            alert("APIDown", n=1, annotations={"summary": f"The API does not answer{odd}"}, **down),
            alert("APIHighErrorRate", n=2, age_s=200, severity="warning", inhibited_by=("APIDown",)),
            alert(f"DiskFull{odd}", n=3, age_s=50_000, severity="warning", service=f"build{odd}", acknowledged_by=f"ana{odd}"),
            alert("SlowQueries", n=4, age_s=30, severity="warning", state="pending", service="postgres"),
            alert("CacheCold", n=5, age_s=900, severity="info", service="redis", silenced_by=("3f2a9c11",)),
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
                {"seq": 1, "at": _ago(seconds=250), "actor": "daemon", "kind": "incident.opened", "text": f"APIDown fires{odd}"},
                {"seq": 2, "at": _ago(seconds=100), "actor": f"ana{odd}", "kind": "incident.noted", "text": f"I look{odd}"},
            ],
            "checklist": [{"step": "acknowledge", "title": "Acknowledge", "done": False, "what": "when somebody does"}],
            "followups": [{"number": 1, "text": f"ask before stopping{odd}", "owner": "ana"}], "links": [f"https://x/{odd}"],
        }  # fmt: skip
        second = {
            **common, "id": 2, "title": f"Redis is gone{odd}", "alertname": "RedisDown", "severity": "critical",
            "state": "closed", "detected_at": _ago(days=1), "resolved_at": _ago(hours=23),
            "mitigated_at": _ago(hours=23), "closed_at": _ago(hours=22), "acknowledged_by": "ana",
        }  # fmt: skip
        found = [self._made(IncidentView, second)]
        return tuple(found if self._quiet else [self._made(IncidentView, first), *found])

    def fixed_runs(self) -> tuple[ExecutionView, ...]:
        """One of each kind of end."""
        odd = self._odd
        common = {"argv": ["true", odd], "digest": "d", "actor": f"ana{odd}"}
        runs: list[dict[str, Any]] = [
            {"execution_id": "run-change", "state": "succeeded", "kind": "change", "title": f"Stop api{odd}", "requested_at": _ago(seconds=261)},
            {"execution_id": "run-read", "state": "succeeded", "kind": "read", "title": "Is the process there?", "runbook": "APIDown", "step": "check-process", "incident_id": 1, "verdict": "unhealthy", "requested_at": _ago(seconds=60)},
            {"execution_id": "run-unknown", "state": "unknown", "kind": "change", "title": "Restart redis", "requested_at": _ago(hours=3)},
            {"execution_id": "run-live", "state": "running", "kind": "change", "title": "Start redis", "requested_at": _ago(seconds=4)},
        ]  # fmt: skip
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
        return next(run for run in self.fixed_runs() if run.execution_id == execution_id)

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
        fields = {
            "execution_id": "run-ttl", "state": "in_force", "action": "set-cache-ttl", "object": f"cache TTL{self._odd}",
            "actor": "ana", "since": _ago(seconds=300), "until_at": (NOW + timedelta(minutes=20)).isoformat(), "way_back": "ops act set-cache-ttl seconds=60",
        }  # fmt: skip
        return (self._made(ChangeView, fields),)

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
                "state": "stopped",
                "url": "http://127.0.0.1:8000",
                "detail": f"since 02:09:55{self._odd}",
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
        steps = [
            {"name": "check-process", "kind": "read", "command": f"ops ps{odd}", "section": "Diagnosis", "line": 42, "end_line": 44, "timeout_s": 5.0, "title": f"Is it there?{odd}", "then": "start-api"},
            {"name": "start-api", "kind": "change", "command": "ops act start-api", "section": "Resolution", "line": 52, "end_line": 54, "timeout_s": 60.0, "title": "Start the API"},
        ]  # fmt: skip
        sections = [
            {"title": "Overview", "markdown": f"\nEvery caller is *refused*. See `ops ps`.\n\n- one\n- two{odd}\n", "line": 8, "first_line": 9},
            {"title": "Diagnosis", "markdown": "\n```bash\nops ps\n```\n", "line": 40, "first_line": 41},
            {"title": "Resolution", "markdown": "\n```bash\nops act start-api\n```\n", "line": 50, "first_line": 51},
        ]  # fmt: skip
        fields = {
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

    def actions(self) -> tuple[ActionView, ...]:
        fields = {"name": "start-api", "title": f"Start api{self._odd}", "kind": "change", "object": "api"}
        return (self._made(ActionView, fields),)

    def prometheus(
        self, path: str, params: Mapping[str, object], *, timeout_s: float | None = None
    ) -> QueryResult:
        if path == "query":
            return QueryResult(result=msgspec.Raw(b'[{"metric":{},"value":[0,"1"]}]'))
        start, end, step = (int(str(params[name])) for name in ("start", "end", "step"))
        times = [
            t
            for t in range(start, end + 1, step)
            if not (end - start) * 0.4 < t - start < (end - start) * 0.5
        ]
        values = [[t, str(10 + (t // step * 7919) % 13)] for t in times]
        series = [{"metric": {"odd": self._odd}, "values": values}]
        return QueryResult(resultType="matrix", result=msgspec.Raw(msgspec.json.encode(series)))


@asynccontextmanager
async def fixed_console(
    size: tuple[int, int],
    *,
    theme: str = "dark",
    odd: str = "",
    quiet: bool = False,
    link: LinkState = "live",
    heard: bool = True,
    meta: Mapping[str, Any] | None = None,
    client: FixedClient | None = None,
    **options: Any,
) -> AsyncIterator[Pilot[None]]:
    """The console on that world, its clock at 02:14:07 for good."""
    client = client or FixedClient(odd=odd, quiet=quiet)

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
