"""What each of several persons is to do, and by when: «Farid will call and Lena will write», «Jonas books the venue by 20 May»."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.rows.row_clauses import object_of, roles_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import first_names
from server.api.providers.local.node import Node
from server.api.providers.local.property import words_of

_WILL = (
    ("will",),
    ("is", "going", "to"),
    ("is", "to"),
    ("has", "to"),
    ("needs", "to"),
    ("should",),
    ("to",),
    ("agreed", "to"),
    ("'ll",),
    ("shall",),
    ("must",),
)
_NEVER = frozenset(
    [
        "not",
        "no",
        "never",
        "if",
        "unless",
        "maybe",
        "might",
        "could",
        "would",
        "cancel",
        "cancelled",
        "instead",
        "either",
        "or",
    ]
)  # one list, one line
_DUES = frozenset(
    "due date deadline by until when target".split()  # noqa: SIM905  # as above
)
_BY = frozenset({"by", "before", "until", "on", "due", "for", "(", ","})
_STATES = frozenset(
    "is was has likes loves hates wants needs thinks says hopes knows sees seems feels works lives owns costs asks wonders believes uses does goes comes gets means".split()  # noqa: SIM905  # as above
)
_NO_OWNERS = frozenset(
    "we i it they he she you this that the please everyone nobody someone who there here".split()  # noqa: SIM905  # as above
)
_ACTIONS = frozenset("action actions todo todos task tasks steps assigned agreed responsibilities".split())  # noqa: SIM905  # as above
_MOST = 30


class _Task(NamedTuple):
    owner: str
    task: str
    due: Value | None
    is_told: bool
    """Whether it is said that it is to be done, and not only what somebody does."""


def rows_of_tasks(items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of what persons are to do; none unless all of them are understood."""
    roles = roles_of(items)
    dues = [name for name in items.properties if set(words_of(name)) & _DUES]
    due = dues[0] if len(dues) == 1 and dues[0] not in (roles.owner, roles.task) else ""
    if not roles.owner or not roles.task or set(items.required) - {roles.owner, roles.task, due}:
        return []
    found: list[_Task] = []
    for sentence in passage.sentences:
        if not sentence.is_taken_back:
            found += list(_tasks_in(sentence, passage, has_due=bool(due)))
    spoken = {token.word for sentence in passage.sentences for token in sentence.tokens}
    told = [task for task in found if task.is_told or task.due is not None or spoken & _ACTIONS]
    if any(not task.owner for task in told) or len(told) > _MOST:
        return []
    rows = []
    for task in told:
        values: dict[str, Any] = {roles.owner: task.owner, roles.task: task.task}
        if due and task.due is not None:
            values[due] = task.due
        rows.append(object_of(values, items, root))
    whole = [row for row in rows if row is not None]
    return whole if len(whole) == len(rows) else []


def _tasks_in(sentence: Sentence, passage: Passage, *, has_due: bool) -> Iterator[_Task]:
    """Who will do what; a person and what is to be done end where the next person stands."""
    tokens = sentence.tokens
    starts = [at for at in range(len(tokens)) if _owner_end(tokens, at)]
    for place, at in enumerate(starts):
        name_end = _owner_end(tokens, at)
        first = _verb(tokens, name_end)
        is_told = bool(first)
        first = first or name_end
        end = starts[place + 1] if place + 1 < len(starts) else len(tokens)
        while end > first and tokens[end - 1].text in (",", ".", ";", "and", "!", "\n", "while"):
            end -= 1
        shared = any(_verb(tokens, later) for later in range(first + 1, end) if tokens[later - 1].is_capital)
        allowed = frozenset(token.word for token in tokens[first:end] if token.word not in _NEVER) | {
            "should"
        }
        if end <= first or shared or not is_simply_so(sentence, at, end, allowed):
            yield _Task("", "", None, is_told)
            continue
        due, end = _due(tokens, first, end) if has_due else (None, end)
        doing = passage.written(tokens[first], tokens[end - 1])
        if not is_told:
            doing = _base(tokens[first].text) + doing[len(tokens[first].text) :]
        yield _Task(passage.written(tokens[at], tokens[name_end - 1]), doing, due, is_told)


def _due(tokens: Sequence[PassageToken], first: int, end: int) -> tuple[Value | None, int]:
    """The day at the end of what is to be done, and where this ends without it."""
    last = end - (tokens[end - 1].text == ")")
    token = tokens[last - 1]
    if token.mention is None or token.mention.kind not in ("date", "datetime"):
        return None, end
    start = last - 1
    while start > first + 1 and tokens[start - 1].word in _BY:
        start -= 1
    return Value(token.mention.value, token.mention), start


def _owner_end(tokens: Sequence[PassageToken], at: int) -> int:
    """The end of a person's name that begins a clause and has what is to be done behind it; 0 where none does."""
    if not tokens[at].is_capital or (
        at and tokens[at - 1].word not in (",", "and", ";", ":", ".", "\n", "while", "-", "•", "*")
    ):
        return 0
    if tokens[at].word in _NO_OWNERS:
        return 0
    if at > 1 and tokens[at - 1].word == "and" and tokens[at - 2].is_capital:
        # «Mark and Lucy will join us»: two persons do one thing, or it is open who does.
        return 0
    end = at + 1
    while end < len(tokens) and end - at < 3 and tokens[end].is_capital:
        end += 1
    return end if _verb(tokens, end) or (tokens[at].text in first_names() and _does(tokens, end)) else 0


def _verb(tokens: Sequence[PassageToken], at: int) -> int:
    for words in _WILL:
        behind = at + len(words)
        if tuple(token.word for token in tokens[at:behind]) == words and behind < len(tokens):
            token = tokens[behind]
            if token.is_word and not token.is_capital and token.word not in ("be", "not", "have"):
                return behind
    return 0


def _does(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a verb of the third person stands there with something that is done behind it: «books the venue»."""
    if at + 1 >= len(tokens) or not tokens[at].is_word or tokens[at].is_capital:
        return False
    word, behind = tokens[at].word, tokens[at + 1]
    return word.endswith("s") and len(word) > 3 and word not in _STATES and behind.is_word


def _base(verb: str) -> str:
    """«books» is book, «fixes» fix, «carries» carry."""
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return verb[:-2]
    return verb[:-1]
