"""Hours of the day as languages word them: «下午3点半», «午後3時», «शाम 5 बजे», «الساعة 5 مساءً», «saat 19.30»."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.unspaced import clock_words

_NOON = 12
_DAY = 24
_HOUR = 60
_MORNING = 7
"""Hours below it are of the morning or the evening where nothing tells of which."""
_BEFORE_POINTS = frozenset({"saat", "saati"})


def clock_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of an hour of the day that begins at a token."""
    found = _read(tokens, at)
    return (found[1],) if found is not None else ()


def clock_at(tokens: Sequence[PassageToken], at: int) -> str:
    """The hour that begins at a token, as 15:30."""
    found = _read(tokens, at)
    return found[0] if found is not None else ""


def _read(tokens: Sequence[PassageToken], at: int) -> tuple[str, int] | None:
    mention = tokens[at].mention
    if mention is not None and mention.kind == "time":
        return (str(mention.value), at + 1) if mention.value is not None else None
    part = next((name for name in ("am", "pm") if tokens[at].word in clock_words(name)), "")
    place = at + bool(part)
    hour = _whole(tokens, place)
    if hour is None:
        return _pointed(tokens, at)
    end, minute = place + 1, 0
    if end < len(tokens) and tokens[end].word in clock_words("hour"):
        end += 1
        if end < len(tokens) and tokens[end].word in clock_words("half"):
            end, minute = end + 1, 30
        elif end + 1 < len(tokens) and tokens[end + 1].word in clock_words("minute"):
            end, minute = end + 2, _whole(tokens, end) or 0
        elif end < len(tokens) and (minutes := _minutes(tokens[end])) is not None:
            end, minute = end + 1, minutes
    elif part or not (end < len(tokens) and tokens[end].word in clock_words("am") | clock_words("pm")):
        return None
    if end < len(tokens) and tokens[end].word in clock_words("am") | clock_words("pm"):
        part = "am" if tokens[end].word in clock_words("am") else "pm"
        end += 1
    if not part and hour < _MORNING:
        return None
    if part == "pm" and hour < _NOON:
        hour += _NOON
    return (f"{hour:02}:{minute:02}", end) if hour < _DAY and minute < _HOUR else None


def _pointed(tokens: Sequence[PassageToken], at: int) -> tuple[str, int] | None:
    """An hour with a point behind the word for it."""
    mention = tokens[at].mention
    hour, point, minute = tokens[at].text.partition(".")
    if mention is None or not point or not at or tokens[at - 1].word not in _BEFORE_POINTS:
        return None
    if not (
        hour.isdecimal()
        and minute.isdecimal()
        and len(minute) == 2
        and int(hour) < _DAY
        and int(minute) < _HOUR
    ):
        return None
    return f"{int(hour):02}:{minute}", at + 1


def _minutes(token: PassageToken) -> int | None:
    """The minutes behind an hour, which by themselves are a length of time: «30分»."""
    mention = token.mention
    is_length = mention is not None and mention.kind == "duration" and mention.unit == "minute"
    value = mention.value if mention is not None and is_length else None
    return value if isinstance(value, int) and 0 <= value < _HOUR else None


def _whole(tokens: Sequence[PassageToken], at: int) -> int | None:
    mention = tokens[at].mention if at < len(tokens) else None
    value = mention.value if mention is not None and mention.kind == "number" else None
    return value if isinstance(value, int) and 0 <= value < _HOUR else None
