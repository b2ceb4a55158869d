"""A runbook file read: front matter, sections and steps, with every fault named and none raised."""

import hashlib
import itertools
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from alerts.duration import parse_seconds
from alerts.yaml_document import YamlError, read_yaml
from runbooks.engine.params import declare_params
from runbooks.wire import RunbookView, SectionView, StepView

_STEP_NAME = re.compile(r"[a-z][a-z0-9-]{0,47}")
_ATTRIBUTES = {"name", "kind", "timeout", "title", "params", "healthy", "unhealthy", "then"}
_MARKDOWN = MarkdownIt("commonmark")


class _FaultError(ValueError):
    """A fault of one block, without its place."""


def parse_runbook(text: str, runbook_id: str) -> RunbookView:
    """The runbook in ``text``; what is wrong with it stands in ``faults``, and a faulty block is no step."""
    faults: list[str] = []
    body_line, front = _front_matter(text, faults)
    body = "\n".join(_lines(text)[body_line:])
    tokens = _MARKDOWN.parse(body)
    sections = tuple(_sections(tokens, body, body_line))
    steps: list[StepView] = []
    for token in tokens:
        if token.type == "fence" and token.map and token.info.startswith("bash") and "{" in token.info:
            line = body_line + token.map[0] + 1
            try:
                step = _step(token, line, _section_at(sections, line))
                if any(step.name == other.name for other in steps):
                    raise _FaultError(f"step {step.name} stands twice")
                steps.append(step)
            except ValueError as error:
                faults.append(f"line {line}: {error}")
    return RunbookView(
        id=runbook_id,
        title=_title(tokens) or runbook_id,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        alert=_text_or_none(front.get("alert")),
        severity=_text_or_none(front.get("severity")),
        mttr_target_s=_target(front, faults),
        owner=_text_or_none(front.get("owner")),
        steps=tuple(steps),
        sections=sections,
        faults=tuple(faults),
    )


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _front_matter(text: str, faults: list[str]) -> tuple[int, dict[str, Any]]:
    """How many lines the front matter takes, and what it says."""
    lines = _lines(text)
    if not lines or lines[0].strip() != "---":
        faults.append("line 1: no front matter; begin with --- and alert, severity, mttr_target, owner")
        return 0, {}
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        faults.append("line 1: the front matter is not closed by a line ---")
        return 0, {}
    try:
        front = read_yaml("\n".join(lines[1:end])) or {}
    except YamlError as error:
        line = 1 if error.line is None else error.line + 1
        faults.append(f"line {line}: the front matter is not YAML: {error.reason}".replace("\n", " "))
        return end + 1, {}
    if not isinstance(front, dict):
        faults.append("line 1: the front matter must be name: value lines")
        return end + 1, {}
    return end + 1, front


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _target(front: dict[str, Any], faults: list[str]) -> int | None:
    raw = front.get("mttr_target")
    if raw is None:
        return None
    seconds = parse_seconds(str(raw))
    if seconds is None:
        faults.append(f"line 1: mttr_target is {raw!r}; write for instance 5m")
    return seconds


def _title(tokens: list[Token]) -> str | None:
    for token, after in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return after.content
    return None


def _sections(tokens: list[Token], body: str, body_line: int) -> Iterator[SectionView]:
    lines = body.split("\n")
    heads = [
        (token.map[0], after.content)
        for token, after in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map and token.level == 0
    ]
    ends = [start for start, _ in heads[1:]] + [len(lines)]
    for (start, title), end in zip(heads, ends, strict=False):
        markdown = "\n".join(lines[start + 1 : end]).strip("\n")
        yield SectionView(title=title, markdown=markdown, line=body_line + start + 1)


def _section_at(sections: tuple[SectionView, ...], line: int) -> str:
    return next((section.title for section in reversed(sections) if section.line <= line), "")


def _step(token: Token, line: int, section: str) -> StepView:
    attributes = _attributes(token.info)
    name, kind = attributes.get("name"), attributes.get("kind")
    if not isinstance(name, str) or not _STEP_NAME.fullmatch(name):
        raise _FaultError(f"step name {name!r} must be lower-case letters, digits and dashes")
    if kind not in ("read", "change", "destructive"):
        raise _FaultError(f"step {name}: kind is {kind!r}; one of read, change, destructive")
    timeout_s = parse_seconds(str(attributes.get("timeout", "")))
    if timeout_s is None:
        raise _FaultError(f'step {name}: timeout is {attributes.get("timeout")!r}; write for instance "30s"')
    step = StepView(
        name=name,
        kind=kind,
        command=token.content.rstrip("\n"),
        section=section,
        line=line,
        timeout_s=float(timeout_s),
        title=str(attributes.get("title", "")),
        inputs=declare_params(attributes.get("params")),
        healthy=_pattern(name, attributes, "healthy"),
        unhealthy=_pattern(name, attributes, "unhealthy"),
        then=_text_or_none(attributes.get("then")),
    )
    return step if kind == "read" else _with_action(step)


def _attributes(info: str) -> dict[str, Any]:
    raw = info[info.index("{") :]
    try:
        attributes = json.loads(raw)
    except json.JSONDecodeError as error:
        raise _FaultError(
            f"the attributes {raw} are not JSON: {error.msg} at character {error.pos + 1}"
        ) from error
    unknown = sorted(set(attributes) - _ATTRIBUTES)
    if unknown:
        raise _FaultError(f"unknown attribute {', '.join(unknown)}; known: {', '.join(sorted(_ATTRIBUTES))}")
    return dict(attributes)


def _pattern(name: str, attributes: dict[str, Any], field: str) -> str | None:
    raw = attributes.get(field)
    if raw is None:
        return None
    try:
        re.compile(str(raw))
    except re.error as error:
        raise _FaultError(f"step {name}: {field} is no regular expression: {error}") from error
    return str(raw)


def _with_action(step: StepView) -> StepView:
    """The step with the action its one line names; raises where the line is anything else."""
    lines = [line for line in step.command.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 1:
        raise _FaultError(
            f"step {step.name}: a {step.kind} step is exactly one `ops act …` line, not {len(lines)}"
        )
    try:
        words = shlex.split(lines[0])
    except ValueError as error:
        raise _FaultError(f"step {step.name}: {error}") from error
    if words[:2] != ["ops", "act"] or len(words) < 3 or words[2].startswith("-"):
        raise _FaultError(
            f"step {step.name}: a {step.kind} step must be `ops act NAME [--param k=v] [--for 1h]`"
        )
    return msgspec.structs.replace(step, action=words[2], params=_act_params(step.name, words[3:]))


def _act_params(step: str, words: list[str]) -> dict[str, str]:
    params: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        option, _, value = word.partition("=")
        if option not in ("--param", "-p", "--for"):
            raise _FaultError(f"step {step}: {word!r} is not --param k=v or --for 1h")
        value = value or next(rest, "")
        if option == "--for":
            seconds = parse_seconds(value)
            if seconds is None:
                raise _FaultError(f"step {step}: --for is {value!r}; write for instance 1h")
            params["for"] = str(seconds)
            continue
        key, equals, given = value.partition("=")
        if not equals:
            raise _FaultError(f"step {step}: --param {value!r} is not of the form key=value")
        params[key] = given
    return params
