"""Sentences without a verb that deny two things, the second if the first: «No pool, no party»."""

from server.api.providers.local.pattern import pattern

_NO = (
    r"(?:no|without|kein(?:e[nr]?)?|ohne|nix|pas de?|sans|point de?|plus de?|sin|ni|nada de|niente|nessun[ao]?|senza|sem|nenhum[a]?|geen|zonder|nie ma|brak|bez|żadnego|нет|без|немає|ingen|inget|inga|utan|żadn\p{L}+|"
    r"ei|ilman|žádn\p{L}+|لا|بدون|بلا|कोई|बिना)"
)
_THEN = rf"^\W*{_NO}[\s'’]?(?:\p{{L}}[\p{{L}}\p{{M}}'’-]*\s?){{1,4}}(?:\s?[,;:–—-]+\s?|\s)(?:then |dann |alors |entonces |allora |então |dan |to |то )?(?:{_NO}|no hay|non c['’]è|não há|nie ma)(?:\s|$|['’])"
_UNSPACED = r"^(?:没有|沒有|没|無|无|不).{1,8}(?:就|，|,|便)\s?(?:没有|沒有|没|不|无)|(?:なし|なければ|ないなら).{0,4}(?:、|なら).{0,12}(?:なし|ない)|(?:없으면|없이는|없다면)|yoksa|olmadan|olmazsa|नहीं तो"
_ENDS = ".!?\n。！？"


def is_condition(text: str, place: int) -> bool:
    """Whether the sentence at a place denies one thing for the want of another."""
    start = max(text.rfind(mark, 0, place) for mark in _ENDS) + 1
    behind = [at for mark in _ENDS if (at := text.find(mark, place)) >= 0]
    sentence = text[start : min(behind, default=len(text))][:200].strip().lower()
    return pattern(_THEN).search(sentence) is not None or pattern(_UNSPACED).search(sentence) is not None
