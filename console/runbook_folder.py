"""The runbooks folder of this checkout, read for lint."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from alerts.duration import parse_duration_ms
from alerts.self_alerts import OWN_ALERTS
from console.paths import CHECKOUT, RUNBOOKS
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
        if path.suffix in (".md", ".yml")
    }


def facts_beside(shelf: Path) -> list[RuleFacts]:
    """What the rules of ``../alerts/rules`` say, and the daemon of its own alerts that have a runbook."""
    return [*_rules(shelf.parent / "alerts" / "rules"), *_own()]


def _own() -> Iterator[RuleFacts]:
    for alert in OWN_ALERTS:
        if alert.runbook_url is not None:
            yield RuleFacts(
                alert=alert.name,
                severity=alert.severity,
                mttr_target_s=parse_duration_ms(alert.mttr_target) // 1000 if alert.mttr_target else None,
                runbook_url=alert.runbook_url,
                said_by="the ops daemon, whose own alert it is,",
            )


def _rules(folder: Path) -> Iterator[RuleFacts]:
    for path in sorted(folder.glob("*.yml")):
        for group in (yaml.safe_load(path.read_text()) or {}).get("groups", ()):
            for rule in group.get("rules", ()):
                if "alert" in rule:
                    yield _facts(rule)


def _facts(rule: dict[str, dict[str, str]]) -> RuleFacts:
    annotations, labels = rule.get("annotations", {}), rule.get("labels", {})
    target = annotations.get("mttr_target")
    return RuleFacts(
        alert=str(rule["alert"]),
        severity=labels.get("severity", ""),
        mttr_target_s=parse_duration_ms(target) // 1000
        if target and re.fullmatch(r"[0-9a-z]+", target)
        else None,
        runbook_url=annotations.get("runbook_url", ""),
    )
