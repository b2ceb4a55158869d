"""The runbooks folder of this checkout, read for lint."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from alerts.duration import parse_duration_ms
from runbooks.engine.catalogue import build_catalogue
from runbooks.engine.lint import Fault, RuleFacts, lint


def lint_folder(shelf: Path) -> list[Fault]:
    """Every fault of the shelf, held against the rules beside it (``../alerts/rules``)."""
    files = {
        str(path.relative_to(shelf)): path.read_text(errors="replace")
        for path in sorted(shelf.rglob("*"))
        if path.suffix in (".md", ".yml")
    }
    rules = list(_rules(shelf.parent / "alerts" / "rules"))
    return lint(files, build_catalogue(files), rules, exists=lambda path: (shelf / path).exists())


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
