"""A runbook file read: front matter, sections and steps, with every fault named and none raised."""

import hashlib
import itertools
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from alerts.duration import parse_seconds
from alerts.pattern import PatternError, compile_pattern
from alerts.yaml_document import YamlError, read_yaml
from runbooks.engine.params import declare_params
from runbooks.wire import RunbookView, SectionView, StepView

_STEP_NAME = re.compile(r"[a-z][a-z0-9-]{0,47}")
_ATTRIBUTES = {"name", "kind", "timeout", "title", "params", "healthy", "unhealthy", "then"}
_MARKDOWN = MarkdownIt("commonmark")
_STEP_INFO = re.compile(r"([^\s{]*)\s*(\{.*)", re.DOTALL)
_OPENS_A_STEP = re.compile(r"[\s>*+\-\d.)]*(`{3,}|~{3,})\s*bash\s*\{")
_LOST = "begin its fence at the margin, or as deep as the text of its list, outside of HTML"


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
    blocks = list(_step_blocks(tokens, body.split("\n")))
    for block in blocks:
        line = body_line + block.begin + 1
        try:
            step = _step(block, line, body_line + block.end, _section_at(sections, line))
            if any(step.name == other.name for other in steps):
                raise _FaultError(f"step {step.name} stands twice")
            steps.append(step)
        except ValueError as error:
            faults.append(f"line {line}: {error}")
    for at in _lost_fences(tokens, body.split("\n")):
        faults.append(f"line {body_line + at + 1}: this looks like a step and is only text; {_LOST}")
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
        preamble=_preamble(tokens, body, body_line),
        faults=tuple(sorted(faults, key=_line_of)),
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
        (token.map[0], token.map[1], after.content)
        for token, after in itertools.pairwise(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map and token.level == 0
    ]
    ends = [start for start, _, _ in heads[1:]] + [len(lines)]
    for (start, text, title), end in zip(heads, ends, strict=False):
        yield _text_of(title, lines, text, end, body_line, heading=start)


def _text_of(
    title: str, lines: list[str], begin: int, end: int, body_line: int, *, heading: int
) -> SectionView:
    """The lines from ``begin`` up to ``end``, without the empty ones around them."""
    while begin < end and not lines[begin].strip():
        begin += 1
    markdown = "\n".join(lines[begin:end]).strip("\n")
    return SectionView(
        title=title, markdown=markdown, line=body_line + heading + 1, first_line=body_line + begin + 1
    )


def _preamble(tokens: list[Token], body: str, body_line: int) -> SectionView | None:
    """What stands before the first section, its title left out; None where there is nothing."""
    lines = body.split("\n")
    heads = (
        t.map[0] for t in tokens if t.type == "heading_open" and t.tag == "h2" and t.map and t.level == 0
    )
    begin, end = 0, next(heads, len(lines))
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1" and tokens[0].map:
        begin = tokens[0].map[1]
    found = _text_of("", lines, begin, end, body_line, heading=begin)
    return found if found.markdown else None


def _section_at(sections: tuple[SectionView, ...], line: int) -> str:
    return next((section.title for section in reversed(sections) if section.line <= line), "")


class _Block(NamedTuple):
    """A fenced block that wants to be a step; ``begin`` and ``end`` are lines of the body, the end exclusive."""

    language: str
    attributes: str
    text: str
    begin: int
    end: int
    closed: bool


def _step_blocks(tokens: list[Token], lines: list[str]) -> Iterator[_Block]:
    """Every fenced block with attributes, wherever Markdown has one: in lists and quotes, of ``~`` or of more marks."""
    for token in tokens:
        found = _STEP_INFO.fullmatch(token.info.strip()) if token.type == "fence" and token.map else None
        if found is None or token.map is None or not (found[1] == "bash" or _names_a_step(found[2])):
            continue
        begin, end = token.map
        last = lines[end - 1].strip().lstrip("> \t")
        closed = end - 1 > begin and len(last) >= len(token.markup) and not last.strip(token.markup[0])
        yield _Block(found[1], found[2], token.content, begin, end, closed)


def _names_a_step(attributes: str) -> bool:
    try:
        found = json.loads(attributes)
    except ValueError:
        return False
    return isinstance(found, dict) and {"name", "kind"} <= set(found)


def _lost_fences(tokens: list[Token], lines: list[str]) -> Iterator[int]:
    """Lines that open a step for whoever reads them, and that Markdown takes for text."""
    fenced = {at for t in tokens if t.type == "fence" and t.map for at in range(*t.map)}
    for at, line in enumerate(lines):
        if at not in fenced and _OPENS_A_STEP.match(line):
            yield at


def _line_of(fault: str) -> int:
    number = fault.removeprefix("line ").partition(":")[0]
    return int(number) if number.isdigit() else 0


def _step(block: _Block, line: int, end_line: int, section: str) -> StepView:
    if block.language != "bash":
        raise _FaultError(f"a step's block is called bash; this one is called {block.language or 'nothing'}")
    if not block.closed:
        raise _FaultError("the block is not closed by a fence like the one that opens it")
    attributes = _attributes(block.attributes)
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
        command=block.text.rstrip("\n"),
        section=section,
        line=line,
        end_line=end_line,
        timeout_s=float(timeout_s),
        title=str(attributes.get("title", "")),
        inputs=declare_params(attributes.get("params")),
        healthy=_pattern(name, attributes, "healthy"),
        unhealthy=_pattern(name, attributes, "unhealthy"),
        then=_text_or_none(attributes.get("then")),
    )
    return step if kind == "read" else _with_action(step)


def _attributes(raw: str) -> dict[str, Any]:
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
        compile_pattern(str(raw))
    except PatternError as error:
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
