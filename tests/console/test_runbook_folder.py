"""Facts about the shelf as the command line reads it: the rules beside it and the daemon's own alerts are checked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from console.runbook_folder import facts_beside, lint_folder
from tests.forked_program import run_ops
from tests.paths import CHECKOUT

_ROOT = CHECKOUT


def _copy(folder: Path) -> Path:
    for part in ("runbooks", "alerts/rules"):
        shutil.copytree(_ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for document in _ROOT.glob("*.md"):
        shutil.copy(document, folder)
    return folder / "runbooks"


def test_a_daemons_own_alert_without_its_runbook_is_a_fault(tmp_path: Path) -> None:
    shelf = _copy(tmp_path)
    assert lint_folder(shelf) == []
    (shelf / "EvaluatorSilent.md").unlink()
    (shelf / "README.md").write_text("nothing")
    (shelf / "MONITORING_GUIDE.md").write_text("nothing")
    [fault] = [str(fault) for fault in lint_folder(shelf)]
    assert "alert EvaluatorSilent: its runbook_url" in fault


def test_a_runbook_that_disagrees_with_the_daemon_is_a_fault(tmp_path: Path) -> None:
    shelf = _copy(tmp_path)
    book = shelf / "EvaluatorSilent.md"
    book.write_text(book.read_text().replace("mttr_target: 5m", "mttr_target: 1h"))
    [fault] = [str(fault) for fault in lint_folder(shelf)]
    assert fault.endswith("the ops daemon, whose own alert it is, says 300 s")


def test_the_rules_and_the_daemons_own_alerts_stand_side_by_side() -> None:
    names = {facts.alert for facts in facts_beside(_ROOT / "runbooks")}
    assert {"APIDown", "EvaluatorSilent"} <= names


def _ops(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run_ops(*words, env={**os.environ, "OPS_STATE": "/nonexistent", **env}, cwd=_ROOT)


def test_a_new_runbook_takes_severity_and_target_from_its_rule_and_is_never_written_over(
    tmp_path: Path,
) -> None:
    shelf = _copy(tmp_path)
    (shelf / "CacheEmpty.md").unlink()
    rules = shelf.parent / "alerts" / "rules" / "traffic.yml"
    rules.write_text(rules.read_text().replace("runbooks/CacheEmpty.md", "runbooks/LowCacheHitRate.md"))
    run = _ops("runbooks", "new", "CacheEmpty", "--shelf", str(shelf))
    assert run.returncode == 0, run.stderr
    text = (shelf / "CacheEmpty.md").read_text()
    assert text.startswith("---\nalert: CacheEmpty\nseverity: warning\nmttr_target: ")
    assert "let runbook_url of CacheEmpty end in /CacheEmpty.md" in run.stdout
    assert run.stdout.splitlines()[-1].strip() == "- ops runbooks lint"
    assert {fault.path for fault in lint_folder(shelf)} == {"CacheEmpty.md", "README.md"}
    (shelf / "CacheEmpty.md").write_text("mine")
    again = _ops("runbooks", "new", "CacheEmpty", "--shelf", str(shelf))
    assert (again.returncode, (shelf / "CacheEmpty.md").read_text()) == (4, "mine")
    assert "is there already" in again.stderr


def test_a_new_runbook_for_planned_work_is_in_its_folder(tmp_path: Path) -> None:
    shelf = _copy(tmp_path)
    assert _ops("runbooks", "new", "KeyRotation", "--maintenance", "--shelf", str(shelf)).returncode == 0
    assert all("still the template's text" in fault.text for fault in lint_folder(shelf))
    assert (shelf / "maintenance" / "KeyRotation.md").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("queue-full",), "for instance QueueFull"),
        (("CacheEmty",), "perhaps CacheEmpty"),
        (("Anything", "--alert", "Zzz"), "write its rule first"),
        (("Watchdog",), "is no incident"),
        (("Both", "--alert", "APIDown", "--maintenance"), "exclude each other"),
    ],
)
def test_a_runbook_that_cannot_be_is_refused_with_what_would_be_right(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    shelf = _copy(tmp_path)
    before = sorted(shelf.rglob("*"))
    run = _ops("runbooks", "new", *words, "--shelf", str(shelf))
    assert run.returncode == 2
    assert said in run.stderr
    assert sorted(shelf.rglob("*")) == before


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ops run Data", "DatabaseDown"),
        ("ops runbooks show redis", "RedisDown"),
        ("ops run DatabaseDown check-c", "check-connections"),
        ("ops act restart-a", "restart-all"),
        ("ops diag lo", "locks"),
    ],
)
def test_the_shell_is_offered_names_without_a_daemon(line: str, offered: str) -> None:
    earlier = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    for words in ({"COMP_LINE": line, "COMP_WORDBREAKS": " =:"}, earlier):
        run = _ops(**words, _OPS_COMPLETE="bash_complete")
        assert run.stderr == ""
        assert f"plain,{offered}" in run.stdout.splitlines()
