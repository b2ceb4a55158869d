"""Facts about the shelf as the command line reads it: the rules beside it and the daemon's own alerts are checked."""

import shutil
from pathlib import Path

from console.shelf import facts_beside, lint_folder

_ROOT = Path(__file__).resolve().parents[2]


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
