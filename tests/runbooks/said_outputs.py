"""What the commands of steps print when something is wrong and when nothing is, where no test makes the fault itself."""

from collections.abc import Mapping
from typing import NamedTuple

from runbooks.wire import StepView

Named = tuple[str, str]
"""A runbook and one of its steps."""


class Said(NamedTuple):
    """Two outputs of one command."""

    sick: str
    well: str


_LABELS = 'dependency="redis",instance="a:1",job="api",mountpoint="/",rule_group="quality"'
_HEALTH = (
    "status: {status}\nparts: {{'journal': '{journal}', 'evaluator': 'ok', 'ballast': '{ballast}'{more}}}\n"
    "loops: {{'paging': {{'every_s': 1.0, 'fault': None}}}}\n"
)


def _health(*, journal: str = "ok", ballast: str = "ok", more: str = "") -> str:
    status = "ok" if (journal, ballast, more) == ("ok", "ok", "") else "degraded"
    return _HEALTH.format(status=status, journal=journal, ballast=ballast, more=more)


_WELL = _health()
_SOUND = "sound: 12 rows, up to 12 0123456789abcdef"
_BROKEN = "BROKEN at row 7: its hash is another (journal-2026-03.sqlite3); sound up to row 6"
_CONFIG = Said(
    "!!  inhibition.yml  line 3: cause: 'x' is no matcher\nconfig: 1 fault",
    "ok  inhibition.yml  the file\nconfig: ok",
)
_DOCTOR = Said("!!  rules      quality.yml: group 'x' is there twice", "ok  rules      29 rules, all well")
_EXECUTIONS = "EXECUTION  AGE  STATE  EXIT  BY  WHAT\n20260314-120000-0011aabb  4m02  {state}  0  ana  {what}"
_QUIET = _EXECUTIONS.format(state="succeeded", what="Start api")
SAID: Mapping[Named, Said] = {
    ("CacheEmpty", "what-changed"): Said(_EXECUTIONS.format(state="succeeded", what="Empty the response cache (never the rate limits)"), _QUIET),
    ("CacheEmpty", "time-to-live"): Said(" cache_default_ttl | 0       |          | 2026-03-14", "(0 rows)\n0 rows"),
    ("ConfigurationBroken", "check"): _CONFIG,
    ("ConfigurationBroken", "verify"): _CONFIG,
    ("ConfigurationBroken", "daemon"): Said(_health(more=", 'inhibition.yml': \"line 3: 'x' is no matcher\""), _WELL),
    ("DatabasePoolExhausted", "what-changed"): Said(
        _EXECUTIONS.format(state="succeeded", what="Change the number of the API's workers without losing a request"), _QUIET
    ),
    ("EvaluatorConfigurationBroken", "read-log"): Said("ERROR root left out of the scrape file: t.yml: a: no job_name", "INFO rules took up 2 alerts"),
    ("EvaluatorConfigurationBroken", "doctor"): _DOCTOR,
    ("RuleEvaluationFailing", "doctor"): _DOCTOR,
    ("RuleEvaluationFailing", "read-log"): Said(
        "ERROR server.evaluator.rule_runner rule APIDown: vector contains metrics with the same labelset after applying alert labels",
        "INFO server.evaluator.rule_runner alert {'alertname': 'APIDown'} is firing",
    ),
    ("HostCPUHigh", "what-runs"): Said(_EXECUTIONS.format(state="running", what="Back up"), _QUIET),
    ("JournalDamaged", "which"): Said(_health(more=", 'journal_set_aside': 'journal-2026-03.sqlite3: look at it'"), _WELL),
    ("JournalDamaged", "verify-chain"): Said(_BROKEN, _SOUND),
    ("JournalDamaged", "verify"): Said(_BROKEN, _SOUND),
    ("JournalDamaged", "read-log"): Said("OSError: [Errno 5] Input/output error", "INFO ops ready"),
    ("JournalDiskFull", "writes"): Said(_health(journal="database or disk is full"), _WELL),
    ("JournalDiskFull", "verify"): Said(_health(ballast="given up, the disk is full or nearly so"), _WELL),
    ("PagesOverdue", "daemon"): Said(_health(more=", 'paging': 'pages are overdue for incidents 7'"), _health(more=", 'paging': 'ok'")),
    ("PagesOverdue", "verify"): Said(_health(more=", 'paging': 'pages are overdue for incidents 7'"), _health(more=", 'paging': 'ok'")),
    ("OpsDown", "read-log"): Said("another ops daemon (pid 7) runs on /var/lib/ops; stop it", "INFO ops ready"),
    ("OpsDown", "health"): Said(_health(journal="database or disk is full"), _WELL),
    ("OpsDown", "verify"): Said(_BROKEN, _SOUND),
    ("RequestLogRowsDropped", "database"): Said("SERIES  VALUE\n{}      0", "SERIES  VALUE\n{}      1"),
    ("StatusPageDown", "read-log"): Said("OSError: [Errno 98] Address already in use", "INFO listening"),
    ("StatusPageDown", "renders"): Said(_health(more=", 'loop publish': 'OSError: No space left on device'"), _WELL),
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
