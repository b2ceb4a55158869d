"""Whether what stands without a label of its own is the property's: the age of a car is nobody's, a deposit is no price."""

from collections.abc import Mapping, Sequence

from server.api.providers.local.evidence.clause_subject import ClauseSubject, subject_at, words_before
from server.api.providers.local.lexicon import first_names, warrant_words, words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, all_labels

_PERIODS: Mapping[str, frozenset[str]] = {
    "hour": frozenset(["hour", "hours", "hourly", "stunde", "stundenlohn", "stündlich", "heure", "hora", "ora", "uur", "godzinę", "час", "timme", "saat"]),
    "day": frozenset(["day", "days", "daily", "tag", "täglich", "jour", "jours", "día", "giorno", "dia", "dag", "dzień", "день", "gün"]),
    "night": frozenset(["night", "nights", "nightly", "nacht", "nuit", "noche", "notte", "noite", "noc", "ночь", "natt", "gece"]),
    "week": frozenset(["week", "weeks", "weekly", "woche", "wöchentlich", "semaine", "semana", "settimana", "tydzień", "неделю", "vecka", "hafta"]),
    "month": frozenset(["month", "months", "monthly", "monat", "monatlich", "monatslohn", "mois", "mensuel", "mes", "mensual", "mese", "mensile", "mês", "mensal", "maand", "miesiąc", "месяц", "månad", "ay"]),
    "year": frozenset(["year", "years", "yearly", "annual", "annually", "annum", "jahr", "jährlich", "jahres", "an", "année", "annuel", "annuelle", "año", "anual", "anno", "annuale", "ano", "jaar", "rok", "год", "år", "yıl"]),
}  # fmt: skip
"""Words for the periods for which one pays."""
_PERSONS_OWN = frozenset({"email", "phone", "person", "iban"})
_SAME: Sequence[frozenset[str]] = (
    frozenset({"order", "parcel", "package", "shipment", "delivery", "purchase", "item", "items", "goods"}),
    frozenset({"payment", "invoice", "bill"}),
    frozenset({"ticket", "issue", "case", "incident", "bug", "task", "request"}),
    frozenset({"user", "account", "customer", "client", "member"}),
    frozenset({"product", "item", "article"}),
    frozenset({"apartment", "flat", "house", "property"}),
    frozenset({"job", "build", "pipeline", "run", "deployment"}),
    frozenset({"server", "service", "system", "device", "machine"}),
)
"""Things of which one is meant by the other's name."""
_TOTALS = frozenset({"grand total", "total amount"})
_SHORT = 4
"""Letters of a word that ends others by chance."""
_PARALLEL = r"^\s?(?:,|and|und|et|y|e|en|i|och|и)\s(?:the |der |die |das |le |la |el |il |o |a |de |het )?(?:\p{L}{3,}|\p{Nd}+)\s[^.;!?\n]{0,24}$"
_OLD_THING = r"^\S{1,12}[\s-](?:years?|months?|jahre?|jaar|anni|års?)?[\s-]?(?:old|alte[rsnm]?|oude?|gammal|gamla)\s(\p{L}{3,})"
_RIDES = frozenset(
    [
        "train",
        "trains",
        "bus",
        "flights",
        "ticket",
        "tickets",
        "car",
        "taxi",
        "ferry",
        "zug",
        "bahn",
        "tren",
        "treno",
        "trem",
        "trein",
        "pociąg",
        "поезд",
        "tåg",
    ]
)  # one list, one line
_TRIP = r"(\p{L}{3,})\s(?:for|für|pour|voor|till|from|to|von|aus|nach|de|vers|desde|da|per|para|naar|uit|van|z|do|из|от|från|till)\s$"
_FROM = r"\b(?:from|to|von|aus|nach|de|depuis|vers|desde|da|per|para|naar|uit|van|z|do|из|от|från|till)\s$"
_WAYS = frozenset({"method", "methode", "méthode", "método", "metodo"})
_WHOSE = _WAYS | words_named("personal_qualities")
"""Last words of the names of what persons have or do."""
_RATE = 3
"""Words behind an amount among which a period stands: «EUR a month»."""
_DUE = r"\b(?:due|payable|fällig|zahlbar|expires?|valid|gültig)\s(?:on|by|until|am|bis|till)\s(?:the |zum )?$"
_DUE_WORDS = frozenset(
    {"due", "deadline", "expiry", "expiration", "end", "until", "valid", "payment", "faellig", "fällig"}
)
_OWNED = r"^(?:我的|我家|他的|她的|私の|僕の|彼の|彼女の|うちの|우리|내|제$)"
_PRICES = frozenset({"price", "cost", "preis", "prix", "precio", "prezzo", "preço", "prijs"})
"""Names of what one pays at once; what one pays each month has another name."""
_PEOPLE = frozenset({"people", "guests", "persons"})
_EVERY_DATE = frozenset({"date", "day", "when", "datum", "fecha", "data", "дата"})
_ADDRESSED = r"\b(?:call|phone|ring|reach|email|contact|write to|mail)\s(?:the|our|my)\s(?:\p{L}+\s){1,2}(?:at|on|under|via|by)\s$"


def is_of_another(
    text: str, place: int, asked: Property, named: Sequence[Mention], *, labelled: bool = False
) -> bool:
    """Whether the clause around a value at ``place`` speaks of another thing than that whose property is asked for."""
    if asked.kind == "age" or "birth" in asked.words:
        return not _is_persons(text, place, asked, named)
    subject = subject_at(text, place)
    if asked.kind in _PERSONS_OWN:
        addressed = pattern(_ADDRESSED).search(text[max(0, place - 60) : place].lower())
        return asked.generic and (
            (addressed is not None and asked.kind != "person")
            or (subject is not None and subject.head != "" and _names_another(subject, asked, named))
        )
    done = words_named("done_there") & set(words_before(text, place)[-6:])
    if asked.kind in ("city", "country", "organization") and asked.generic and not labelled and done:
        return True
    if asked.kind == "organization" and asked.generic and not labelled and _is_addressee(text, place):
        return True
    if asked.kind == "money":
        return _is_other_amount(text, place, asked, subject, labelled=labelled)
    if asked.kind in ("city", "country") and asked.generic and not labelled:
        trip = pattern(_TRIP).search(text[max(0, place - 32) : place].lower())
        if trip is not None and trip[1] in words_named("events") | _RIDES:
            return True
    if asked.kind == "count" and _PEOPLE & set(asked.labels) and _describes_subject(text, place, asked):
        return True
    if asked.kind in ("city", "country") and asked.generic and not labelled and _describes_noun(text, place):
        return True
    if subject is None or not subject.head:
        return False
    if asked.kind == "organization":
        return (
            asked.generic and not labelled and not _is_one_of(subject.head, asked, "events", "person_nouns")
        )
    if asked.kind in ("date", "datetime"):
        if not _DUE_WORDS & set(asked.words) and pattern(_DUE).search(
            text[max(0, place - 24) : place].lower()
        ):
            return True
        begins = words_named("beginnings") & set(words_before(text, place)[-4:])
        every = set(asked.words) <= _EVERY_DATE
        return every and (bool(begins) or not _is_one_of(subject.head, asked, "events"))
    if asked.kind == "time" and set(asked.words) <= {"time", "hour", "at"}:
        return not any(_is_one_of(word, asked, "events") for word in subject.words)
    if asked.kind == "language":
        return "target" in asked.words
    if asked.kind in ("city", "country"):
        if pattern(_FROM).search(text[max(0, place - 12) : place].lower()) and not _is_named(subject, named):
            return asked.generic and not _is_one_of(subject.head, asked, "person_nouns", "located")
        where = ("located", "events", "person_nouns")
        return asked.generic and not _is_named(subject, named) and not _is_one_of(subject.head, asked, *where)
    if asked.kind == "count" and _PEOPLE & set(asked.labels):
        return not _is_one_of(subject.head, asked, "of_guests", "person_nouns")
    return False


def _is_addressee(text: str, place: int) -> bool:
    """Whether something goes to a company or is for it: that is the other side, not the company that is spoken of."""
    before = words_before(text, place)[-3:]
    works = warrant_words("working") & set(before)
    if works and {"with", "mit", "avec", "con", "com", "met"} & set(before[-2:]):
        return True
    return not works and bool(
        words_named("to") & set(before[-2:]) - {"a", "à", "an", "al", "per"} or before[-1:] == ["an"]
    )


def _describes_subject(text: str, place: int, asked: Property) -> bool:
    """Whether so many people only tell which thing is spoken of: «the bus for 50 people costs»."""
    before = pattern(r"(\p{L}{3,})\s(?:for|für|pour|para|per|voor|dla|для|för)\s$").search(
        text[max(0, place - 32) : place].lower()
    )
    behind = pattern(r"^\S{1,5}\s\p{L}+\s(\p{L}+)").search(text[place : place + 48].lower())
    return (
        before is not None
        and behind is not None
        and behind[1] in words_named("predicates")
        and not {before[1], before[1].removesuffix("s")}
        & (words_named("events") | {"reservation", "booking"})
    )


def _describes_noun(text: str, place: int) -> bool:
    """Whether a place only tells which thing is meant: «the Berlin office»."""
    if (
        pattern(r"(?:^|[^\p{L}])(?:the|our|my|your|their|its|a|an)\s$").search(
            text[max(0, place - 8) : place].lower()
        )
        is None
    ):
        return False
    return (
        pattern(r"^\p{Lu}\p{L}+\s\p{Ll}{3,}", ignore_case=False).search(text[place : place + 48]) is not None
    )


def is_thing_of_another(text: str, place: int, end: int, asked: Property) -> bool:
    """Whether a listed value is said of another thing than that which the name tells: «the bag is black» of ``shoe_color``."""
    subject = subject_at(text, place)
    if asked.words and asked.words[-1] in _WHOSE and subject is not None and subject.head:
        persons = any(word.capitalize() in first_names() for word in subject.words)
        rows = ("person_nouns", "wholes") if asked.words[-1] in _WAYS else ("person_nouns",)
        return not persons and not _is_one_of(subject.head, asked, *rows)
    if not _is_quality_of_thing(asked):
        return False
    if subject is not None and subject.head:
        return not _is_one_of(subject.head, asked)
    noun = pattern(r"^\s(\p{L}{3,})").search(text[end : end + 32].lower())
    return noun is not None and not (
        noun[1] in words_named("follows") | words_named("joining") | words_named("adverb")
        or _is_one_of(noun[1], asked)
    )


def _is_quality_of_thing(asked: Property) -> bool:
    """Whether a name holds a thing and a quality: ``shoe_color``, ``bestellstatus``."""
    last = asked.words[-1] if asked.words else ""
    if len(asked.words) > 1:
        return last in words_named("attributes") or asked.words[0] in words_named("attributes")
    return any(
        last.endswith(word) and last != word for word in words_named("attributes") if len(word) > _SHORT
    )


def is_total(asked: Property) -> bool:
    """Whether an amount is asked for that is the sum of all others."""
    return "total" in asked.words or bool(_TOTALS & set(asked.labels))


def is_one_of_parallels(text: str, mention: Mention, named: Sequence[Mention]) -> bool:
    """Whether a second time or day of the sentence is another thing's and leaves out the verb: «bus 12 leaves at 8:05, bus 14 at 8:20»."""
    if mention.kind not in ("time", "date", "datetime"):
        return False
    later = [other for other in named if other.kind == mention.kind and other.start >= mention.end]
    if not later:
        return False
    between = text[mention.end : later[0].start].lower()
    words = [word[0] for word in pattern(r"\p{L}+").finditer(between)]
    return (
        pattern(_PARALLEL).search(between) is not None
        and not words_named("predicates") & set(words)
        and not all_labels() & {word for word in words if len(word) > len("at")}
    )


def is_of_several_things(text: str, start: int, asked: Property) -> bool:
    """Whether a noun at ``start`` is one of so many that are priced together: «a box of 6 bottles», «10 lamps»."""
    if asked.kind != "money" or asked.known:
        return False
    head = text[max(0, start - 32) : start].lower()
    return pattern(_COUNTED).search(head) is not None and pattern(_ONE_EACH).search(head) is None


_COUNTED = (
    r"(?:\p{Nd}|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|both|several|all|zwei|drei|vier|fünf|sechs|zehn|zwölf|deux|trois|quatre|cinq|six|dix|douze|dos|tres|cuatro|cinco|seis|diez|doce|"
    r"due|tre|quattro|cinque|sei|dieci|dodici|dois|duas|três|quatro|dez|doze|twee|drie|vier|vijf|zes|tien|twaalf))[\s-](?:\p{L}+\s){0,2}$"
    r"|\b(?:box|pack|packet|case|carton|crate|set|bag|pair|dozen|bundle|kit|lot|batch|pallet|tray|roll|packung|kiste|karton|kasten|set|paar|beutel|sack|boîte|caisse|paquet|lot|carton|sac|caja|paquete|juego|bolsa|"
    r"scatola|confezione|cassa|pacco|sacchetto|caixa|pacote|conjunto|saco|doos|krat|pak|zak|pudełko|paczka|skrzynka|zestaw|коробка|ящик|упаковка|låda|paket|kutu|paket)\s(?:of|with|mit|von|de|di|da|con|com|van|met|z|med)?\s?(?:\p{L}+\s)?$"
)
_SO_MANY_FIRST = r"\p{L}\s(?:for|für|pour|para|per|voor|dla|для|för)\s\p{Nd}+\s(?:\p{L}+\s)?(?:is|are|costs?|kostet|kosten|coûte|cuesta|costa|custa|kost|kosztuje|стоит|kostar)$"
"""What costs so much is for so many: «a table for 4 costs»."""
_SO_MANY_FOR = (
    r"(?:^|[.!?:;,]\s|\n)(?:buy |only )?\p{Nd}{1,3}\s(?:for|für|pour|por|per|za|voor|för|за)\s[$€£]?$"
)
_ONE_EACH = r"(?:each|every|per|pro|je|jede[rs]?|chaque|par|cada|por|ogni|elke|każd\p{L}+|кажд\p{L}+|varje) (?:\p{L}+ ){0,2}$|(?:^|\s)1 (?:\p{L}+ )?$"


def _is_persons(text: str, place: int, asked: Property, named: Sequence[Mention]) -> bool:
    """Whether the clause of an age or a birth speaks of a person, or of whatever the schema's own words name."""
    head = text[max(0, place - 160) : place]
    noun = pattern(_OLD_THING).search(text[place : place + 48].lower())
    goes_on = words_named("follows") | words_named("person_nouns") | _own(asked)
    if noun is not None and noun[1] not in goes_on and noun[1].removesuffix("s") not in goes_on:
        return False
    if pattern(r"^\s*$").search(head.rsplit("\n", 1)[-1]):
        return True
    subject = subject_at(text, place)
    if subject is not None and not subject.head:
        return subject.pronoun not in words_named("it")
    if subject is not None:
        return _is_named(subject, named) or _is_one_of(subject.head, asked, "person_nouns")
    said = [word for word in words_before(text, place) if word not in (",", ";", ":")][-4:]
    persons = words_named("in_persons") | words_named("person_nouns") | _own(asked) | _words_of(named)
    return not said or any(word in persons or _begins_with_person(word, persons) for word in said)


def _begins_with_person(word: str, persons: frozenset[str]) -> bool:
    """Whether words without blanks between them begin with that for a person, who does not only own what follows: «我今年», not «我的车»."""
    if word[0] < "\u0e00" or pattern(_OWNED).search(word):
        return False
    return any(word.startswith(person) for person in persons if person[0] > "\u0e00")


def _names_another(subject: ClauseSubject, asked: Property, named: Sequence[Mention]) -> bool:
    """Whether a subject holds more than the property's name and a person: «the hotel's number», «the ship»."""
    known = _own(asked) | words_named("person_nouns") | words_named("joining") | _words_of(named)
    others = (
        "number",
        "nummer",
        "address",
        "adresse",
        "line",
        "contact",
        "details",
        "work",
        "private",
        "new",
    )
    said = {word.removesuffix("'s").removesuffix("'") for word in subject.words}
    return bool(said - known - set(others))


def _is_other_amount(
    text: str, place: int, asked: Property, subject: ClauseSubject | None, *, labelled: bool
) -> bool:
    if _is_other_period(text, place, asked):
        return True
    if pattern(_SO_MANY_FOR).search(text[max(0, place - 24) : place].lower()):
        return True
    if not is_total(asked) and pattern(_SO_MANY_FIRST).search(" ".join(words_before(text, place))):
        return True
    if subject is None or not subject.head:
        return False
    if words_named("further") & set(subject.words) - _own(asked):
        return True
    if not asked.known:
        if not {*subject.words} <= _own(asked) | words_named("joining") | words_named("price_nouns"):
            # A child's ticket is no ticket as such.
            return not _is_one_of(subject.head, asked) or subject.words[-1] == subject.head
        return not _is_one_of(subject.head, asked) and subject.head not in words_named("price_nouns")
    if is_total(asked):
        return not labelled and not _is_one_of(subject.head, asked, "wholes")
    if not asked.generic and asked.words != ("fee",):
        extra = set(subject.words) - _own(asked) - words_named("joining") - words_named("price_nouns")
        usual = words_named("located") | words_named("wholes") | words_named("in_persons")
        return bool({word.removesuffix("'s") for word in extra} - usual) and not _periods(subject.words)
    if asked.words != ("amount",) or not labelled or subject.head in words_named("other_amounts"):
        return bool(words_named("other_amounts") & set(subject.words) - _own(asked))
    return False


def _is_other_period(text: str, place: int, asked: Property) -> bool:
    """Whether an amount is for another period than the name tells, or for none that the prompt tells."""
    wanted = _periods(asked.words)
    if not wanted and (not asked.words or (asked.known and asked.words[-1] not in _PRICES)):
        return False
    rest = str(
        pattern(r"[.!?;,]\s|\n|\s(?:and|und|et|y|e|en|och|i)\s").sub("\x00", text[place : place + 60].lower())
    )
    behind = [word[0] for word in pattern(r"\p{L}+").finditer(rest.partition("\x00")[0])]
    if not wanted:
        # A phone for so much a month has another price.
        return bool({"month", "year"} & _periods(behind[:_RATE]))
    return not wanted & (_periods(behind) | _periods(words_before(text, place)[-8:]))


def _periods(words: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name, period in _PERIODS.items() if period & set(words))


def _is_named(subject: ClauseSubject, named: Sequence[Mention]) -> bool:
    return bool(set(subject.words) & _words_of(named))


def _words_of(named: Sequence[Mention]) -> frozenset[str]:
    """The words of the persons that a prompt names."""
    return frozenset(
        word for mention in named if mention.kind == "person" for word in mention.text.lower().split()
    )


def _is_one_of(noun: str, asked: Property, *rows: str) -> bool:
    """Whether a noun is the property's, or one of some rows."""
    single = noun.removesuffix("s")
    if any({noun, single} & words_named(row) for row in rows):
        return True
    own = _own(asked)
    meant = own | {word for same in _SAME if same & set(asked.words) for word in same}
    return noun in meant or single in meant or noun + "s" in own


def _own(asked: Property) -> frozenset[str]:
    """The words of a property's name, labels and description."""
    return frozenset(
        {*asked.words, *(word for label in asked.labels for word in label.split()), *asked.about}
    )
