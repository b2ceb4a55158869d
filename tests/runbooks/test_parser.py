"""Facts about reading a runbook."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.engine.parser import parse_runbook
from runbooks.wire import RunbookView

FRONT = "---\nalert: APIDown\nseverity: critical\nmttr_target: 5m\nowner: platform\n---\n# API down\n\n"


def _with_block(attributes: str, text: str, section: str = "Resolution") -> RunbookView:
    return parse_runbook(f"{FRONT}## {section}\n\n```bash {attributes}\n{text}\n```\n", "APIDown")


def test_front_matter_title_and_sections_are_read() -> None:
    runbook = parse_runbook(f"{FRONT}## Overview\n\nIt is down.\n\n## Impact\n\nAll of it.\n", "APIDown")
    assert (runbook.alert, runbook.severity, runbook.mttr_target_s) == ("APIDown", "critical", 300)
    assert runbook.title == "API down"
    assert [(s.title, s.markdown, s.line) for s in runbook.sections] == [
        ("Overview", "It is down.", 9),
        ("Impact", "All of it.", 13),
    ]
    assert runbook.faults == ()


def test_a_read_block_is_a_step_with_its_place() -> None:
    runbook = _with_block('{"name":"check-health","kind":"read","timeout":"30s"}', "ops health", "Diagnosis")
    (step,) = runbook.steps
    assert (step.name, step.kind, step.timeout_s, step.section, step.line) == (
        "check-health", "read", 30.0, "Diagnosis", 11,
    )  # fmt: skip
    assert step.command == "ops health"


def test_a_change_block_names_its_action_and_parameters() -> None:
    runbook = _with_block(
        '{"name":"longer-ttl","kind":"change","timeout":"1m"}',
        "ops act set-cache-ttl --param seconds=7200 --for 1h",
    )
    assert runbook.steps[0].action == "set-cache-ttl"
    assert runbook.steps[0].params == {"seconds": "7200", "for": "3600"}


def test_a_block_without_attributes_is_only_text() -> None:
    assert parse_runbook(f"{FRONT}## Diagnosis\n\n```bash\nls\n```\n", "x").steps == ()


def _only_fault(runbook: RunbookView) -> str:
    assert runbook.steps == ()
    (fault,) = runbook.faults
    return fault


def test_a_change_block_of_two_lines_is_a_fault_with_its_line() -> None:
    fault = _only_fault(
        _with_block('{"name":"x","kind":"change","timeout":"1s"}', "ops act restart-api\nrm -rf /")
    )
    assert fault == "line 11: step x: a change step is exactly one `ops act …` line, not 2"


def test_a_change_block_that_is_no_action_is_a_fault() -> None:
    fault = _only_fault(_with_block('{"name":"x","kind":"change","timeout":"1s"}', "docker restart api"))
    assert "must be `ops act NAME" in fault


def test_attributes_that_are_not_json_are_a_fault_that_says_where() -> None:
    assert "not JSON" in _only_fault(_with_block('{"name":"x",}', "ls"))


def test_a_step_without_a_timeout_is_a_fault() -> None:
    assert "timeout" in _only_fault(_with_block('{"name":"x","kind":"read"}', "ls"))


def test_a_step_of_unknown_kind_is_a_fault() -> None:
    assert "one of read, change, destructive" in _only_fault(
        _with_block('{"name":"x","kind":"maybe","timeout":"1s"}', "ls")
    )


def test_two_steps_of_one_name_are_a_fault() -> None:
    block = '```bash {"name":"x","kind":"read","timeout":"1s"}\nls\n```\n\n'
    runbook = parse_runbook(f"{FRONT}## Diagnosis\n\n{block}{block}", "x")
    assert len(runbook.steps) == 1
    assert runbook.faults == ("line 15: step x stands twice",)


def test_a_file_without_front_matter_keeps_its_steps() -> None:
    text = '# x\n\n```bash {"name":"x","kind":"read","timeout":"1s"}\nls\n```\n'
    runbook = parse_runbook(text, "x")
    assert [step.name for step in runbook.steps] == ["x"]
    assert runbook.faults[0].startswith("line 1: no front matter")


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    assert parse_runbook(text, "any").id == "any"


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_block_breaks_the_parser(attributes: str, command: str) -> None:
    block = "{" + attributes.replace("\n", " ").replace("`", "") + "}"
    assert _with_block(block, command).id == "APIDown"


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("- First this:\n\n  ", ""), ("1. So:\n\n   ", ""), ("> ", ""), ("> - ", ""), ("  ", "")],
)
@pytest.mark.parametrize("fence", ["```", "~~~", "````", "~~~~~"])
@pytest.mark.parametrize("blank", ["", " ", "   "])
def test_a_step_is_a_step_wherever_markdown_has_its_block(
    before: str, after: str, fence: str, blank: str
) -> None:
    attributes = '{"name":"look","kind":"read","timeout":"5s"}'
    head, _, last = before.rpartition("\n")
    rest = last if ">" in last else " " * len(last)
    rest = rest.replace("-", " ")
    lines = [f"{last}{fence}{blank}bash {attributes}", f"{rest}ops ps", f"{rest}{fence}", after]
    text = "\n".join([*head.split("\n"), *lines])
    runbook = parse_runbook(f"{FRONT}## Diagnosis\n\nBefore.\n\n{text}\nAfter.\n", "x")
    assert runbook.faults == ()
    (step,) = runbook.steps
    file = f"{FRONT}## Diagnosis\n\nBefore.\n\n{text}\nAfter.\n".split("\n")
    assert step.command == "ops ps"
    assert attributes in file[step.line - 1]
    assert file[step.end_line - 1].strip("> ") == fence


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("    ```bash {A}\n    ops ps\n    ```", "looks like a step and is only text"),
        ("<div>\n```bash {A}\nops ps\n```\n</div>", "looks like a step and is only text"),
        ("```bash {A}\nops ps\n", "the block is not closed"),
        ("- ```bash {A}\n  ops ps\n\nAfter the list.", "the block is not closed"),
        ("```sh {A}\nops ps\n```", "this one is called sh"),
        ("``` {A}\nops ps\n```", "this one is called nothing"),
        ("~~~bash {A,}\nops ps\n~~~", "are not JSON"),
    ],
)
def test_what_looks_like_a_step_and_is_none_is_a_fault_on_its_line(block: str, fault: str) -> None:
    text = block.replace("{A", '{"name":"look","kind":"read","timeout":"5s"')
    runbook = parse_runbook(f"{FRONT}## Diagnosis\n\n{text}\n", "x")
    assert runbook.steps == ()
    (found,) = runbook.faults
    assert fault in found
    at = int(found.removeprefix("line ").partition(":")[0])
    assert "look" in f"{FRONT}## Diagnosis\n\n{text}\n".split("\n")[at - 1]


def test_a_step_that_another_block_quotes_is_text_and_no_fault() -> None:
    text = '````markdown\n```bash {"name":"x","kind":"read","timeout":"5s"}\nops ps\n```\n````'
    runbook = parse_runbook(f"{FRONT}## Diagnosis\n\n{text}\n", "x")
    assert (runbook.steps, runbook.faults) == ((), ())


def test_what_stands_before_the_first_section_is_kept_with_its_steps() -> None:
    step = '```bash {"name":"look","kind":"read","timeout":"5s"}\nops ps\n```'
    runbook = parse_runbook(f"{FRONT}Read this first.\n\n{step}\n\n## Overview\n\nIt is down.\n", "x")
    assert runbook.preamble is not None
    assert runbook.preamble.markdown == f"Read this first.\n\n{step}"
    assert runbook.preamble.first_line == 9
    assert runbook.steps[0].line == 11
    assert [section.title for section in runbook.sections] == ["Overview"]


def test_a_heading_that_is_underlined_is_no_part_of_its_text() -> None:
    runbook = parse_runbook(f"{FRONT}Overview\n--------\n\nIt is down.\n", "x")
    (section,) = runbook.sections
    assert (section.title, section.markdown, section.first_line) == ("Overview", "It is down.", 12)


def test_front_matter_is_taken_as_written() -> None:
    runbook = parse_runbook("---\nalert: on\nseverity: 1.10\nowner: 2023-02-30\n---\n", "x")
    assert (runbook.alert, runbook.severity, runbook.owner) == ("on", "1.10", "2023-02-30")


def test_a_doubled_name_in_front_matter_is_a_fault_with_its_line() -> None:
    runbook = parse_runbook("---\nalert: A\nowner: b\nowner: c\n---\n", "x")
    assert any(
        fault.startswith("line 4: ") and "'owner' is there already" in fault for fault in runbook.faults
    )
