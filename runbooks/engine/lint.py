"""What is wrong with the shelf as a whole: sections, links, rules and runbooks that disagree."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from runbooks.engine.catalogue import Catalogue
from runbooks.engine.template import MARKER
from runbooks.wire import RunbookView

SECTIONS = ("Overview", "Impact", "Diagnosis", "Resolution", "Prevention", "Escalation")
SEVERITIES = ("critical", "warning", "info")
_LINK = re.compile(r"(?<!\!)\[[^\]]{0,200}\]\(([^)\s\[]+)\)")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|TBD|XXX)\b")


class LintFault(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong, and where."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


class RuleFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says that its runbook must agree with."""

    alert: str
    severity: str
    mttr_target_s: int | None
    runbook_url: str
    said_by: str = "the rule"
    """Who says it, where it is not a rule of a file."""


def lint(
    files: Mapping[str, str],
    catalogue: Catalogue,
    rules: Iterable[RuleFacts],
    *,
    exists: Callable[[str], bool],
) -> list[LintFault]:
    """Every fault of the shelf. ``files`` maps paths below ``runbooks/`` to their text;
    ``exists`` tells whether a path, relative to ``runbooks/``, is a file or folder of the project."""
    faults = [LintFault("actions.yml", text.removeprefix("actions.yml: ")) for text in catalogue.faults]
    for runbook in catalogue.runbooks.values():
        faults.extend(LintFault(f"{runbook.id}.md", text) for text in _runbook_faults(runbook, catalogue))
    for path, text in files.items():
        if path.endswith(".md"):
            faults.extend(LintFault(path, fault) for fault in _text_faults(path, text, exists))
    faults.extend(_rule_faults(catalogue, rules))
    return sorted(faults)


def _runbook_faults(runbook: RunbookView, catalogue: Catalogue) -> Iterator[str]:
    yield from runbook.faults
    titles = tuple(section.title for section in runbook.sections)
    if titles != SECTIONS:
        yield f"sections are {', '.join(titles) or 'none'}; they must be {', '.join(SECTIONS)}, in this order"
    for section in runbook.sections:
        if not section.markdown.strip():
            yield f"line {section.line}: section {section.title} is empty"
    if runbook.owner is None:
        yield "line 1: front matter has no owner"
    if not runbook.id.startswith("maintenance/"):
        yield from _alert_faults(runbook)
    names = {step.name for step in runbook.steps}
    for step in runbook.steps:
        if step.action is not None and step.action not in catalogue.actions:
            yield f"line {step.line}: step {step.name}: no action {step.action}"
        elif step.action is not None and catalogue.actions[step.action].kind != step.kind:
            kind = catalogue.actions[step.action].kind
            yield f"line {step.line}: step {step.name} is {step.kind}, but the action {step.action} is {kind}"
        if step.then is not None and step.then not in names:
            yield f"line {step.line}: step {step.name} points to {step.then}, which is no step here"
    if not any(step.section == "Resolution" for step in runbook.steps):
        yield "section Resolution has no step"


def _alert_faults(runbook: RunbookView) -> Iterator[str]:
    if runbook.alert is None:
        yield "line 1: front matter has no alert"
    if runbook.severity not in SEVERITIES:
        yield f"line 1: severity is {runbook.severity}; one of {', '.join(SEVERITIES)}"
    if runbook.mttr_target_s is None:
        yield "line 1: front matter has no mttr_target"


def _text_faults(path: str, text: str, exists: Callable[[str], bool]) -> Iterator[str]:
    folder = posixpath.dirname(path)
    for number, line in enumerate(text.splitlines(), 1):
        if _UNFINISHED.search(line):
            yield f"line {number}: unfinished: {line.strip()[:60]}"
        if line.lstrip().startswith(MARKER):
            yield f"line {number}: still the template's text: {line.strip().removeprefix(MARKER).strip()[:60]}…"
        for target in _LINK.findall(line):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            resolved = posixpath.normpath(posixpath.join(folder, target.partition("#")[0]))
            if not exists(resolved):
                yield f"line {number}: link {target} leads nowhere"


def _rule_faults(catalogue: Catalogue, rules: Iterable[RuleFacts]) -> Iterator[LintFault]:
    facts = {rule.alert: rule for rule in rules}
    for rule in facts.values():
        if rule.severity not in SEVERITIES:
            continue
        pointed_at = catalogue.runbook_for_url(rule.runbook_url)
        if pointed_at is None:
            yield LintFault(
                "README.md", f"alert {rule.alert}: its runbook_url {rule.runbook_url!r} is no runbook here"
            )
        elif pointed_at.alert != rule.alert:
            text = f"alert {rule.alert}: its runbook_url points at {pointed_at.id}, which is about {pointed_at.alert}"
            yield LintFault("README.md", text)
    for runbook in catalogue.runbooks.values():
        rule_of = facts.get(runbook.alert or "")
        if runbook.alert is None:
            continue
        if rule_of is None:
            yield LintFault(f"{runbook.id}.md", f"no rule is named {runbook.alert}")
            continue
        if rule_of.severity != runbook.severity:
            yield LintFault(
                f"{runbook.id}.md", f"severity {runbook.severity}; {rule_of.said_by} says {rule_of.severity}"
            )
        if rule_of.mttr_target_s != runbook.mttr_target_s:
            text = f"mttr_target {runbook.mttr_target_s} s; {rule_of.said_by} says {rule_of.mttr_target_s} s"
            yield LintFault(f"{runbook.id}.md", text)
