"""The JSON that a prompt holds as what it is about; JSON that only shows a form is none of it."""

import json
from typing import Any

from server.api.providers.local.assertion.assertion import blanked
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.introduction import lead_of, leaves_it

_MOST = 5
"""Places at which JSON may begin that are tried."""
_DEEPEST = 20
SHOWN = (
    r"(?i)\b(?:format|form|like|schema|template|example|sample|structure|shape|such as|e\.g|return|respond|reply|answer|output|"
    r"produce|generate|vorlage|beispiel|antworte|schema|format|exemple|modèle|réponds|ejemplo|plantilla|responde|esempio|modello|"
    r"rispondi|exemplo|responda|voorbeeld|antwoord|przykład|odpowiedz|пример|формат|ответь|exempel|svara|örnek)\b|格式|示例|例|形式|형식|예시"
)
"""Words before what is only to be written like that."""


def json_in(text: str) -> Any:
    """The one JSON object or list in ``text``; None where there is none, several, or one that only shows a form."""
    found = [value for _, _, value in _values(text)]
    shown = any(_is_shown(text, start) for start, _, _ in _values(text))
    return found[0] if len(found) == 1 and not shown and not _is_deep(found[0]) else None


def without_shown(text: str) -> str:
    """``text`` with the JSON blanked that only shows a form, or is said to be another."""
    for start, end, _ in _values(text):
        if _is_shown(text, start):
            text = text[:start] + blanked(text[start:end]) + text[end:]
    return text


def _is_shown(text: str, start: int) -> bool:
    lead = lead_of(text, start)
    return pattern(SHOWN).search(lead) is not None or not leaves_it(lead)


def _values(text: str) -> list[tuple[int, int, Any]]:
    found: list[tuple[int, int, Any]] = []
    at = 0
    for _ in range(_MOST):
        start = min((place for mark in "{[" if (place := text.find(mark, at)) >= 0), default=-1)
        if start < 0:
            break
        try:
            value, at = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
            continue
        if value and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))):
            found.append((start, at, value))
    return found


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            member
            for part in level
            if isinstance(part, dict | list)
            for member in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return False
    return True
