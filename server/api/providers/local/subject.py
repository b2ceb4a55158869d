"""What a prompt is about."""

import re

from server.api.providers.local.intent import core_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.segment import Segments

_ON_TEXT = frozenset({"translate", "rewrite", "fix", "convert"})
"""Intents whose subject is the text that they act on."""
_LONG = 12
"""Words; a longer payload is spoken of by what the instruction calls it."""
_STOP = pattern(
    r"\s+(?:and (?:explain|output|return|give|suggest|then|tell|write|list|include|make|provide|organize|correct|refuse|answer)"
    r"|so that|in order to|such that|which|who|because|based on|according to|given|using|with (?:each|their|the following|several|"
    r"some|exactly|at least|no more)|for (?:me|us|each of the following)|that (?:can|will|has|have|describes|contains|ends|is|are|"
    r"asks?|uses?|sums?|represents?)|to (?:me|us)|in (?:\d+|one|two|three|four|five|a|an|the form|detail|terms of|your own)|into|as (?:a|an|json|csv|xml|html|markdown|yaml|table)"
    r"|when|while|if|without|by|like|during|from (?:the|this)|(?:in|within|mentioned in|of) (?:the|this) (?:following|given|above|"
    r"text|paragraph|passage|sentence|article|document|list|conversation|dialogue))\b.*",
)
_ABOUT = pattern(
    r"\b(?:about|on the (?:topic|subject) of|regarding|concerning|related to|on how to|(?:over|über|sobre|à propos de|su)\b)\s+(.+)",
)
_OF = pattern(
    r"\b(?:list|examples?|summary|overview|description|definition|meaning|explanation|analysis|translation|name|names|set|"
    r"benefits|advantages|picture|introduction|comparison|synonyms|number|value) (?:of|for|to|between)\s+(.+)",
)
_FOR = pattern(
    r"\b(?:recipe|plan|slogan|tagline|name|title|review|speech|poem|itinerary|schedule|budget|description|list|letter|script|"
    r"idea|ideas|tips|advice|regex|regular expression|caption|headline|ad|logo|toast)s? (?:for|of|to)\s+(.+)",
)
_VERB = pattern(
    r"[a-z]+(?: up with| out| down| up| if| whether)?\s+(?:me |us |to me |you )?(.+)",
)
_QUESTION = pattern(
    r"(?:who|whom|whose|when|where|which|what|why|how)(?:'s|'re)?\s+(?:many |much |often |long |old |far )?"
    r"(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|to)?\b\s*(?:(?:i|you|we|one|it|they|the best way to|some|there)\b)?\s*(.+)",
)
_YES_NO = pattern(
    r"(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|am)\s+(?:there |it |i |you |we |they )?(.+)",
)
_LEAD = pattern(
    r"^(?:(?:a|an|the|some|any|all|each|every|this|that|these|those|my|your|our|his|her|their|following|given|below|above|"
    r"short|brief|detailed|simple|quick|list of|examples? of|names? of|few|several|more|of|for|to|"
    r"possible|appropriate|different|various|one|two|three|four|five|ten|\d+)\s+)+",
)
_EMPTY = pattern(
    r"(?:(?:the|this|these|following|given|below|above|a|an|each|of|in)\s+)*(?:sentences?|texts?|paragraphs?|passages?|words?|questions?|"
    r"phrases?|e-?mails?|articles?|documents?|statements?|code|idioms?|facts?|lists?|pairs?|numbers?|names?|topics?|problems?|"
    r"math problems?|(?:multiple choice )?question|equations?|jokes?|it|them|that|information|data|items?|countries|city|country|"
    r"person|profession|food|movie|class|place|exercise|measurement|people)?[:.\s]*",
)
_FIELD = pattern(r"[A-Z]\w*(?: \w+)?[:：]\s+", ignore_case=False)
_ANOTHER_FIELD = pattern(r"(?m)^\w[\w ]*[:：]")
_SUM = pattern(r"^\W*(?:what(?:'s| is)|calculate|compute|solve)\s+")
_READ = 2_000
"""Characters that are looked at."""


def subject_of(segments: Segments, intent: str) -> str:
    """The thing asked about, in the prompt's own words."""
    if intent in _ON_TEXT and (text := _text(segments)):
        return _short(text)
    if intent == "calculate" and not segments.payload:
        return _short(_tidy(_SUM.sub("", segments.instruction)))
    if segments.quoted and intent not in ("classify", "calculate"):
        return _short(segments.quoted[0])
    phrase = _phrase(segments.instruction)
    if segments.payload and (_EMPTY.fullmatch(phrase) or len(segments.payload.split()) <= _LONG):
        return _short(_without_label(segments.payload))
    return _short(phrase or segments.payload or segments.instruction)


def text_acted_on(segments: Segments) -> str:
    """The text that the prompt hands over, below its instruction or in quotation marks; empty when there is none."""
    return segments.payload or (segments.quoted[0] if segments.quoted else "")


def _text(segments: Segments) -> str:
    if segments.payload:
        return _without_label(segments.payload) if len(segments.payload) < 200 else segments.payload
    return segments.quoted[0] if segments.quoted else ""


def _without_label(payload: str) -> str:
    """``payload`` without the label before it, where it is the only one."""
    label = _FIELD.match(payload)
    if label is None or _ANOTHER_FIELD.search(payload[label.end() :]):
        return payload
    return payload[label.end() :]


def _phrase(instruction: str) -> str:
    """The topic of an instruction: behind a word that announces one, else the object of its verb."""
    sentence = _main_sentence(instruction)
    for announced in (_ABOUT, _OF, _FOR):
        match = announced.search(sentence)
        if match is not None:
            return _tidy(match[1])
    for shape in (_QUESTION, _YES_NO, _VERB):
        match = shape.match(sentence)
        if match is not None:
            return _tidy(match[1])
    return _tidy(sentence)


def _main_sentence(instruction: str) -> str:
    instruction = instruction[:_READ]
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n+", instruction.strip()) if s.strip()]
    first = sentences[0] if sentences else instruction
    return core_of(first)


def _tidy(phrase: str) -> str:
    shorter = _STOP.sub("", " " + phrase.strip()).strip() or phrase
    shorter = shorter.split(" - ")[0].split("; ")[0]
    shorter = _LEAD.sub("", shorter)
    return shorter.strip(" \t\n.,:;!?\"'“”")


def _short(text: str) -> str:
    return " ".join(text.split()).strip(' "“”«»')[:300]
