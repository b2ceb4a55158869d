"""The JSON that a prompt holds as what it is about; JSON that only shows a form is none of it."""

import json
from typing import Any

from server.api.providers.local.pattern import pattern

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
    found: list[Any] = []
    at, tried = 0, 0
    while tried < _MOST:
        start = min((place for mark in "{[" if (place := text.find(mark, at)) >= 0), default=-1)
        if start < 0:
            break
        tried += 1
        try:
            value, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            at = start + 1
            continue
        at = end
        if value and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))):
            if pattern(SHOWN).search(text[max(0, start - 120) : start]) is not None or _is_deep(value):
                return None
            found.append(value)
    return found[0] if len(found) == 1 else None


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
