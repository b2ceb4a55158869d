"""Names and nouns cut whole at a place of a sentence: a person, an organisation, a place, a thing, a job, a title, a reason."""

from collections.abc import Callable, Mapping, Sequence

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.text.bent_names import (
    case_ends,
    city_ends,
    city_of,
    quoted_firm,
    quoted_firm_ends,
    turkish_firm_ends,
    without_case,
)
from server.api.providers.local.cue.text.bent_names import (
    firm_with_form_ends as formed_firm_ends,
)
from server.api.providers.local.cue.text.clock import clock_at, clock_ends
from server.api.providers.local.cue.text.nouns import before_verb_ends, job_ends, thing_ends
from server.api.providers.local.cue.text.plain_names import (
    firm_ends,
    firm_with_form_ends,
    person_ends,
    town_ends,
)
from server.api.providers.local.cue.text.plain_names import thing_ends as plain_thing_ends
from server.api.providers.local.cue.text.shapes import (
    address_ends,
    flight_ends,
    is_glued,
    slug_ends,
    street_ends,
    version_ends,
)
from server.api.providers.local.cue.text.trade import job_ends_first
from server.api.providers.local.lexicon import company_forms, first_names, months, number_words, words_named

_LONGEST_PERSON = 5
_LONGEST_NAME = 7
_LONGEST_REASON = 14
_LONGEST_TITLE = 12
_PARTICLES = words_named("particles") | {"y", "e", "van", "von", "der", "de"}
_FURTHER_TITLES = (
    "herrn monsieur madame mlle mademoiselle don doña dona sig sig.ra signorina dott dottoressa dottor dhr mevr mevrouw meneer dokter docteur doctor doctora doutor doutora dra drª doktor d srta "
    "fru maître maestro profesor profesora"
)
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "herr",
        "frau",
        "mme",
        "m",
        "señor",
        "señora",
        "signor",
        "signora",
        "sr",
        "sra",
        "captain",
        *_FURTHER_TITLES.split(),
    ]
)  # one list, one line
_STRIPPED = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "madam",
        "herr",
        "frau",
        "mme",
        "herrn",
        "monsieur",
        "madame",
        "mlle",
        "don",
        "doña",
        "dona",
        "sig",
        "dhr",
        "mevr",
        "mevrouw",
        "meneer",
        "señor",
        "señora",
        "sr",
        "sra",
        "srta",
        "signor",
        "signora",
        "fru",
    ]
)
_LINKS = frozenset({"&", "of", "de", "du", "des", "la", "le", "del", "di", "da", "von", "van", "für", "and"})
_NO_NAME = words_named("no_names") | frozenset(
    "i i'm i'd i'll i've the we my our it it's he she they if not no a an this that these those please hi hello dear thanks thank your his her their its who what when where "  # noqa: SIM905  # as above
    "how why which there here everyone everybody someone somebody anyone anybody nobody none one all both each either neither any some monday tuesday wednesday thursday friday "
    "saturday sunday today tomorrow yesterday payment order orders delivery shipping total price date time note status also and or but so then now just can could would will "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo lunedì martedì "
    "mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta ich wir sie er es der die das den dem ein eine mein meine unser unsere je nous vous il elle le la les un une "
    "mon ma notre el los una mi nuestro nuestra lo gli io noi mio nostro o os um uma eu nós meu minha nosso het een ik wij we mijn onze det jag vi min vår bitte danke hallo guten sehr "
    "geehrte bonjour merci cordialement hola gracias buongiorno salve grazie ciao olá obrigado obrigada goedemiddag beste groet hej tack rechnung bestellung termin uhr euro kunde herr "
    "do does did is are was were has have had best kind regards cheers sincerely next last first new mr mrs ms dr am pm ok okay yes sorry asap fyi btw eta rsvp usd eur gbp vat".split()
)
_ENDS_REASON = frozenset(
    [
        "and",
        "but",
        "so",
        "please",
        "which",
        "who",
        "or",
        "und",
        "aber",
        "et",
        "mais",
        "y",
        "pero",
        "ma",
        "maar",
        "och",
        "oder",
        "ou",
        "wodurch",
        "weshalb",
        "donc",
    ]
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "«": "»", "‘": "’", "”": "”", "»": "«"}
_OPEN = frozenset({"of", "de", "für", "&", "and", "the"})


def ends_of(slot: str, tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """Where what a slot for names or nouns asks for ends, if it begins at a token."""
    cut = _CUTS.get(slot)
    return cut(tokens, at, passage) if cut is not None and at < len(tokens) else ()


def written(slot: str, tokens: Sequence[PassageToken], first: int, end: int, passage: Passage) -> str:
    """What stands between two tokens as a value: without the title of a person, the article of a name, the marks of a quotation."""
    if slot == "ZT":
        return clock_at(tokens, first)
    if slot == "CB":
        return city_of(passage.written(tokens[first], tokens[end - 1]), passage, tokens[first].start)
    if slot in ("CF", "CD", "CL", "OT"):
        return without_case(passage.written(tokens[first], tokens[end - 1]))
    if slot in ("OQ", "OF"):
        return quoted_firm(passage.written(tokens[first], tokens[end - 1]))
    if slot in ("H", "HS"):
        start = first
        while start < end and tokens[start].word in _TITLES | {"."}:
            start += 1
        bare = end - start > 1 or tokens[first].word in _STRIPPED
        return passage.written(tokens[start if bare and start < end else first], tokens[end - 1])
    if slot in ("O", "C", "G", "OD", "J") and tokens[first].word in ("the", "a", "an") and end - first > 1:
        first += tokens[first].text.islower() or first == 0
    if slot == "J" and tokens[first].word == "new" and end - first > 1:
        first += 1
    if slot == "Y":
        return passage.written(tokens[first + 1], tokens[end - 2]).rstrip(",.")
    return passage.written(tokens[first], tokens[end - 1])


def _person_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of one person's name: a title, words with capitals, initials and particles."""
    if tokens[at].word in _ROLES:
        return ()
    end = at
    titled = tokens[at].word in _TITLES and tokens[at].is_capital
    if titled:
        end += 1
        end += end < len(tokens) and tokens[end].text == "."
    start = end
    while end < len(tokens) and end - start < 2 * _LONGEST_PERSON:
        token = tokens[end]
        if _is_name(token) and not (token.text.isupper() and len(token.text) > 1 and end == start):
            end += 1
            if end < len(tokens) and tokens[end].text == "." and len(token.text) == 1:
                end += 1
        elif (end > start and token.text == "-" and is_glued(tokens, end)) or (
            end > start and token.word in _PARTICLES and end + 1 < len(tokens)
        ):
            end += 1
        else:
            break
    while end > start and (tokens[end - 1].word in _PARTICLES or tokens[end - 1].text == "-"):
        end -= 1
    if end == start or _is_shared(tokens, end):
        return ()
    words = [token.text for token in tokens[start:end]]
    named = {mention.start: mention for mention in passage.named}
    kinds = {named[token.start].kind for token in tokens[start:end] if token.start in named}
    if kinds & {"organization", "country", "language"} or not company_forms("behind").isdisjoint(words):
        return ()
    alone = end - start == 1 and not titled
    if alone and kinds & {"city"} and tokens[start].text not in first_names():
        return ()
    if alone and at == 0 and not kinds & {"person"} and tokens[at].text not in first_names():
        return ()
    return (end,)


_ROLES = frozenset(
    "employee customer patient student client tenant guest teacher driver member pupil applicant candidate passenger owner manager colleague landlord seller buyer vendor supplier sender recipient "  # noqa: SIM905  # as above
    "reporter host speaker instructor nurse user agent resident visitor claimant contact attendee participant".split()
)
"""Nouns before a person's name that are none of it."""


def _sure_person_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a person's name that is one for certain: of two words or more, or known as one."""
    starts = {mention.start for mention in passage.named if mention.kind == "person"}
    sure = tokens[at].text in first_names() or tokens[at].start in starts
    return tuple(end for end in _person_ends(tokens, at, passage) if end - at > 1 or sure)


def _plain_name_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a person or an animal that no list has, where the words beside it can only be one's."""
    end = at
    while end < len(tokens) and end - at < _LONGEST_PLAIN and _is_name(tokens[end]):
        end += 1
    return () if end == at or tokens[at].word in _ROLES or _is_shared(tokens, end) else (end,)


_LONGEST_PLAIN = 3


def _is_name(token: PassageToken) -> bool:
    return (
        token.is_capital
        and token.word not in _NO_NAME
        and token.word not in months()
        and token.word not in number_words()
    )


def _is_shared(tokens: Sequence[PassageToken], end: int) -> bool:
    """Whether another name stands beside the one that ends here: nobody can say which is meant."""
    if end + 1 >= len(tokens):
        return False
    joint, behind = tokens[end], tokens[end + 1]
    if joint.word in (
        "and",
        "or",
        "und",
        "oder",
        "et",
        "ou",
        "y",
        "o",
        "e",
        "ed",
        "och",
        "eller",
        "oppure",
        "en",
        "i",
        "&",
        "/",
    ):
        return behind.is_capital and behind.word not in ("i", "i'm", "i'd", "i've", "i'll")
    if joint.text != "," or not behind.is_capital:
        return False
    then = end + 1
    while then < len(tokens) and tokens[then].is_capital:
        then += 1
    return then + 1 < len(tokens) and tokens[then].word in ("and", "or", ",") and tokens[then + 1].is_capital


def _organisation_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a name of words with capitals and figures, with an article before it."""
    start = at + (tokens[at].word in ("the", "a", "an"))
    end = start
    while end < len(tokens) and end - start < _LONGEST_NAME:
        token = tokens[end]
        figure = token.mention is not None and token.mention.kind in ("number", "code")
        if end == start and not (token.is_capital and token.word not in _NO_NAME) and not _is_brand(token):
            return ()
        if (
            (token.is_capital and token.word not in months())
            or (
                end > start
                and figure
                and (tokens[end - 1].is_word or tokens[end - 1].text == "-")
                and token.start - tokens[end - 1].end < 2
            )
            or (
                end > start
                and (
                    (token.text in ("-", "'", ".", "/") and is_glued(tokens, end))
                    or (
                        token.text == "."
                        and tokens[end - 1].word in ("st", "mt", "dr")
                        and end + 1 < len(tokens)
                    )
                )
            )
            or end == start
            or (token.word in _LINKS - {"and"} and end + 1 < len(tokens) and tokens[end + 1].is_capital)
        ):
            end += 1
        else:
            break
    while end > start and (tokens[end - 1].word in _OPEN or tokens[end - 1].text in ("-", "'", ".", "/")):
        end -= 1
    if end > start + 1 and end < len(tokens) and tokens[end].text == "." and _is_last_letter(tokens, end - 1):
        end += 1
    if end > start and [token.text for token in tokens[end : end + 3]] == ["e", ".", "V"]:
        end += 3 + (tokens[end + 3 : end + 4] != [] and tokens[end + 3].text == ".")
    return () if end == start or _is_shared(tokens, end) else (end,)


def _is_last_letter(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a letter ends an abbreviation whose point belongs to it: «S.r.l.», «B.V.»."""
    return len(tokens[at].text) == 1 and tokens[at - 1].text == "." and tokens[at - 1].end == tokens[at].start


def _is_brand(token: PassageToken) -> bool:
    """Whether a word begins small and has a capital behind: «iPhone»."""
    return token.mention is None and token.text[:1].islower() and any(map(str.isupper, token.text))


def _place_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a town, a region or a country."""
    end = at
    if tokens[at].word in _NO_NAME:
        return ()
    while end < len(tokens) and end - at < _LONGEST_NAME:
        token = tokens[end]
        if (token.is_capital and token.word not in months()) or (
            end > at
            and (
                (token.text in ("-", "'") and is_glued(tokens, end))
                or (token.text == "." and tokens[end - 1].word in ("st", "mt", "ft"))
                or (
                    token.word in ("am", "de", "del", "la", "upon", "sur", "ob", "der")
                    and end + 1 < len(tokens)
                    and tokens[end + 1].is_capital
                )
            )
        ):
            end += 1
        else:
            break
    while end > at and not tokens[end - 1].is_capital:
        end -= 1
    return () if end == at or _is_shared(tokens, end) else (end,)


def _sure_place_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a place that is known for one."""
    known = any(m.start == tokens[at].start and m.kind in ("city", "country") for m in passage.named)
    return _place_ends(tokens, at, passage) if known else ()


def _title_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of what stands in quotation marks."""
    closing = _QUOTES.get(tokens[at].text)
    for end in range(at + 1, min(at + 2 * _LONGEST_TITLE, len(tokens))) if closing else ():
        if tokens[end].text == closing and (closing != "'" or _closes(tokens, end)):
            begins = tokens[at + 1].start == tokens[at].end and tokens[at + 1].text[:1].isalnum()
            return (end + 1,) if end > at + 1 and begins else ()
    return ()


def _closes(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a stroke stands behind a word and before none."""
    return tokens[at].start == tokens[at - 1].end and (
        at + 1 >= len(tokens) or tokens[at + 1].start > tokens[at].end or not tokens[at + 1].is_word
    )


def _reason_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a clause that gives a reason."""
    end = at
    while end < len(tokens) and end - at <= _LONGEST_REASON:
        token = tokens[end]
        if token.text in ",;:.!?()\n–—" or token.word in _ENDS_REASON or token.text.startswith(BLANK):
            break
        end += 1
    joined = end < len(tokens) and tokens[end].word in _ENDS_REASON
    blank = end < len(tokens) and tokens[end].text.startswith(BLANK)
    return () if joined or blank or end - at < 2 or end - at > _LONGEST_REASON else (end,)


def _numbered_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a name that a figure is part of, as those of devices are."""
    return tuple(
        end
        for end in _organisation_ends(tokens, at, passage)
        if end - at > 1 and any(any(map(str.isdecimal, token.text)) for token in tokens[at:end])
    )


def _month_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a month that is named without a day."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    is_day = behind is not None and (behind.text[:1].isdecimal() or behind.is_capital)
    return (at + 1,) if tokens[at].is_capital and tokens[at].word in months() and not is_day else ()


def _event_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of what is held: «the Berlin summit», «the budget review»."""
    for end in range(at, min(at + _LONGEST_EVENT, len(tokens))):
        if not tokens[end].is_word or tokens[end].word in _NO_NAME:
            return ()
        if tokens[end].word in _EVENTS and end > at:
            behind = tokens[end + 1] if end + 1 < len(tokens) else None
            goes_on = behind is not None and (behind.is_capital or behind.word in _EVENTS)
            return () if goes_on else (end + 1,)
    return ()


_LONGEST_EVENT = 5
_EVENTS = frozenset(
    "summit conference meeting review auction fair festival workshop webinar retreat party gala concert exhibition meetup hackathon symposium congress tournament championship marathon "  # noqa: SIM905  # as above
    "retrospective standup kickoff seminar ceremony convention forum expo reunion sync".split()
)


def _make_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the make of a car, which is one word with a capital and a model behind it."""
    goes_on = at + 1 < len(tokens) and (tokens[at + 1].is_capital or tokens[at + 1].text[:1].isdecimal())
    return (
        (at + 1,)
        if tokens[at].is_capital
        and tokens[at].word not in _NO_NAME
        and tokens[at].word not in months()
        and goes_on
        else ()
    )


_ROADS = frozenset(
    [
        "street",
        "road",
        "lane",
        "avenue",
        "drive",
        "court",
        "place",
        "square",
        "way",
        "boulevard",
        "close",
        "terrace",
        "crescent",
        "bridge",
        "highway",
        "motorway",
        "alley",
        "parkway",
    ]
)


def _road_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of the name of a road without a number: «Mill Road»."""
    end = at
    while end < len(tokens) and tokens[end].is_capital and end - at < _LONGEST_PERSON:
        end += 1
    return (end,) if end - at > 1 and tokens[end - 1].word in _ROADS else ()


_CUTS: Mapping[str, Callable[[Sequence[PassageToken], int, Passage], Sequence[int]]] = {
    "HX": _plain_name_ends, "H": _person_ends, "HS": _sure_person_ends, "O": _organisation_ends, "C": _place_ends, "G": thing_ends, "J": job_ends, "JW": job_ends_first, "CS": _sure_place_ends,
    "Y": _title_ends, "R": _reason_ends, "V": version_ends,
    "FL": flight_ends, "MO": _month_ends, "EV": _event_ends, "MK": _make_ends, "S2": _road_ends,
    "OD": _numbered_ends, "B": before_verb_ends, "S": street_ends, "A": address_ends,
    "Z": plain_thing_ends, "ZH": person_ends, "ZC": town_ends, "ZO": firm_ends, "ZS": firm_with_form_ends,
    "ZT": clock_ends, "CB": city_ends, "OQ": quoted_firm_ends, "OF": formed_firm_ends, "OT": turkish_firm_ends,
    "KN": lambda tokens, at, _: slug_ends(tokens, at),
    "CF": lambda tokens, at, _: case_ends("CF", tokens, at), "CD": lambda tokens, at, _: case_ends("CD", tokens, at),
    "CL": lambda tokens, at, _: case_ends("CL", tokens, at),
}  # fmt: skip
NAME_SLOTS = frozenset(_CUTS)
"""Letters of the slots for names and nouns: H a person, HS one for certain, HX one by the words beside it, KN a name as programs have it, O an organisation, C a place, G a thing, J a job, Y a title in quotation marks, R a reason, V a version,
FL a flight, MO a month, EV what is held, MK a make before its model, S2 a road, OD a name with a figure, B a thing before its verb, S a street, A an address;
in scripts without capitals Z a thing, ZH a person, ZC a town, ZO a firm, ZS a firm that says that it is one;
ZT an hour of the day; CB a city in any form, OQ a firm in quotation marks, OF one behind the form of a company; with a Turkish ending CF, CD and CL a place from, to and in which, OT a firm."""
