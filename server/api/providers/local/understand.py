"""One prompt in, what it asks for out."""

from server.api.providers.local.confidence import confidence_of
from server.api.providers.local.entities import entities_of, named_in
from server.api.providers.local.intent import read_intent
from server.api.providers.local.language import language_of
from server.api.providers.local.output_format import output_format_of
from server.api.providers.local.segment import segment
from server.api.providers.local.subject import subject_of, text_acted_on
from server.api.wire import Analysis

VERSION = "7"
"""Part of the model's name, and so of every cache key: a change of the rules ends what older ones answered."""
_READ = 4_000
"""Characters in which entities are looked for."""
_ABOUT_LANGUAGE = frozenset({"translate", "explain"})
"""Intents whose text is likely to be in another language than what asks."""


def understand(prompt: str) -> Analysis:
    """Intent, subject, entities, output format, the subject's language and how sure we are of it."""
    segments = segment(prompt)
    around = language_of(segments.instruction)
    reading = read_intent(segments, around)
    confidence = confidence_of(reading)
    return Analysis(
        intent=reading.intent,
        subject=subject_of(segments, reading.intent),
        entities=entities_of(named_in(prompt[:_READ], around), segments.quoted),
        output_format=output_format_of(segments.instruction, segments.payload, reading.intent),
        original_language=_language(text_acted_on(segments), reading.intent, around),
        confidence=confidence,
        confidence_score=confidence,
    )


def _language(text: str, intent: str, around: str) -> str:
    """The language of the text that is acted on; a subject named in the instruction is in the instruction's."""
    if not text or sum(map(str.isalpha, text)) * 3 < len(text):
        return around
    return language_of(text, None if intent in _ABOUT_LANGUAGE else around)
