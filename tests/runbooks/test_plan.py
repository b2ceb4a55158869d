"""Facts about plans: what exactly would run, and what is refused."""

import shlex

import pytest

from runbooks.engine.action import ActionFileError, load_actions, meets
from runbooks.engine.params import ParameterError
from runbooks.engine.parser import parse_runbook
from runbooks.engine.plan import Plan, UnavailableHereError, UnknownStepError, plan_action, plan_step
from tests.paths import CHECKOUT

ACTIONS = load_actions("""
restart-SERVICE:
  each: [api, redis]
  title: Restart SERVICE
  kind: change
  object: SERVICE
  targets:
    local: ["{python}", "-m", "server.stack", "service", "restart", "SERVICE"]
set-cache-ttl:
  title: Set the cache time
  kind: change
  object: settings
  temporary: true
  params:
    seconds: {type: int, minimum: 0, maximum: 86400, required: true}
    note: {type: string}
  targets:
    local: ["{python}", "-m", "tune", "--ttl={seconds}", "--note={note}", "--for={for}"]
    compose: ["tune", "{seconds}"]
scale:
  title: Scale
  kind: change
  object: api
  params:
    workers: {type: int, required: true}
    note: {type: string}
  precheck:
    local: ["{python}", "-m", "scale", "--check", "--note={note}"]
  verify: {query: 'sum(api_workers{job="api"})', expect: "== {workers}", within: 5s}
  rollback: ops act scale --param note={note}
  targets:
    local: ["{python}", "-m", "scale", "{workers}"]
    procfile: ["{service_command}", "scale", "{workers}"]
""")
RUNBOOK = parse_runbook(
    "---\nalert: X\nseverity: critical\nmttr_target: 5m\nowner: p\n---\n# X\n\n## Diagnosis\n\n"
    '```bash {"name":"look","kind":"read","timeout":"5s","params":{"REQUEST_ID":{"required":true}}}\necho "$REQUEST_ID"\n```\n'
    '\n## Resolution\n\n```bash {"name":"cure","kind":"change","timeout":"5s"}\nops act restart-api\n```\n',
    "X",
)
WORDS = {"python": "/bin/python"}


def _ttl(params: dict[str, str], for_s: int | None = None) -> Plan:
    return plan_action(ACTIONS["set-cache-ttl"], params, target="local", words=WORDS, for_s=for_s)


def test_an_action_for_each_service_is_one_action_each() -> None:
    assert set(ACTIONS) == {"restart-api", "restart-redis", "scale", "set-cache-ttl"}
    assert ACTIONS["restart-redis"].locks == ("service:redis",)


def test_an_argument_whose_parameter_was_not_given_is_left_out() -> None:
    assert _ttl({"seconds": "60"}).argv == ("/bin/python", "-m", "tune", "--ttl=60")


def test_a_pre_check_and_the_way_back_are_filled_in_as_the_command_is() -> None:
    without = plan_action(ACTIONS["scale"], {"workers": "2"}, target="local", words=WORDS)
    assert without.precheck == ("/bin/python", "-m", "scale", "--check")
    assert without.rollback == "ops act scale --param note={note}"
    params = {"workers": "2", "note": "it's; rm -rf"}
    plan = plan_action(ACTIONS["scale"], params, target="local", words=WORDS)
    assert plan.precheck == ("/bin/python", "-m", "scale", "--check", "--note=it's; rm -rf")
    assert plan.rollback is not None
    assert shlex.split(plan.rollback)[-1] == "note=it's; rm -rf"


def test_every_change_of_the_shelf_is_measured_afterwards() -> None:
    actions = load_actions((CHECKOUT / "runbooks" / "actions.yml").read_text())
    unmeasured = {a.name for a in actions.values() if a.kind != "read" and a.verify is None}
    assert unmeasured == {"stop-evaluator", "hold-postgres", "hold-redis"}


def test_a_temporary_change_says_for_how_long() -> None:
    assert "--for=3600s" in _ttl({"seconds": "60"}, for_s=3600).argv


def test_a_target_whose_command_knows_no_end_takes_no_temporary_change() -> None:
    with pytest.raises(ParameterError, match="on the target compose set-cache-ttl has no end of its own"):
        plan_action(ACTIONS["set-cache-ttl"], {"seconds": "60"}, target="compose", words=WORDS, for_s=60)


def test_a_parameter_is_what_the_metric_is_measured_against() -> None:
    plan = plan_action(ACTIONS["scale"], {"workers": "3"}, target="local", words=WORDS)
    assert plan.verify is not None
    assert (plan.verify.query, plan.verify.expect) == ('sum(api_workers{job="api"})', "== 3")


def test_an_action_whose_program_is_not_configured_is_unavailable_here() -> None:
    with pytest.raises(UnavailableHereError, match="scale is unavailable here"):
        plan_action(ACTIONS["scale"], {"workers": "3"}, target="procfile", words=WORDS)


def test_a_parameter_stays_one_argument_whatever_it_holds() -> None:
    assert (
        _ttl({"seconds": "60", "note": "a; rm -rf / {python} $(x)"}).argv[-1]
        == "--note=a; rm -rf / {python} $(x)"
    )


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({}, "seconds: is needed"),
        ({"seconds": "soon"}, "write for instance"),
        ({"seconds": "-1"}, "at least 0"),
        ({"seconds": "90000"}, "at most 86400"),
        ({"seconds": "60", "colour": "red"}, "colour: unknown; it takes note, seconds"),
        ({"seconds": "60", "note": "a\x1b[31m"}, "printable"),
        ({"seconds": "60", "note": "--force"}, "dash"),
    ],
)
def test_a_bad_parameter_is_refused_with_what_would_be_right(params: dict[str, str], why: str) -> None:
    with pytest.raises(ParameterError, match=why):
        _ttl(params)


def test_an_action_that_the_target_lacks_is_unavailable_here() -> None:
    with pytest.raises(UnavailableHereError, match="unavailable here: the target compose"):
        plan_action(ACTIONS["restart-api"], {}, target="compose", words=WORDS)


def test_an_action_that_is_not_temporary_refuses_a_duration() -> None:
    with pytest.raises(ParameterError, match="not a temporary change"):
        plan_action(ACTIONS["restart-api"], {}, target="local", words=WORDS, for_s=60)


def _step(name: str, **params: str) -> Plan:
    return plan_step(RUNBOOK, name, params, actions=ACTIONS, target="local", words=WORDS)


def test_a_read_step_gets_its_parameters_only_through_the_environment() -> None:
    plan = _step("look", REQUEST_ID="$(reboot)")
    assert plan.argv == ("bash", "-euo", "pipefail", "-c", 'echo "$REQUEST_ID"')
    assert plan.env == {"REQUEST_ID": "$(reboot)"}


def test_a_change_step_is_its_action() -> None:
    plan = _step("cure")
    assert (plan.action, plan.object, plan.locks) == ("restart-api", "api", ("service:api",))
    assert plan.argv[-2:] == ("restart", "api")


def test_an_unknown_step_names_those_there_are() -> None:
    with pytest.raises(UnknownStepError, match="its steps: look, cure"):
        _step("fix")


def test_a_digest_is_the_same_for_the_same_plan_and_differs_with_a_parameter() -> None:
    assert _ttl({"seconds": "60"}).digest == _ttl({"seconds": "60"}).digest
    assert _ttl({"seconds": "60"}).digest != _ttl({"seconds": "61"}).digest


def test_a_digest_differs_when_the_runbook_changed() -> None:
    other = plan_step(
        parse_runbook("---\n---\n" + '```bash {"name":"cure","kind":"change","timeout":"5s"}\nops act restart-api\n```', "X"),
        "cure", {}, actions=ACTIONS, target="local", words=WORDS,
    )  # fmt: skip
    assert other.argv == _step("cure").argv
    assert other.digest != _step("cure").digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1", "a: must be a mapping"),
        ("a: {kind: change}", "title is missing"),
        ("a: {title: A, kind: wild, targets: {local: [x]}}", "kind is 'wild'"),
        ("a: {title: A, kind: read, targets: {moon: [x]}}", "must map some of local, compose, procfile"),
        ("a: {title: A, kind: read, targets: {local: 'rm -rf'}}", "list of strings"),
        ("a: {title: A, kind: read, colour: x, targets: {local: [x]}}", "unknown colour"),
        (
            "a: {title: A, kind: read, targets: {local: [x]}, verify: {query: up, expect: good}}",
            "comparison such as '== 1'",
        ),
        (
            "a: {title: A, kind: read, targets: {local: [x]}, healthy: '('}",
            "healthy is no regular expression",
        ),
        (
            "a: {title: A, kind: change, targets: {local: [x]}, unhealthy: x}",
            "unhealthy is for what only reads",
        ),
        ("a: [", "not YAML"),
    ],
)
def test_a_damaged_action_file_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ActionFileError, match=why):
        load_actions(text)


@pytest.mark.parametrize(
    ("expect", "value", "expected"),
    [("== 1", 1.0, True), ("< 0.05", 0.2, False), ("absent", None, True), ("== 1", None, False)],
)
def test_a_measurement_meets_an_expectation_or_not(expect: str, value: float | None, expected: bool) -> None:
    assert meets(expect, value) is expected
