"""Sentences of everyday English that are phrases of a known form from end to end: «Book a table for 4 people at 19:30 under the name Kowalski».

The phrases are rows of ``english_phrases.tsv``. A sentence counts where phrases leave nothing of it over, each in a state in which it may stand;
then what each phrase tells is told. One word that no phrase has, and nothing of the sentence is taken here.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, Unasserted, sentences_of, unasserted
from server.api.providers.local.assertion.plain import is_talk, takes_back
from server.api.providers.local.evidence.measure import Value, in_unit
from server.api.providers.local.lexicon import english_phrases, months, number_words, places, words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import Pattern, PatternMatch, pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.structure.introduction import leaves_it
from server.api.providers.local.structure.postal_address import PostalAddress, addresses_in

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀŁŚŽ][^\s,;:!?()<>/]*"
_NAME = rf"({_CAPITAL}(?: (?:(?:of|the|de|van|von|der|da|del|la|le|du|and|to|&) )?{_CAPITAL}){{0,4}})"
_NOUN = r"((?:[a-z][a-z-]* ){0,2}(?:[a-z][a-z-]*|Wi-Fi|WiFi|TV))"
_NUMBER = r"(<n\d+>|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_DAYS = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_MONTHS = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_MAKES = r"Toyota|Honda|Ford|Volkswagen|VW|BMW|Audi|Mercedes|Mercedes-Benz|Opel|Renault|Peugeot|Citroën|Fiat|Skoda|Seat|Volvo|Mazda|Nissan|Hyundai|Kia|Suzuki|Subaru|Mitsubishi|Tesla|Porsche|Jeep|Chevrolet|Dacia|Mini|Lexus|Yamaha|Kawasaki|Ducati|Vespa"
_SLOTS: Mapping[str, str] = {
    "{N}": _NUMBER, "{Y}": r"(<n\d+>)", "{D}": r"(<d\d+>)", "{T}": r"(<t\d+>)", "{M}": r"(<m\d+>)", "{Q}": r"(<q\d+>)", "{U}": r"(<u\d+>)",
    "{P}": r"(<p\d+>)", "{E}": r"(<e\d+>)", "{F}": r"(<f\d+>|<n\d+>(?: <n\d+>){1,4})", "{A}": r"(<a\d+>)", "{K}": r"([A-Z]{0,3}[ -]?<[ncf]\d+>(?:-<n\d+>){0,3}(?:-[A-Z]{1,3})?)",
    "{X}": _NAME, "{L}": _NAME, "{G}": _NAME, "{W}": _NOUN, "{J}": _NOUN, "{DAY}": _DAYS, "{MONTH}": _MONTHS, "{MAKE}": _MAKES,
}  # fmt: skip
_LETTERS: Mapping[str, str] = {
    "number": "n", "date": "d", "time": "t", "money": "m", "quantity": "q", "duration": "u", "percentage": "p", "email": "e", "phone": "f",
    "code": "c",
}  # fmt: skip
_SIGN = r"<([a-z])(\d+)>"
_WIDER = r"(-?\d{1,3}(?:,\d{3})+|-?\d{1,4}(?:\.\d+)?)[ -]?(m2|m²|sqm|square met(?:re|er)s|inch(?:es)?|°C|°F)(?:[^\p{L}\p{N}]|$)"
"""Measures that are none elsewhere, and such below zero."""
_STREET = r"\d{1,4}[a-zA-Z]? (?:[A-Z][a-z']+ ){1,3}(?:Street|St|Road|Rd|Lane|Avenue|Ave|Drive|Way|Square|Place|Court|Close|Terrace|Boulevard)\b"
_OPENING = r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|yes|no|ok|okay)(?: there| all| team| everyone)?[,.:!] )?"
_PARTED = r"^(?:,? and |,? but |, |; | [-–—] | )"
_UNITS: Mapping[str, str] = {
    "kg": "kg", "g": "g", "mg": "mg", "km": "km", "cm": "cm", "mm": "mm", "m": "m", "lb": "lb", "lbs": "lbs", "ml": "ml", "l": "l",
    "liters": "liters", "litres": "litres", "gb": "gb", "mb": "mb", "tb": "tb", "kmh": "km/h", "kph": "km/h", "mph": "mph", "c": "°c", "celsius": "°c",
    "f": "°f", "sqm": "sqm", "m2": "sqm", "inch": "inch", "inches": "inch", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week",
    "months": "month", "years": "year", "seconds": "second", "percent": "%", "pct": "%", "minute": "minute", "mins": "minute", "h": "hour", "min": "minute",
}  # fmt: skip
"""Units by the last word of a property's name."""
_AREAS = {"m2": "sqm", "m²": "sqm", "square metres": "sqm", "square meters": "sqm", "inches": "inch"}
_OFTEN: Mapping[str, int] = {"once": 1, "twice": 2}
_ASKING = frozenset({"ask", "send", "need", "noneed"})
_RIVALRY = frozenset({"date", "datetime", "time", "money", "quantity"})
_WISHES = frozenset({"doubt", "supposition"})
"""Reasons for which a wish is not asserted, and is one all the same."""
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
_PLACED_BY = frozenset({"space", "spot", "place", "menu", "meal", "option", "connection", "access"})
"""Last words behind which the first one is what is asked for: «a parking space»."""
_NO_NOUN = frozenset(
    "a an the and or but nor is are am was were be been has have had do does did to of in on at for from by with without not no never it its he she they we you i "  # noqa: SIM905  # one list, one line
    "his her their my our your this that these those if when while which who whom whose than then so as because until till since will would could should may might "
    "can must shall need needs want wants per each every about around least most more less only also very too just please thanks there here under over between "
    "costs cost weighs contains includes lives live work works said says thinks maybe perhaps up down off out into plus minus half".split()
)
_ASIDE = r"[a-z][a-z'-]*(?: [a-z][a-z'-]*)*?(?:, | and |$)"
_LONGEST_ASIDE = 9
_TURNING = frozenset(
    "as it its them they their he she his her him that this these those which who or nor but not no never without if unless whether when while until till than only just "  # noqa: SIM905  # one list, one line
    "cancel cancels cancelled canceled return returns returned refund refunded withdraw withdrawn forget ignore scrap delete deleted remove removed change changed changes "
    "moved move postponed postpone instead rather except maybe perhaps probably could would should may might can must said says thinks told asked wants wanted another "
    "second two three four five six seven eight nine ten both each every per half double twice all some most many few several more less about around almost nearly up".split()
)
"""Words with which an aside may take back, share or shift what stands beside it."""
_MOST = 40
"""Sentences that are looked at."""
_LONGEST = 300
_MOST_STEPS = 400
"""Phrases that are tried for one sentence."""
_WORKS = ("part-time ", "full-time ", "freelance ")


class Told(NamedTuple):
    """What one phrase tells."""

    names: frozenset[str]
    """Names of properties that it answers, in words."""
    value: Value
    unit: str = ""
    """Unit that a measure has to have where no name tells it."""


class _Phrase(NamedTuple):
    states: frozenset[str]
    then: str
    expression: str
    slots: tuple[str, ...]
    tells: tuple[str, ...]


class _Sentence(NamedTuple):
    text: str
    """With signs for what is named in it."""
    things: Sequence[Mention | PostalAddress]
    length: int
    """Of the sentence as it is written."""


class _Found(NamedTuple):
    phrase: _Phrase
    groups: tuple[str, ...]


def told_in(text: str, said: str, named: Sequence[Mention], intent: str) -> list[Told]:
    """What the sentences of ``text`` tell that are understood from end to end and asserted in ``said``, or wished."""
    if is_talk(text):
        return []
    sentences = [part for part in sentences_of(text)[:_MOST] if any(map(str.isalnum, part.text))]
    wished = unasserted(text, intent) if BLANK in said else []
    taken = [_stands(_parsed(part.text, part.start, named), part.start, said, wished) for part in sentences]
    open_parts = [
        (part.start, part.end) for part, phrases in zip(sentences, taken, strict=True) if phrases is None
    ]
    rivals = [m for m in named if any(start <= m.start < end for start, end in open_parts)]
    # What would be nice is wanted where something is asked for; alone it is an opinion.
    asking = any(part.phrase.then in _ASKING for phrases in taken if phrases for part in phrases[1])
    found: list[Told] = []
    for place, phrases in enumerate(taken):
        before = place and not taken[place - 1] and not leaves_it(sentences[place - 1].text)
        after = place + 1 < len(sentences) and not taken[place + 1]
        if phrases is None or before or (after and takes_back(sentences[place + 1].text)):
            continue
        sentence, parts = phrases
        for part in parts:
            if "wished" in part.phrase.states and not asking:
                continue
            found += [one for one in _told(part, sentence, named) if not _has_rival(one, rivals)]
    return found


def _has_rival(told: Told, rivals: Sequence[Mention]) -> bool:
    """Whether a sentence that is not understood has another day, time, amount or measure of the kind."""
    mention = told.value.mention
    if mention is None or mention.kind not in _RIVALRY:
        return False
    return any(
        other.kind == mention.kind
        and other.value != mention.value
        and (other.unit.lower() == mention.unit.lower() or mention.kind == "money")
        for other in rivals
    )


def value_told(name: str, every: Sequence[Told]) -> Value | None:
    """The one value that is told of the property ``name``; None where there is none, or several."""
    words = words_of(name)
    if words[-2:] == ["m", "2"]:
        words = [*words[:-2], "m2"]
    spoken = " ".join(words)
    for prefix in ("number of ", "num ", "no of "):
        spoken = spoken.removeprefix(prefix)
    spoken = spoken.removesuffix(" count")
    unit = _UNITS.get(words[-1], "") if len(words) > 1 else ""
    rest = " ".join(words[: -2 if words[-2:-1] == ["in"] else -1])
    found: list[Value] = []
    for told in every:
        mention = told.value.mention
        measured = mention is not None and mention.kind in ("quantity", "duration")
        if spoken in told.names and (not measured or told.unit in ("", mention.unit if mention else "")):
            if not measured or told.unit:
                found.append(told.value)
        elif (
            unit and rest in told.names and mention is not None and (measured or mention.kind == "percentage")
        ):
            value = in_unit(mention, unit)
            if value is not None:
                found.append(value)
    return found[0] if len({repr(value.value) for value in found}) == 1 else None


def _stands(
    parsed: tuple[_Sentence, list[_Found]] | None, start: int, said: str, wished: Sequence[Unasserted]
) -> tuple[_Sentence, list[_Found]] | None:
    """A sentence that is understood, where it is asserted or says what is wished."""
    if parsed is None:
        return None
    blank = [at for at in range(start, start + parsed[0].length) if said[at] == BLANK]
    wish = any("wish" in found.phrase.states for found in parsed[1])
    reasons = {part.reason for at in blank for part in wished if part.start <= at < part.end}
    if blank and not (wish and reasons and reasons <= _WISHES):
        return None
    return parsed


def _parsed(text: str, start: int, named: Sequence[Mention]) -> tuple[_Sentence, list[_Found]] | None:
    """The phrases of which a sentence is made; None where it is not."""
    text = _as_request(text)
    if len(text) > _LONGEST or "<" in text or "?" in text or "\n" in text.strip():
        return None
    sentence = _signed(text.rstrip(" \n.!"), start, named)
    opening = pattern(_OPENING).match(sentence.text)
    body = sentence.text[opening.end() :] if opening is not None else sentence.text
    for form in dict.fromkeys((body[:1].lower() + body[1:], body)):
        found = _Reading(form, sentence.things).phrases()
        if found:
            return sentence, found
    return None


def _as_request(text: str) -> str:
    """A question that asks somebody to do something, as the request that it is."""
    asked = pattern(r"^\W*(?:could|can|would|will) (?:you|i|we) (?:please )?").match(text.lower())
    return text.rstrip()[:-1] if asked is not None and text.rstrip().endswith("?") else text


def _signed(text: str, start: int, named: Sequence[Mention]) -> _Sentence:
    """A sentence with a sign in the place of each figure, address and contact."""
    things: list[Mention | PostalAddress] = []
    parts, at = [], 0
    spans: list[tuple[int, int, str, Mention | PostalAddress]] = [
        (found.start, found.end, "a", found) for found in addresses_in(text)
    ]
    for street in pattern(_STREET, ignore_case=False).finditer(text):
        if not any(first < street.end() and street.start() < last for first, last, _, _ in spans):
            spans.append(
                (
                    street.start(),
                    street.end(),
                    "a",
                    PostalAddress(street.start(), street.end(), {"s": street[0]}),
                )
            )
    for wide in pattern(_WIDER).finditer(text):
        unit = _AREAS.get(wide[2].lower(), wide[2].lower())
        number = float(wide[1].replace(",", ""))
        value = int(number) if number.is_integer() else number
        spans.append(
            (
                wide.start(),
                wide.end(2),
                "q",
                Mention(
                    "quantity",
                    start + wide.start(),
                    start + wide.end(2),
                    text[wide.start() : wide.end(2)],
                    value,
                    unit,
                ),
            )
        )
    for mention in named:
        first, last = mention.start - start, min(mention.end - start, len(text))
        letter = _LETTERS.get(mention.kind, "")
        if not letter or not 0 <= first < last or any(a < last and first < b for a, b, _, _ in spans):
            continue
        spans.append((first, last, letter, mention))
    for first, last, letter, thing in sorted(spans, key=lambda span: span[:2]):
        parts += [text[at:first], f"<{letter}{len(things)}>"]
        things.append(thing)
        at = last
    return _Sentence("".join([*parts, text[at:]]), things, len(text))


class _Reading:
    """One attempt at one sentence."""

    def __init__(self, text: str, things: Sequence[Mention | PostalAddress]) -> None:
        self._text = text
        self._things = things
        self._dead: set[tuple[int, str]] = set()
        self._steps = 0

    def phrases(self) -> list[_Found] | None:
        """The phrases that leave nothing over; None where some is."""
        return self._from(0, "0")

    def _from(self, at: int, state: str) -> list[_Found] | None:
        if at == len(self._text):
            return []
        if (at, state) in self._dead or self._steps > _MOST_STEPS:
            return None
        set_off = at == 0 or self._text[:at].endswith((", ", " and ", " but ", "; ", ": "))
        for phrase in (*_phrases(state), *(_requests() if set_off and at else ())):
            if not set_off and phrase.tells and state not in phrase.states and phrase.states & {"*"}:
                continue
            match = _compiled(phrase.expression).match(self._text[at:])
            for end, groups in self._ends(phrase, match) if match is not None else ():
                self._steps += 1
                following = self._behind(at + end)
                if following is None:
                    continue
                same = "said" if state == "0" and phrase.tells else state
                rest = self._from(following, same if phrase.then == "=" else phrase.then)
                if rest is not None:
                    return [_Found(phrase, groups), *rest]
        aside = self._aside(at)
        rest = self._from(aside, "0" if at == 0 else state) if aside is not None else None
        if rest is None:
            self._dead.add((at, state))
        return rest

    def _aside(self, at: int) -> int | None:
        """Where the next phrase begins behind a part that tells nothing and turns nothing round; None where there is no such part."""
        part = pattern(_ASIDE, ignore_case=False).match(self._text[at:])
        if part is None or (at == 0 and part.end() == len(self._text)):
            return None
        length = part.end() - (len(part[0]) - len(part[0].removesuffix(", ").removesuffix(" and ")))
        words = part[0][:length].split()
        if len(words) > _LONGEST_ASIDE or _TURNING & set(words) or not leaves_it(part[0]):
            return None
        end = at + length
        before = self._text[max(0, at - 5) : at]
        return self._behind(end) if at == 0 or before.endswith((", ", " and ")) else None

    def _behind(self, end: int) -> int | None:
        """Where the next phrase begins; None where a word goes on."""
        if end == len(self._text) or self._text[end - 1] == ":":
            return end + (self._text[end : end + 1] == " ")
        parted = pattern(_PARTED).match(self._text[end:])
        return end + parted.end() if parted is not None else None

    def _ends(self, phrase: _Phrase, match: PatternMatch) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Where a phrase may end: a noun at its end may be shorter than it could be."""
        groups = tuple(group or "" for group in match.groups())
        end = match.end()
        last = next((place for place in range(len(groups) - 1, -1, -1) if groups[place]), None)
        open_end = (
            last is not None and phrase.slots[last] in ("{W}", "{J}", "{X}") and match.end(last + 1) == end
        )
        while True:
            if all(_is(slot, group) for slot, group in zip(phrase.slots, groups, strict=True) if group):
                yield end, groups
            if not open_end or last is None or " " not in groups[last]:
                return
            shorter = groups[last].rpartition(" ")[0]
            end -= len(groups[last]) - len(shorter)
            groups = (*groups[:last], shorter, *groups[last + 1 :])


def _is(slot: str, group: str) -> bool:
    """Whether what stands in a slot is what the slot is for."""
    if slot in ("{W}", "{J}"):
        words = group.split()
        plain = not _NO_NOUN & set(words) and leaves_it(group) and not set(words) & set(number_words())
        return plain and (slot == "{W}" or words[-1] in words_named("trades"))
    if slot == "{G}":
        return places().get(group) == "city"
    if slot in ("{X}", "{L}"):
        first = group.split()[0]
        return (
            first not in ("I", "I'm", "The", "We", "My", "Our", "It", "He", "She", "They", "If", "Not", "No")
            and group.lower() not in months()
            and not (slot == "{L}" and len(group.split()) > 3)
        )
    return True


@cache
def _phrases(state: str) -> tuple[_Phrase, ...]:
    """The phrases that may stand in a state."""
    states = {state, "*", "me"} if state == "intro" else {state, "*"}
    return tuple(phrase for phrase in _every_phrase() if states & phrase.states)


@cache
def _compiled(expression: str) -> Pattern:
    """A phrase's expression: kept apart, so that hundreds of phrases push none of the others out."""
    return Pattern(expression, ignore_case=False)


@cache
def _requests() -> tuple[_Phrase, ...]:
    """The phrases that ask for something, as they may follow on anything: «the lamp is broken, please send another bulb»."""
    return tuple(phrase for phrase in _phrases("0") if "please " in phrase.expression)


@cache
def _every_phrase() -> tuple[_Phrase, ...]:
    found = []
    for states, then, written, tells in english_phrases():
        slots = tuple(part[0] for part in pattern(r"\\.|\{[A-Z]+\}|\((?:[^?]|\?[^:])").finditer(written))
        slots = tuple(
            slot for slot in slots if slot[0] != "\\" and slot not in ("{DAY}", "{MONTH}", "{MAKE}")
        )
        expression = written
        for slot, form in _SLOTS.items():
            expression = expression.replace(slot, form)
        parts = tuple(part for part in tells.split(";") if part)
        found.append(_Phrase(frozenset(states.split(",")), then, f"(?:{expression})", slots, parts))
    return tuple(found)


def _told(found: _Found, sentence: _Sentence, named: Sequence[Mention]) -> Iterator[Told]:
    for part in found.phrase.tells:
        names, _, source = part.rpartition("=")
        value = _value(found, sentence, source)
        if value is None:
            continue
        for written in names.split(","):
            name, lonely = written.removeprefix("~"), written.startswith("~")
            name, _, member = name.partition("#")
            name, _, unit = name.partition("@")
            answer = _part(value, member)
            if answer is None or (lonely and not _is_only_one(answer, named, name)):
                continue
            yield Told(frozenset(_spoken(name, found.groups)), answer, unit)


def _value(found: _Found, sentence: _Sentence, source: str) -> Value | None:
    if source in _TRUTHS:
        return Value(_TRUTHS[source])
    if source == "nothing":
        return Value(None)
    if source in _OFTEN:
        return Value(_OFTEN[source])
    place = next((int(at) - 1 for at in source.split("+") if found.groups[int(at) - 1]), None)
    if place is None:
        return None
    group = found.groups[place]
    # What numbers a thing is text, whatever its figures are.
    token = pattern(_SIGN).fullmatch(group) if found.phrase.slots[place] != "{K}" else None
    if token is None:
        if group in number_words():
            return Value(number_words()[group])
        for work in _WORKS:
            group = group.removeprefix(work)
        return Value(_written(group, sentence))
    thing = sentence.things[int(token[2])]
    if isinstance(thing, PostalAddress):
        return Value(thing)
    return Value(thing.value if thing.value is not None else thing.text.rstrip("."), thing)


def _written(group: str, sentence: _Sentence) -> str:
    """What stands in a slot as the prompt writes it."""
    parts, at = [], 0
    for token in pattern(_SIGN).finditer(group):
        thing = sentence.things[int(token[2])]
        parts += [group[at : token.start()], thing.text if isinstance(thing, Mention) else ""]
        at = token.end()
    return "".join([*parts, group[at:]])


def _part(value: Value, member: str) -> Value | None:
    """A value, or that part of an address which a name asks for."""
    if not isinstance(value.value, PostalAddress):
        return value
    address = value.value
    said = {"city": "c", "code": "p", "street": "s"}.get(member, "")
    text: Any = (
        address.parts.get(said)
        if said
        else ", ".join(
            filter(None, (address.parts.get("s"), " ".join(filter(None, map(address.parts.get, "cp")))))
        )
    )
    return Value(text) if text else None


def _is_only_one(value: Value, named: Sequence[Mention], name: str) -> bool:
    """Whether nothing else of the kind is named anywhere in the text."""
    mention = value.mention
    if mention is None:
        if name not in ("city", "town", "location", "residence"):
            return name not in ("quantity", "qty") or not any(m.kind == "number" for m in named)
        places = {m.text for m in named if m.kind in ("city", "country")}
        return places <= {str(value.value)}
    return {
        m.text.rstrip(".")
        for m in named
        if m.kind == mention.kind and (m.kind != "quantity" or m.unit == mention.unit)
    } == {mention.text.rstrip(".")}


def _spoken(name: str, groups: Sequence[str]) -> Iterator[str]:
    """The names of properties for one of a phrase's, with the noun of a slot in its forms."""
    slot = pattern(r"\$!?(\d)").search(name)
    if slot is None:
        yield name
        return
    noun = groups[int(slot[1]) - 1].lower().replace("-", "")
    words = noun.split()
    nouns = {noun, words[-1]} if words and "!" not in slot[0] else {noun}
    if len(words) > 1 and "!" not in slot[0] and words[-1] in _PLACED_BY:
        nouns.add(words[0])
        nouns.add(" ".join(words[:-1]))
    for form in {form for one in nouns for form in _forms(one)}:
        yield from _spoken(name[: slot.start()] + form + name[slot.end() :], groups)


def _forms(noun: str) -> set[str]:
    """A noun as one and as several."""
    odd = {"children": "child", "child": "children", "people": "person", "person": "people"}
    forms = {noun, noun + "s", odd.get(noun, noun)}
    if noun.endswith("s"):
        forms.add(noun[:-1])
    if noun.endswith("ies"):
        forms.add(noun[:-3] + "y")
    if noun.endswith("es"):
        forms.add(noun[:-2])
    return forms
