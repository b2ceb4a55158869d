"""An action: one thing that may be done to a target, as ``actions.yml`` declares it."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.duration import parse_seconds
from alerts.pattern import PatternError, compile_pattern
from alerts.yaml_document import YamlError, read_yaml
from runbooks.engine.params import declare_params
from runbooks.wire import ParamView, StepKind

KINDS = ("read", "change", "destructive")
TARGETS = ("local", "compose", "procfile", "kubernetes")
_FIELDS = {
    "title", "kind", "object", "params", "timeout", "locks", "temporary", "people",
    "precheck", "verify", "rollback", "targets", "each", "only", "unverified", "healthy", "unhealthy",
}  # fmt: skip


class ActionFileError(ValueError):
    """``actions.yml`` is not what it should be; the message says which action and what is wrong."""


_ANY_WORD = re.compile(r"\{[a-z_]+\}")


class Verify(msgspec.Struct, frozen=True, kw_only=True):
    """The live metric that says whether an action did what it is for."""

    query: str
    expect: str
    """A comparison with a number, such as ``== 1``, ``< 0.05`` or ``== {workers}``; ``absent`` for no sample at all."""
    within_s: float
    settle_s: float = 0.0
    """How long after the action it is first measured: an effect that takes time to show is not yet absent."""
    text: str = ""
    """What is measured, in words and with its unit: ``error rate %``."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One action, with its argv for each target."""

    name: str
    title: str
    kind: StepKind
    object: str
    """What it acts on; ``{param}`` is replaced by that parameter."""
    timeout_s: float
    locks: tuple[str, ...]
    argv: Mapping[str, tuple[str, ...]]
    """Target to argv; an element's ``{word}`` is replaced by a parameter or a word of the target, never split."""
    params: tuple[ParamView, ...] = ()
    temporary: bool = False
    people: int = 1
    unverified: frozenset[str] = frozenset()
    """Targets whose argv comes from the tool's documentation and was not run."""
    precheck: Mapping[str, tuple[str, ...]] = {}
    """Target to argv of a read-only command that must exit 0 first."""
    verify: Verify | None = None
    rollback: str | None = None
    """The ``ops act …`` line that takes it back."""
    healthy: str | None = None
    """A pattern of a line that a read action prints where all is well."""
    unhealthy: str | None = None
    """A pattern of a line that it prints where something is not."""


def load_actions(text: str) -> dict[str, Action]:
    """Every action by name; raises ``ActionFileError``."""
    try:
        raw = read_yaml(text, typed=True)
    except YamlError as error:
        raise ActionFileError(f"not YAML: {error}") from error
    if not isinstance(raw, Mapping):
        raise ActionFileError("actions.yml must be a mapping of action name to action")
    actions: dict[str, Action] = {}
    for name, body in raw.items():
        for action in _expand(str(name), body):
            if action.name in actions:
                raise ActionFileError(f"{action.name} is declared twice")
            actions[action.name] = action
    return actions


def _expand(name: str, body: object) -> list[Action]:
    if not isinstance(body, Mapping):
        raise ActionFileError(f"{name}: must be a mapping with at least title, kind and targets")
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        raise ActionFileError(f"{name}: unknown {', '.join(unknown)}; known: {', '.join(sorted(_FIELDS))}")
    try:
        if "each" not in body:
            return [_action(name, body)]
        return [
            _action(name.replace("SERVICE", each), _replaced(_reaching(body, each), each))
            for each in body["each"]
        ]
    except (ValueError, TypeError) as error:
        raise ActionFileError(f"{name}: {error}") from error


def _reaching(body: Mapping[str, Any], service: str) -> dict[str, Any]:
    """The declaration without the targets that ``only`` keeps for other services."""
    beyond = {target for target, services in (body.get("only") or {}).items() if service not in services}
    kept = {key: value for key, value in body.items() if key != "only"}
    for field in ("targets", "precheck"):
        kept[field] = {
            target: argv for target, argv in (body.get(field) or {}).items() if target not in beyond
        }
    return kept


def _replaced(value: Any, service: str) -> Any:
    if isinstance(value, str):
        return value.replace("SERVICE", service)
    if isinstance(value, Mapping):
        return {key: _replaced(item, service) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, service) for item in value]
    return value


def _action(name: str, body: Mapping[str, Any]) -> Action:
    kind = body.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; one of {', '.join(KINDS)}")
    timeout_s = parse_seconds(str(body.get("timeout", "60s")))
    if timeout_s is None:
        raise ValueError(f"timeout is {body.get('timeout')!r}; write for instance 60s")
    acted_on = str(body.get("object", name))
    people = int(body.get("people", 1))
    if people not in (1, 2):
        raise ValueError(f"people is {people}; 1 or 2")
    return Action(
        name=name,
        title=str(body.get("title") or _missing("title")),
        kind=kind,
        object=acted_on,
        timeout_s=float(timeout_s),
        locks=tuple(sorted(str(lock) for lock in body.get("locks", [f"service:{acted_on}"]))),
        argv=_argv_by_target(body.get("targets") or _missing("targets"), "targets"),
        params=declare_params(body.get("params")),
        temporary=bool(body.get("temporary", False)),
        people=people,
        unverified=frozenset(body.get("unverified", ())),
        precheck=_argv_by_target(body.get("precheck") or {}, "precheck"),
        verify=_verify(body["verify"]) if body.get("verify") else None,
        rollback=body.get("rollback"),
        healthy=_pattern(body, "healthy"),
        unhealthy=_pattern(body, "unhealthy"),
    )


def _pattern(body: Mapping[str, Any], field: str) -> str | None:
    raw = body.get(field)
    if raw is None:
        return None
    if body.get("kind") != "read":
        raise ValueError(f"{field} is for what only reads; a change is judged by verify")
    try:
        compile_pattern(str(raw))
    except PatternError as error:
        raise ValueError(f"{field} is no regular expression: {error}") from error
    return str(raw)


def _missing(field: str) -> Any:
    raise ValueError(f"{field} is missing")


def _argv_by_target(raw: object, field: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, Mapping) or set(raw) - set(TARGETS):
        raise ValueError(f"{field} must map some of {', '.join(TARGETS)} to an argv list")
    for target, argv in raw.items():
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            raise ValueError(f"{field}.{target} must be a list of strings, one for each argument")
    return {target: tuple(argv) for target, argv in raw.items()}


def _verify(raw: Mapping[str, Any]) -> Verify:
    within_s = parse_seconds(str(raw.get("within", "60s")))
    if within_s is None:
        raise ValueError(f"verify.within is {raw.get('within')!r}; write for instance 60s")
    expect = str(raw.get("expect") or _missing("verify.expect"))
    parse_expectation(_ANY_WORD.sub("0", expect))
    query = str(raw.get("query") or _missing("verify.query"))
    settle_s = parse_seconds(str(raw["settle"])) if "settle" in raw else 0
    if settle_s is None:
        raise ValueError(f"verify.settle is {raw.get('settle')!r}; write for instance 10s")
    return Verify(
        query=query,
        expect=expect,
        within_s=float(within_s),
        settle_s=float(settle_s),
        text=str(raw.get("text", "")),
    )


def parse_expectation(expect: str) -> tuple[str, float]:
    """``== 1`` as (``==``, 1.0), ``absent`` as (``absent``, 0.0); raises ``ValueError``."""
    if expect == "absent":
        return "absent", 0.0
    operator, _, number = expect.partition(" ")
    if operator not in ("==", "!=", "<", "<=", ">", ">="):
        raise ValueError(f"expectation {expect!r} must be a comparison such as '== 1', or 'absent'")
    return operator, float(number)


def meets(expect: str, value: float | None) -> bool:
    """Whether a measured value (None: no sample) is what ``expect`` asks for."""
    operator, wanted = parse_expectation(expect)
    if operator == "absent" or value is None:
        return operator == "absent" and value is None
    return {
        "==": value == wanted,
        "!=": value != wanted,
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[operator]
