"""What the commands of steps print when something is wrong and when nothing is, where no test makes the fault itself.

Our own commands are asked for their words, so that a pattern which no longer knows them fails at once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from alerts.wire import AuditVerdict, BadRow, ConfigurationFileView, FaultView, JournalHead
from console.cli.access.audit import verdict_lines
from console.cli.checks.config import config_verdict, file_lines
from console.cli.checks.doctor import finding_lines
from console.cli.checks.health import health_lines
from console.cli.runs.executions import executions_table
from console.model.deployment import Finding
from runbooks.wire import ExecutionState, ExecutionView, StepView

Named = tuple[str, str]
"""A runbook and one of its steps."""


class Said(NamedTuple):
    """Two outputs of one command."""

    sick: str
    well: str


_LABELS = 'dependency="redis",instance="a:1",job="api",mountpoint="/",rule_group="quality"'
_AT = datetime(2026, 3, 14, 12, tzinfo=UTC)


def _health(**parts: str) -> str:
    """What `ops health ops` prints of a daemon whose other parts are well."""
    held = {"journal": "ok", "evaluator": "ok", "ballast": "ok", "paging": "ok"} | parts
    degraded = [name for name, state in held.items() if state != "ok"]
    loop = {"every_s": 1.0, "last_success_at": f"{_AT:%Y-%m-%dT%H:%M:%SZ}", "failures": 0}
    answer = {
        "status": "degraded" if degraded else "ok",
        "parts": held,
        "degraded": degraded,
        "loops": {"paging": loop, "publish": loop},
        "journal": {"seq": 12, "hash": "0123456789abcdef"},
    }
    return "\n".join(health_lines(answer))


def _audit(**found: Any) -> str:
    verdict = AuditVerdict(
        ok=not found, events=12, sound_until=JournalHead(seq=12, hash="0123456789abcdef"), **found
    )
    return "\n".join(verdict_lines(verdict))


def _config(*faults: FaultView) -> str:
    views = [
        ConfigurationFileView(
            name="inhibition.yml", about="which are symptoms", in_force="file", faults=faults
        )
    ]
    return "\n".join((*file_lines(views), config_verdict(views)))


def _doctor(*, ok: bool, text: str) -> str:
    return "\n".join(
        finding_lines([Finding(check="rules", ok=ok, text=text, fix="" if ok else "ops rules lint")])
    )


def _executions(title: str, state: ExecutionState = "succeeded") -> str:
    run = ExecutionView(
        execution_id="20260314-120000-0011aabb", state=state, kind="change", title=title, actor="ana",
        argv=("true",), digest="", requested_at=_AT,
    )  # fmt: skip
    return executions_table([run], is_narrowed=False)


_WELL = _health()
_SOUND = _audit()
_BROKEN = _audit(first_bad=BadRow(seq=7, why="its hash is another", file="journal-2026-03.sqlite3"))
_CONFIG = Said(_config(FaultView(line=3, message="cause: 'x' is no matcher")), _config())
_DOCTOR = Said(
    _doctor(ok=False, text="quality.yml: group 'x' is there twice"),
    _doctor(ok=True, text="29 rules, all well"),
)
_PAGING = Said(_health(paging="pages are overdue for incidents 7"), _WELL)
_QUIET = _executions("Start api")
SAID: Mapping[Named, Said] = {
    ("CacheEmpty", "what-changed"): Said(_executions("Empty the response cache (never the rate limits)"), _QUIET),
    ("CacheEmpty", "time-to-live"): Said(" cache_default_ttl | 0       |          | 2026-03-14", "(0 rows)\n0 rows"),
    ("ConfigurationBroken", "check"): _CONFIG,
    ("ConfigurationBroken", "verify"): _CONFIG,
    ("ConfigurationBroken", "daemon"): Said(_health(**{"inhibition.yml": "line 3: 'x' is no matcher"}), _WELL),
    ("DatabasePoolExhausted", "what-changed"): Said(
        _executions("Change the number of the API's workers without losing a request"), _QUIET
    ),
    ("EvaluatorConfigurationBroken", "read-log"): Said("ERROR root left out of the scrape file: t.yml: a: no job_name", "INFO rules took up 2 alerts"),
    ("EvaluatorConfigurationBroken", "doctor"): _DOCTOR,
    ("RuleEvaluationFailing", "doctor"): _DOCTOR,
    ("RuleEvaluationFailing", "read-log"): Said(
        "ERROR server.evaluator.rule_runner rule APIDown: vector contains metrics with the same labelset after applying alert labels",
        "INFO server.evaluator.rule_runner alert {'alertname': 'APIDown'} is firing",
    ),
    ("HostCPUHigh", "what-runs"): Said(_executions("Back up", "running"), _QUIET),
    ("JournalDamaged", "which"): Said(_health(journal_set_aside="journal-2026-03.sqlite3: look at it"), _WELL),
    ("JournalDamaged", "verify-chain"): Said(_BROKEN, _SOUND),
    ("JournalDamaged", "verify"): Said(_BROKEN, _SOUND),
    ("JournalDamaged", "read-log"): Said("OSError: [Errno 5] Input/output error", "INFO ops ready"),
    ("JournalDiskFull", "writes"): Said(_health(journal="database or disk is full"), _WELL),
    ("JournalDiskFull", "verify"): Said(_health(ballast="given up, the disk is full or nearly so"), _WELL),
    ("PagesOverdue", "daemon"): _PAGING,
    ("PagesOverdue", "verify"): _PAGING,
    ("OpsDown", "read-log"): Said("another ops daemon (pid 7) runs on /var/lib/ops; stop it", "INFO ops ready"),
    ("OpsDown", "health"): Said(_health(journal="database or disk is full"), _WELL),
    ("OpsDown", "verify"): Said(_BROKEN, _SOUND),
    ("RequestLogRowsDropped", "database"): Said("SERIES  VALUE\n{}      0", "SERIES  VALUE\n{}      1"),
    ("StatusPageDown", "read-log"): Said("OSError: [Errno 98] Address already in use", "INFO listening"),
    ("StatusPageDown", "verify"): Said("no data", 'SERIES           VALUE\n{job="status"}  1'),
    ("StatusPageDown", "renders"): Said(_health(**{"loop publish": "OSError: No space left on device"}), _WELL),
}  # fmt: skip


def said_of(named: Named, step: StepView) -> Said | None:
    """Both outputs of a step's command; None where nobody has written them down."""
    if named in SAID:
        return SAID[named]
    words = step.command.split()
    if words[:2] == ["ops", "query"]:
        return Said(f"SERIES  VALUE\n{{{_LABELS}}}  1\n{{}}  1", "no data")
    if words[:2] == ["ops", "diag"]:
        return Said(f"{words[2]}: something is wrong", f"{words[2]}: ok")
    if words == ["ops", "ps"] and step.unhealthy is not None:
        service = step.unhealthy.removeprefix("^").partition(" ")[0]
        return Said(f"{service:<10} stopped", f"{service:<10} running  4711  2m")
    return None
