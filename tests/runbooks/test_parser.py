"""Facts about reading a runbook."""

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


def test_front_matter_is_taken_as_written() -> None:
    runbook = parse_runbook("---\nalert: on\nseverity: 1.10\nowner: 2023-02-30\n---\n", "x")
    assert (runbook.alert, runbook.severity, runbook.owner) == ("on", "1.10", "2023-02-30")


def test_a_doubled_name_in_front_matter_is_a_fault_with_its_line() -> None:
    runbook = parse_runbook("---\nalert: A\nowner: b\nowner: c\n---\n", "x")
    assert any(
        fault.startswith("line 4: ") and "'owner' is there already" in fault for fault in runbook.faults
    )
