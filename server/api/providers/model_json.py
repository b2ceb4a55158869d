"""JSON as models write it: between other words, in fences, as text in JSON; what was cut off is never mended."""

import json
import re
from math import isfinite
from typing import Any, NamedTuple, NoReturn

import json_repair
import msgspec

_DEEPEST = 100
_THOUGHT = re.compile(r"\s*<(think|thinking|reasoning)>")
_FENCE = "```"
_STARTS = 64
"""So many opening brackets are tried as the beginning of the JSON in a text."""
_UNANSWERED = re.compile(r":\s*[,}\]]")
_MOST_REPAIRED = 100_000


class ModelJson(NamedTuple):
    """What was read from a model's text."""

    value: Any
    repaired: bool
    """Whether its JSON had to be mended."""


class _Place(NamedTuple):
    start: int
    end: int
    value: Any


class NoJsonError(ValueError):
    """There is no JSON in the text, or it is cut off; the message is told to the model."""


def read_json(data: bytes | str) -> Any:
    """The value of one JSON text that may hold what Python or XML cannot: lone surrogates become U+FFFD.

    Raises ``ValueError`` for what is no JSON, NaN and infinities, integers of more than 4,300 digits, and for JSON nested deeper than a hundred levels.
    """
    try:
        value = msgspec.json.decode(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError):
        value = _leniently(data)
    return plain(value)


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` with every text encodable and every number a JSON number. Raises ``ValueError``."""
    if depth > _DEEPEST:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
    if isinstance(value, str):
        return value if _encodable(value) else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {plain(name, depth): plain(member, depth + 1) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member, depth + 1) for member in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        raise ValueError("a whole number in it has more than 64 bits")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("a number in it is not finite")
    return value


def bare_json(text: str) -> ModelJson | None:
    """The JSON of a text that is nothing else, None of any other; this takes little time, what ``model_json`` does may take much."""
    try:
        return ModelJson(_unwrapped(read_json(text)), repaired=False)
    except ValueError:
        return None


def model_json(text: str) -> ModelJson:
    """The JSON that a model meant. Raises ``NoJsonError``."""
    text = _without_thoughts(text).strip().removeprefix("\ufeff").strip()
    if not text:
        raise NoJsonError("there is nothing in it")
    for candidate in (text, _fenced(text)):
        if candidate is not None:
            try:
                return ModelJson(_unwrapped(read_json(candidate)), repaired=False)
            except ValueError:
                continue
    found = _between_words(text)
    return found if found is not None else _repaired(_fenced(text) or text)


def _leniently(data: bytes | str) -> Any:
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwrapped(value: Any) -> Any:
    """JSON that was written as text in JSON, once."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return read_json(value)
    return value


def _without_thoughts(text: str) -> str:
    """What follows a model's thinking; a block that nothing ends is all thinking."""
    at = 0
    while (opened := _THOUGHT.match(text, at)) is not None:
        end = f"</{opened[1]}>"
        closed_at = text.find(end, opened.end())
        if closed_at < 0:
            return ""
        at = closed_at + len(end)
    text = text[at:]
    _, closed, rest = text.rpartition("</think>")
    return rest if closed and text.lstrip()[:1] != "{" else text


def _fenced(text: str) -> str | None:
    """What stands in the last fence that holds something like JSON."""
    parts = text.split(_FENCE)
    for inside in reversed(parts[1::2]):
        body = inside.partition("\n")[2] if inside[:1].isalpha() else inside
        if body.strip()[:1] in ("{", "["):
            return body.strip()
    return None


def _between_words(text: str) -> ModelJson | None:
    """The largest JSON object that stands between other words."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    best: _Place | None = None
    at, tries = text.find("{"), 0
    while at >= 0 and tries < _STARTS:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if best is None or end - at > best.end - best.start:
                best = _Place(at, end, value)
        at = text.find("{", end)
    if best is None or not _stands_alone(text, best):
        return None
    try:
        return ModelJson(plain(best.value), repaired=False)
    except ValueError as error:
        raise NoJsonError(str(error)) from None


def _stands_alone(text: str, place: _Place) -> bool:
    """Whether an object is no part of a larger one that is cut off or could not be read."""
    return all(
        part.count(opening) == part.count(closing)
        for part in (text[: place.start], text[place.end :])
        for opening, closing in ("{}", "[]")
    )


def _repaired(text: str) -> ModelJson:
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    if start < 0:
        raise NoJsonError("there is no JSON object in it")
    body = text[start:]
    if len(body) > _MOST_REPAIRED or not _closed(body):
        raise NoJsonError("it is cut off")
    if _UNANSWERED.search(body):
        raise NoJsonError("a value is missing in it")
    try:
        value = plain(json_repair.loads(body))
    except (ValueError, RecursionError) as error:
        raise NoJsonError(f"it is no JSON: {error}") from None
    if not isinstance(value, dict | list) or not value:
        raise NoJsonError("there is no JSON object in it")
    return ModelJson(value, repaired=True)


def _closed(text: str) -> bool:
    """Whether every bracket and text that opens also ends: the mark of an answer that is whole."""
    depth, inside, escaped, ended = 0, "", False, False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == inside:
                inside = ""
        elif character == '"':
            inside = character
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            ended = ended or depth == 0
    return ended and depth <= 0 and not inside
