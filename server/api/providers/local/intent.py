"""What a prompt wants done, by weighed evidence."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from server.api.providers.local.pattern import Pattern, PatternSet, pattern
from server.api.providers.local.segment import Segments

_COURTESY = pattern(
    r"(?:(?:hi|hello|hey|ok|okay|so|now|well|also|then|first|next|dear [\w ]+|greetings)\b[\s,.!]*|please\b[\s,]*|kindly\b[\s,]*"
    r"|(?:can|could|would|will) (?:you|someone|anyone) (?:please |kindly |possibly )?(?:be able to |try to )?"
    r"|(?:would|do) you mind |i(?:'d| would) (?:like|love|appreciate it if)(?: for)?(?: you)?(?: to| could)? "
    r"|i (?:really )?(?:want|need|wish|expect|was wondering if) (?:you )?(?:to |could )?|(?:help|let|allow|assist) (?:me|us) (?:to |in |with )?"
    r"|(?:you|we|i) (?:need|have|are (?:asked|required|going|supposed)|must|should|will|want) (?:to )?"
    r"|(?:your|the|my) (?:task|job|goal|mission|assignment|role|objective) (?:here )?is (?:to )?|try (?:to |and )?|go ahead and "
    r"|in this task,?\s*|just |simply |quickly |briefly |carefully |feel free to |it'?s time to |let'?s )+",
)
_CIRCUMSTANCE = pattern(
    r"(?:given|using|use|based on|according to|suppose|imagine|as an? |in order to|to (?:make|help|complete|demonstrate|test)|after|before|"
    r"if|for (?:each|the|this|a|an|every)|with (?:the|these|this)|from the|in (?:your|my|this|the|a|one|two|three)|considering|"
    r"you (?:are|will be|have been) (?:given|provided|shown|presented)|we have|here (?:is|are)|this is|there (?:is|are)|read|consider|"
    r"think|assume|acting|act|i (?:am|have|broke|feel|like|just|got)|i'm|i've|my [\w ]+ (?:is|are|was)|when|while|below|the following|following)"
    r"\b[^,.?!:;]*?(?:[,.;:]\s+(?:and |then |so |but )*|\band ((?:you need to )?(?:identify|write|answer|tell|explain|list|find|decide|"
    r"determine|detect|output|summari|translat|classif|generat|create|rewrit|extract|suggest|predict|choose|select)))",
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])|\s[-–—]\s")
_OTHER_HEAD_SHARE = 0.45
"""What the head of a later sentence counts beside the first one's."""


_READ = 2_000
"""Characters of an instruction that are looked at."""


class _Rule(NamedTuple):
    intent: str
    weight: float
    head: bool
    pattern: Pattern


class Reading(NamedTuple):
    """An intent and how far ahead of the others it is."""

    intent: str
    score: float
    """Evidence for it; 0 when there is none."""
    lead: float
    """Evidence for it beyond the second best."""


def read_intent(segments: Segments, language: str) -> Reading:
    """The best supported intent, ``other`` without evidence; ``language`` is that of the instruction."""
    text = " ".join(segments.instruction[:_READ].split())
    scores: defaultdict[str, float] = defaultdict(float)
    heads = _heads(text)
    lowered = text.lower()
    for rule, share in _beginning(heads).items():
        scores[rule.intent] += rule.weight * share
    for rule in _rules():
        if not rule.head and rule.pattern.search(lowered):
            scores[rule.intent] += rule.weight * 0.6
    if language != "en" and not scores:
        for intent, weight in _foreign(lowered):
            scores[intent] += weight
    if not scores and lowered.rstrip().endswith(("?", "？", "؟")):
        scores["answer"] = 3.0
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked:
        return Reading("other", 0.0, 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    return Reading(ranked[0][0], ranked[0][1], ranked[0][1] - second)


def _beginning(heads: Sequence[tuple[float, str]]) -> dict[_Rule, float]:
    """The rules with which a request begins, each with the share of the first that does; all of them are tried in one pass."""
    rules = [rule for rule in _rules() if rule.head]
    found: dict[_Rule, float] = {}
    for share, head in heads:
        for place in _head_patterns().match(head):
            rule = rules[place]
            if rule not in found and rule.pattern.match(head):
                found[rule] = share
    return found


@cache
def _head_patterns() -> PatternSet:
    return PatternSet([rule.pattern.expression for rule in _rules() if rule.head])


def _heads(text: str) -> list[tuple[float, str]]:
    """Where requests may begin, each with its share of weight: the first sentence's counts most."""
    heads = []
    for n, sentence in enumerate(_SENTENCE.split(text)[:6]):
        head = core_of(sentence)
        if head:
            heads.append((1.0 if n == 0 else _OTHER_HEAD_SHARE, head.lower()))
    return heads


def core_of(sentence: str) -> str:
    """A sentence from its first asking word: courtesy and circumstances are passed over."""
    rest = sentence[:_READ].strip().lstrip("\"'“”-*•#>0123456789.) ")
    for _ in range(4):
        shorter = _COURTESY.sub("", rest, count=1) if _COURTESY.match(rest) else rest
        match = _CIRCUMSTANCE.match(shorter)
        if match is not None and match.end() < len(shorter):
            end = match.start(1) if match[1] is not None else match.end()
            shorter = shorter[end:].lstrip()
        if shorter == rest:
            break
        rest = shorter
    return rest


def _foreign(text: str) -> list[tuple[str, float]]:
    """Evidence in other languages than English: the first words count most."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)[:12]
    found = []
    for intent, beginnings, wide in _foreign_words():
        for place, word in enumerate(words):
            if word.startswith(beginnings):
                found.append((intent, 4.0 if place < 2 else 2.0))
                break
        else:
            if any(part in text for part in wide):
                found.append((intent, 4.0))
    return found


@cache
def _rules() -> tuple[_Rule, ...]:
    rules = []
    for line in _lines("intents.tsv"):
        intent, weight, where, expression, *unless = line.split("\t")
        compiled = pattern(expression, unless="".join(unless), ignore_case=False)
        rules.append(_Rule(intent, float(weight), where == "head", compiled))
    return tuple(rules)


@cache
def _foreign_words() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    found = []
    for line in _lines("verbs.tsv"):
        intent, _, words = line.partition("\t")
        split = words.split()
        wide = tuple(word for word in split if _unspaced(word))
        found.append((intent, tuple(word for word in split if word not in wide and len(word) > 2), wide))
    return tuple(found)


def _unspaced(word: str) -> bool:
    return any(
        "\u3040" <= c <= "\u9fff" or "\u0e00" <= c <= "\u0e7f" or "\uac00" <= c <= "\ud7af" for c in word
    )


def _lines(name: str) -> list[str]:
    text = (resources.files("server.api.providers.local") / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
