"""The runbooks folder of this checkout, read for lint."""

import re
from collections.abc import Iterator
from pathlib import Path

from alerts.duration import parse_duration_ms
from alerts.rule import AlertRule, parse_rules
from alerts.self_alerts import OWN_ALERTS
from console.paths import CHECKOUT, RUNBOOKS
from console.plain_file import read_plain
from runbooks.engine.catalogue import Catalogue, build_catalogue
from runbooks.engine.lint import LintFault, RuleFacts, lint


def lint_folder(shelf: Path) -> list[LintFault]:
    """Every fault of the shelf, held against the rules beside it (``../alerts/rules``)."""
    files = _files(shelf)
    return lint(
        files, build_catalogue(files), facts_beside(shelf), exists=lambda path: _leads_somewhere(shelf, path)
    )


def _leads_somewhere(shelf: Path, path: str) -> bool:
    """Whether a link's target is there; the documents beside the installed shelf are in the checkout alone."""
    target = (shelf / path).resolve()
    is_installed = shelf.resolve() == RUNBOOKS and not (CHECKOUT / "setup.cfg").exists()
    return target.exists() or (is_installed and not target.is_relative_to(RUNBOOKS))


def read_catalogue(shelf: Path) -> Catalogue:
    """The folder's runbooks and actions, for when no daemon tells."""
    return build_catalogue(_files(shelf))


def write_runbook(shelf: Path, runbook_id: str, text: str) -> Path:
    """Write a new runbook. Raises ``FileExistsError`` rather than write over one, and other ``OSError``."""
    path = shelf / f"{runbook_id}.md"
    path.parent.mkdir(exist_ok=True)
    with path.open("x") as file:
        file.write(text)
    return path


def _files(shelf: Path) -> dict[str, str]:
    return {
        str(path.relative_to(shelf)): path.read_text(errors="replace")
        for path in sorted(shelf.rglob("*"))
        if path.suffix in (".md", ".yml") and path.is_file()
    }


def facts_beside(shelf: Path) -> list[RuleFacts]:
    """What the rules of ``../alerts/rules`` say, and the daemon of its own alerts."""
    return [*_rules(shelf.parent / "alerts" / "rules"), *_own()]


def _own() -> Iterator[RuleFacts]:
    for alert in OWN_ALERTS:
        yield RuleFacts(
            alert=alert.name,
            severity=alert.severity,
            mttr_target_s=parse_duration_ms(alert.mttr_target) // 1000,
            runbook_url=alert.runbook_url,
            said_by="the ops daemon, whose own alert it is,",
        )


def _rules(folder: Path) -> Iterator[RuleFacts]:
    for path in sorted(path for path in folder.glob("*") if path.suffix in (".yml", ".yaml")):
        yield from _alerts_in(path)


def _alerts_in(path: Path) -> Iterator[RuleFacts]:
    """The alerts of one file; none of a file that the evaluator leaves out too."""
    try:
        groups = parse_rules(read_plain(path).decode("utf-8-sig"), path.name)
    except (OSError, ValueError):
        return
    for group in groups:
        yield from (_facts(rule) for rule in group.rules if isinstance(rule, AlertRule))


def _facts(rule: AlertRule) -> RuleFacts:
    annotations, labels = rule.source["annotations"], rule.source["labels"]
    target = annotations.get("mttr_target")
    return RuleFacts(
        alert=rule.name,
        severity=labels.get("severity", ""),
        mttr_target_s=parse_duration_ms(target) // 1000
        if target and re.fullmatch(r"[0-9a-z]+", target)
        else None,
        runbook_url=annotations.get("runbook_url", ""),
    )
