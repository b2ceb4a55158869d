"""Facts about a new runbook's text: it is sound but for the guiding text, which lint names line by line."""

import pytest

from alerts.duration import format_duration, parse_seconds
from runbooks.engine.catalogue import build_catalogue
from runbooks.engine.lint import SECTIONS, RuleFacts, lint
from runbooks.engine.parser import parse_runbook
from runbooks.engine.template import (
    MARKER,
    RunbookNameError,
    alert_runbook,
    checked_name,
    maintenance_runbook,
)

ACTIONS = "restart-api: {title: Restart, kind: change, object: api, targets: {local: [x]}}"
RULE = RuleFacts(
    alert="QueueFull", severity="warning", mttr_target_s=5400, runbook_url="https://x/runbooks/QueueFull.md"
)


def _faults(path: str, text: str, *rules: RuleFacts) -> list[str]:
    files = {path: text, "actions.yml": ACTIONS}
    return [str(fault) for fault in lint(files, build_catalogue(files), rules, exists=lambda _: True)]


@pytest.mark.parametrize(
    ("path", "text", "rules"),
    [
        ("QueueFull.md", alert_runbook("QueueFull", "QueueFull", "warning", 5400), (RULE,)),
        ("maintenance/KeyRotation.md", maintenance_runbook("KeyRotation"), ()),
    ],
)
def test_of_an_unedited_template_lint_names_every_guiding_line_and_nothing_else(
    path: str, text: str, rules: tuple[RuleFacts, ...]
) -> None:
    guiding = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(MARKER)]
    assert len(guiding) == len(SECTIONS)
    faults = _faults(path, text, *rules)
    assert sorted(int(fault.split("line ")[1].split(":")[0]) for fault in faults) == guiding
    assert all("still the template's text" in fault for fault in faults)
    written = text.replace(MARKER, "My own words, not these:")
    assert _faults(path, written, *rules) == []


def test_a_template_has_a_step_that_reads_one_that_changes_and_one_that_verifies() -> None:
    book = parse_runbook(alert_runbook("QueueFull", "QueueFull", "warning", 5400), "QueueFull")
    assert [(step.name, step.kind, step.section) for step in book.steps] == [
        ("check-process", "read", "Diagnosis"),
        ("restart-api", "change", "Resolution"),
        ("verify", "read", "Resolution"),
    ]
    assert (book.title, book.severity, book.mttr_target_s) == ("Queue full", "warning", 5400)


@pytest.mark.parametrize("name", ["APIDown", "QueueFull", "TLSCert2"])
def test_words_run_together_are_a_name(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("queue-full", "QueueFull"),
        ("maintenance/KeyRotation", "KeyRotation"),
        ("QueueFull.md", "QueueFull"),
        ("../../etc/passwd", "Passwd"),
        ("!", "QueueFull"),
    ],
)
def test_a_bad_name_is_answered_with_a_good_one(name: str, better: str) -> None:
    with pytest.raises(RunbookNameError, match=rf"for instance {better}$"):
        checked_name(name)


@pytest.mark.parametrize("seconds", [1, 59, 300, 3600, 5400, 86_399])
def test_a_duration_is_written_as_it_is_read(seconds: int) -> None:
    assert parse_seconds(format_duration(seconds)) == seconds
