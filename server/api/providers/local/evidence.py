"""What a prompt holds about one property: a value beside its label, or the only thing of its kind."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from server.api.providers.local.assertion.another_person import is_another_persons
from server.api.providers.local.exactness import (
    COMPARED,
    ends_a_range,
    ends_there,
    inexact,
    is_base,
    is_loose,
)
from server.api.providers.local.label import Label, before_mention, behind_colon, behind_mention, labels_in
from server.api.providers.local.lexicon import number_words, words_named
from server.api.providers.local.measure import Value, in_unit
from server.api.providers.local.mention import Mention
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.placeholder import is_nothing, without_address, without_stop
from server.api.providers.local.property import Property, labels_of
from server.api.providers.local.quotations import quotations

_KINDS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "datetime"), "code": ("code", "number", "phone"), "count": ("number",), "rating": ("number", "percentage"), "year": ("number",),
    "age": ("duration", "number"), "person": ("person", "name"), "organization": ("organization", "name"), "place": ("city", "country", "name"),
    "destination": ("city", "country", "name"), "origin": ("city", "country", "name"), "money": ("money", "number"), "percentage": ("percentage",),
    "city": ("city", "name"), "country": ("country", "name"), "duration": ("duration",), "postal_code": ("number", "code"),
}  # fmt: skip
"""Kinds of mentions that may be the value of a property beside its label."""
_ALONE: Mapping[str, tuple[str, ...]] = {
    "email": ("email",), "phone": ("phone",), "url": ("url",), "date": ("date", "datetime"), "datetime": ("datetime",), "time": ("time",),
    "money": ("money",), "percentage": ("percentage",), "duration": ("duration",), "language": ("language",), "organization": ("organization",),
    "person": ("person",), "city": ("city",), "country": ("country",), "iban": ("iban",), "uuid": ("uuid",), "ipv4": ("ipv4",),
}  # fmt: skip
"""Kinds of mentions of which the only one may be the value of a property without a label."""
_MEASURES = (
    "weight", "mass", "distance", "length", "height", "width", "depth", "duration", "time", "area", "volume", "size", "speed", "range", "altitude", "diameter",
    "thickness", "age", "gewicht", "länge", "höhe", "breite", "dauer", "entfernung", "fläche",
)  # fmt: skip
"""What units measure: a name of these and a unit means the only measure in it."""
_CHOICE = r"\s(?:or|oder|ou|lub|eller|или|veya|of)\s|或|または|또는"
_PERSONAL = frozenset({"person", "first_name", "last_name", "age", "city", "country", "email", "phone"})
"""Kinds of which everybody has a value of their own."""
_DONE_BY = r"(?:acquired|bought|purchased|paid|owned|ordered|founded|sued|approved|hired|employed|gekauft|übernommen|bezahlt|acheté|payé|comprad[oa]|pagad[oa]|acquistat[oa]|pagat[oa]|gekocht|betaald|kupion\p{L}+|köpt) (?:by|von|par|por|da|door|przez|av)$"
_DAY = r"\b\p{Nd}{1,2}(?:st|nd|rd|th)\b|\b(?:am|vom|zum|den|le|el|il|dia|op) \p{Nd}{1,2}\.?(?:\s|$)"
_CLAUSES = r"[.!?;]\s|\n|,\s|\s(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|en|maar|i|ale|och|men|и|но)\s"
_AT_ONCE = r"^\s?\p{L}{0,3}[$€£¥]?\s?\p{Nd}"
_ENDS = frozenset(
    {
        "end",
        "expiry",
        "expiration",
        "until",
        "deadline",
        "return",
        "closing",
        "to",
        "ende",
        "fin",
        "fine",
        "einde",
    }
)
_BEGINS = frozenset(
    {
        "start",
        "begin",
        "from",
        "since",
        "opening",
        "beginning",
        "departure",
        "anfang",
        "beginn",
        "début",
        "inicio",
        "inizio",
    }
)
_FROM_DAY = r"(?:^|[^\p{L}])(?:from|since|starting|beginning|starts|begins|as of|effective|ab|seit|von|vom|depuis|à partir du|du|desde|dal|od|från|с|от)\s(?:on |the |dem |den |el |il )?$"
_TO_DAY = r"(?:^|[^\p{L}])(?:until|till|to|by|through|ends?|bis|bis zum|jusqu'au|au|hasta|fino al|al|até|tot|do|till|до|по)\s(?:on |the |dem |den |el |il )?$"
_DATE_WORD = r"(?:datum|date|tag|termin|dag|dato|tarihi)$"
_SHORTEST_STEM = 3
_OF_OUR = r"\b(?:of (?:our|the|all|its|my|his|her|their|these|those)|(?:unserer|aller|der|seiner|ihrer|de nos|de nuestros|dei nostri|dos nossos|van onze|naszych|av våra|наших))\b"
_WHICH = r"(?:^|[^\p{L}])(?:grade|class|level|room|chapter|year|group|type|version|model|phase|stage|line|page|section|floor|gate|platform|track|flight|bus|route|highway|lot|klasse|stufe|zimmer|kapitel|gruppe|seite|linie|gleis|classe|chambre|chapitre|groupe|page|ligne|clase|habitación|capítulo|grupo|línea|camera|capitolo|gruppo|pagina|linea|sala|kamer|hoofdstuk|groep|klasa|pokój|rozdział|grupa|rum|kapitel|grupp|класс|комната|глава|группа)\s(?:no\.? |nr\.? |#)?$"
_SPOKEN = r"(?:\b(?:in|into|to|from|speaks?|spoken|speaking|fluent in|language|is|auf|ins|aus dem|vom|spricht|en|al|del|au|du|vers l[e']|parle|habla|in|dall?[ae]?|parla|para o?|do|em|fala|naar het|in het|uit het|spreekt|på|till|från|talar|na|po|z|mówi|на|с|по)|[:=,/&]|\band|\bund|\bet|\by|\be)\s(?:l[ae]? |el |il |o |das )?$"
_ELLIPTIC = r"^.{0,24}\s(?:(?:does|do|did|is|are|was|were|has|have|had|will|can)(?: not|n't|n’t)|nicht|pas|niet|inte|нет)\s?\.$"
_PARTS = r"\p{Nd}\s(?:\p{L}+\s){1,2}(?:of|à|at|zu|de|von|da|di|van|po|av|på)\s(?:je )?$"
_TOO = r"(?:,|\s(?:and|but|und|aber|et|y|e|en|i|och|и))\s(?:the |die |der |das |les? |la |los? |las? |i |de )?\p{L}+(?:\s\p{L}+)?\s\p{Nd}+\s?(?:[.,;!]|$)"
_ONE_ROLE_EACH = frozenset(
    {"money", "city", "country", "organization", "person", "time", "email", "phone", "iban"}
)
"""Kinds of which a second one plays another part: one of two is nobody's without its label."""
_EACH = r"(?:^|[^\p{L}])(?:each|every|jede[rsmn]?|chaque|cada|ogni|elke|ieder|każd\p{L}+|varje|кажд\p{L}+|her)\s[^.;]*$|每|毎|매"
_PER = r"^\s?(?:/|per\b|an? (?:day|night|week|month|year|hour|piece|head)\b|each\b|apiece\b|pro\b|je\b|par\b|por\b|al\b|la pièce|l'un|cada\b|à l'unité|za sztukę|styck|per\b|/)"
_FOLLOWED = frozenset({"count", "money", "percentage", "age", "rating", "duration", "quantity"})
"""Kinds whose label may follow on the value."""
_OTHER_MONEY = (
    "tax",
    "shipping",
    "discount",
    "deposit",
    "tip",
    "refund",
    "balance",
    "budget",
    "salary",
    "rent",
    "unit_price",
)
_OLD = r"^[\s-]*(?:old\b|alt\b|de edad|d'âge|yaşında)|^\s?(?:岁|歳|세|살)"
_AGED = r"(?:aged?|age of|alter|j'ai|il a|elle a|ans?|tiene|tengo|ho|ha|tem|tenho|ma|mam|ему|ей|мне|jestem|er|sie) $"
_TITLED = r"(?:event|book|movie|film|song|project|course|buch|konzert|livre|libro|called|named|titled|entitled|title|name|subject|genannt|namens|mit dem titel|intitulé|titulado|intitolato)[\s:]*$"

_TWO_READINGS = r"\p{Nd}{1,3}\.\p{Nd}{3}"
_NOT_BEHIND = r"^\s?(?:değil|ではなく|でなく|이 아니라|가 아니라|नहीं)"
_AROUND_A_DAY = r"\b(?:by|until|till|due|bis|bis zum|jusqu'au|hasta el|fino al|até|tot|before|after|vor dem|nach dem|avant le|après le|antes del|después del|prima del|dopo il)\s(?:the )?$"
_NOT_CALLED = r"\b(?:no|non|não|ne)\s(?:me|mi|se|si|te|ti|m'|m’)\s?\p{L}+\s$"
_STILL_MEANT = frozenset({"forget", "hesitate", "only", "just", "mind", "vergessen", "vergiss", "nur", "oubliez", "oublier", "olvides", "dimenticare"})  # fmt: skip
"""Words behind a negation with which what follows is meant all the same: «don't forget to write to»."""
_QUALIFIERS = frozenset(
    [
        "list",
        "asking",
        "net",
        "gross",
        "base",
        "market",
        "retail",
        "wholesale",
        "resale",
        "regular",
        "purchase",
        "monthly",
        "yearly",
        "annual",
        "weekly",
        "daily",
        "hourly",
        "max",
        "maximum",
        "min",
        "minimum",
        "old",
        "former",
        "previous",
        "average",
        "estimated",
        "target",
        "expected",
        "original",
        "maximale",
        "alter",
        "alte",
        "ancien",
        "ancienne",
    ]
)  # one list, one line
"""Words before a property's name with which it is another: a maximum price is no price."""
_PAST = frozenset(("old", "former", "previous", "original", "alter", "alte", "ancien", "ancienne"))
"""Of these, those beside which another value of the same property is the one of today, or is not."""


class Evidence:
    """Answers about one prompt; None means that it does not say."""

    def __init__(
        self, text: str, named: Sequence[Mention], separators: Separators, written: str | None = None
    ) -> None:
        self.text = text
        self._written = text if written is None else written
        self._refused = [mention for mention in named if self._denied(mention)]
        self.named = [mention for mention in named if mention not in self._refused]
        self._inexact = inexact(text, self.named)
        self._separators = separators

    def labelled(self, asked: Property, types: Sequence[str]) -> Value | None:
        """The value beside the property's label; None where there is none, or several."""
        found: list[Value] = []
        labels = labels_in(self.text, asked.labels)
        if asked.kind == "year" and asked.words != ("year",):
            # «in 2015» is a year, but not which.
            labels = [label for label in labels if len(label.phrase) > 2]
        if any(self._is_qualified(asked, label, _PAST) for label in labels):
            return None
        for label in labels:
            if self._is_vague(asked, label):
                continue
            if _is_personal(asked) and is_another_persons(self.text, label.start, asked.words):
                continue
            value = None if self._is_qualified(asked, label) else self._beside(asked, label, types)
            if value is not None:
                found.append(value)
        distinct = {repr(value.value) for value in found}
        return found[0] if len(distinct) == 1 else None

    def _is_vague(self, asked: Property, label: Label) -> bool:
        """Whether an amount as such is asked for, and of several the label names one: «charged 89 although it costs 49»."""
        beside = label.phrase in asked.own and pattern(_AT_ONCE).search(self.text[label.end : label.end + 8])
        if beside or behind_colon(self.text, label) is not None:
            return False
        amounts = [mention for mention in self.named if mention.kind == "money"]
        if asked.kind != "money" or len({mention.text for mention in amounts}) < 2:
            return self._is_whose(asked, label)
        if asked.words == ("amount",) and label.phrase not in asked.own:
            return True
        return any(
            not self._near(mention, asked.labels) and not self._is_called(mention) for mention in amounts
        )

    def _is_called(self, amount: Mention) -> bool:
        """Whether an amount has a name of its own."""
        head = self.text[max(0, amount.start - 24) : amount.start]
        return (
            pattern(r"\p{L}[:=：]\s?$").search(head) is not None
            or self._near(amount, _money_labels())
            or self._is_other_money(None, amount)
        )

    def _is_whose(self, asked: Property, label: Label) -> bool:
        """Whether of several of a kind the label is said of somebody by name: «Anna's email»."""
        if asked.kind not in _PERSONAL or not asked.generic:
            return False
        several = len({mention.text for mention in self.named if mention.kind == asked.kind}) > 1
        head = self.text[max(0, label.start - 24) : label.start]
        return several and pattern(r"\p{Lu}\p{L}+['’]s $", ignore_case=False).search(head) is not None

    def alone(self, asked: Property, taken: frozenset[int], *, rivals: bool) -> Value | None:
        """The only thing of the property's kind that no other property has taken.

        With ``rivals``, properties of the kind that have found nothing, there must not have been another at all.
        """
        kinds = _ALONE.get(asked.kind, ())
        if self._is_said_otherwise(asked):
            return None
        every = [mention for mention in self.named if mention.kind in kinds]
        if _is_personal(asked):
            every = [m for m in every if not is_another_persons(self.text, m.start, asked.words)]
        candidates = [mention for mention in every if mention.start not in taken]
        several = len({mention.text for mention in every}) > 1
        if not asked.generic and any(mention.kind in kinds for mention in self._refused):
            # What is told of may be what was refused before it, as another.
            return None
        if several and (rivals or asked.kind in _ONE_ROLE_EACH):
            # What another property has is gone, but nobody says that the rest is this one's.
            return None
        if asked.kind == "money":
            # A total is more than one of its parts: it is the only amount, or it is called one.
            if "total" in asked.words and (several or self._is_rate(candidates)):
                return None
            if asked.words == ("amount",) and self._is_rate(candidates):
                return None
            candidates = [mention for mention in candidates if not self._is_other_money(asked, mention)]
        if asked.kind == "date" and any(self._near(mention, labels_of("birth_date")) for mention in every):
            return None
        if asked.kind in ("date", "datetime") and any(
            self._has_other_days(m, 0, len(self.text)) or _is_other_end(self.text, asked, m)
            for m in candidates
        ):
            return None
        if asked.kind == "money" and self._is_elliptic(candidates):
            return None
        if len({mention.text for mention in candidates}) != 1:
            return None
        mention = candidates[0]
        if mention.start in self._inexact or ends_a_range(self.text, mention) or is_base(self.text, mention):
            return None
        if asked.kind == "phone" and pattern(r"\bfax\W{0,3}$").search(
            self.text[max(0, mention.start - 8) : mention.start].lower()
        ):
            return None
        if asked.words == ("date",) and pattern(_AROUND_A_DAY).search(
            self.text[max(0, mention.start - 16) : mention.start].lower()
        ):
            return None
        if asked.kind == "person" and mention.unit != "full":
            return None
        if asked.kind == "language" and not self._is_spoken(mention):
            return None
        return Value(mention.value if mention.value is not None else mention.text, mention)

    def _is_elliptic(self, amounts: Sequence[Mention]) -> bool:
        """Whether another figure follows that leaves out the currency: «the adults pay 10 euros, the children 5»."""
        return any(
            pattern(_TOO).search(_first_of(self.text[mention.end : mention.end + 60].lower())) is not None
            for mention in amounts
        )

    def _is_rate(self, amounts: Sequence[Mention]) -> bool:
        """Whether an amount is for each of several: «30 euros per day»."""
        return any(
            pattern(_PER).search(self.text[mention.end : mention.end + 12].lower())
            or pattern(_PARTS).search(self.text[max(0, mention.start - 40) : mention.start].lower())
            or pattern(_EACH).search(self.text[max(0, mention.start - 40) : mention.start].lower())
            for mention in amounts
        )

    def _is_spoken(self, mention: Mention) -> bool:
        """Whether the name of a language is that of one, and not of people or things: «into French», «French language»."""
        before = self.text[max(0, mention.start - 24) : mention.start].lower()
        return (
            pattern(_SPOKEN).search(before) is not None
            or pattern(r"^\s(?:language|translation|version|speaker|speaking|sprache|text)").search(
                self.text[mention.end : mention.end + 16].lower()
            )
            is not None
            or not before.strip()
        )

    def quantity(self, asked: Property) -> Value | None:
        """The number in the property's own unit, beside its label or the only one in it."""
        inside = [
            m
            for m in self.named
            if m.kind in ("quantity", "duration") and m.unit.lower().rstrip("s") == asked.unit.rstrip("s")
        ]
        if asked.unit in ("minute", "hour", "day", "second"):
            inside = [mention for mention in self.named if mention.kind == "duration"]
        elif not inside:
            measured = [m for m in self.named if m.kind == "quantity"]
            inside = measured if len(measured) == 1 and in_unit(measured[0], asked.unit) is not None else []
        if len(inside) != 1 or inside[0].value is None or not self._is_measured(asked, inside[0]):
            return None
        mention = inside[0]
        if mention.start in self._inexact:
            return None
        return in_unit(mention, asked.unit)

    def _is_measured(self, asked: Property, mention: Mention) -> bool:
        """Whether a measure is that of the property: beside its label, or where the name tells no more than what its unit measures."""
        if self._near(mention, asked.labels):
            return True
        own = [word for word in asked.words[:-1] if word not in _MEASURES]
        others = [word for word in _MEASURES if word not in asked.words]
        return not own and not self._near(mention, others)

    def age(self) -> Value | None:
        """The age of whom the prompt speaks of."""
        found = []
        for mention in self.named:
            years = mention.kind == "duration" and mention.unit == "year"
            behind = self.text[mention.end : mention.end + 12].lower()
            before = self.text[max(0, mention.start - 12) : mention.start].lower()
            if mention.start in self._inexact or is_another_persons(self.text, mention.start, ("age",)):
                continue
            if ((years or mention.kind == "number") and pattern(_OLD).search(behind)) or (
                years
                and pattern(_AGED).search(before)
                and not pattern(r"^\s(?:d'|d’|de\b|di\b|of\b|von\b|experience|en\b)").search(behind)
            ):
                found.append(Value(mention.value, mention))
        return found[0] if len({repr(value.value) for value in found}) == 1 else None

    def in_sentence(self, asked: Property) -> Value | None:
        """The only date or time of the one sentence that speaks of what tells the property from others: «ordered», «delivery»."""
        kinds = _ALONE.get(asked.kind, ())
        word = str(pattern(_DATE_WORD).sub("", asked.words[0]))
        stem = word[: max(4, len(word) - 3)]
        if len(stem) < _SHORTEST_STEM:
            return None
        found: list[Mention] = []
        for start, end in _sentences(self.text):
            if any(
                word[0].startswith(stem) for word in pattern(r"\p{L}+").finditer(self.text[start:end].lower())
            ):
                inside = [
                    mention
                    for mention in self.named
                    if mention.kind in kinds and start <= mention.start < end
                ]
                if any(
                    self._has_other_days(mention, start, end)
                    or _is_other_end(self.text, asked, mention)
                    or self._is_in_another_clause(stem, mention, start, end)
                    for mention in inside
                ):
                    return None
                if len(inside) != 1:
                    return None
                found += inside
        if len({mention.text for mention in found}) != 1 or self._near(found[0], _foreign_dates(asked)):
            return None
        return Value(found[0].value if found[0].value is not None else found[0].text, found[0])

    def _is_in_another_clause(self, stem: str, mention: Mention, start: int, end: int) -> bool:
        """Whether between a date and what tells it from others another clause begins: «ordered on …, not yet delivered»."""
        for word in pattern(r"\p{L}+").finditer(self.text[start:end].lower()):
            place = start + word.start()
            if word[0].startswith(stem):
                between = (
                    self.text[start + word.end() : mention.start]
                    if place < mention.start
                    else self.text[mention.end : place]
                )
                if pattern(_CLAUSES).search(between.lower()) is None:
                    return False
        return True

    def _has_other_days(self, mention: Mention, start: int, end: int) -> bool:
        """Whether the sentence of a date names another day in part: «on the 5th of May 2026 …, on the 9th …»."""
        rest = self.text[start : mention.start] + "\x00" + self.text[mention.end : end]
        return pattern(_DAY).search(rest.lower()) is not None

    def titled(self) -> Value | None:
        """The quotation that is called a title or a name."""
        found = [
            q
            for q in quotations(self._written)
            if pattern(_TITLED).search(self.text[max(0, q.start - 24) : q.start])
        ]
        return Value(found[0].inside) if len(found) == 1 and found[0].inside else None

    def parties(self) -> tuple[Value | None, Value | None]:
        """Who made out the bill, contract or order that the prompt speaks of, and to whom."""
        found: list[Value | None] = []
        companies = [mention for mention in self.named if mention.kind == "organization"]
        for row in ("from", "to"):
            there = [
                mention
                for mention in companies
                if self._word_before(mention) in words_named(row) and not self._is_somebodys(mention)
            ]
            found.append(Value(there[0].text, there[0]) if len(there) == 1 else None)
        return found[0], found[1]

    def _is_somebodys(self, company: Mention) -> bool:
        """Whether a company is named as somebody's («Maria Lopez from Orbit AG»), or did what is no bill («acquired by Alpha AG»)."""
        before = self.text[max(0, company.start - 40) : company.start].rstrip()
        end = len(self.text[: company.start].rstrip()) - len(before.rsplit(" ", 1)[-1]) - 1
        behind_person = any(other.kind in ("person", "name") and other.end == end for other in self.named)
        return behind_person or pattern(_DONE_BY).search(before.lower()) is not None

    def rest_of_label(self, asked: Property) -> str | None:
        """The text behind ``label:``, as it stands; None where there is none, or several."""
        found = []
        for label in labels_in(self.text, asked.labels):
            place = behind_colon(self.text, label)
            if place is not None:
                said = self._written[place[0] : place[1]].strip().strip("\"'“”„«»").strip()
                found.append("" if is_nothing(said) else without_stop(said))
        return found[0][:500] if len(set(found)) == 1 and found[0] else None

    def numbers(self) -> list[float | int]:
        """Every plain number."""
        return [
            mention.value for mention in self.named if mention.kind == "number" and mention.value is not None
        ]

    def texts(self, kind: str) -> list[str]:
        """Everything of a kind, each once."""
        return list(
            dict.fromkeys(mention.text for mention in self.named if mention.kind in _ALONE.get(kind, ()))
        )

    def _beside(self, asked: Property, label: Label, types: Sequence[str]) -> Value | None:
        kinds = (
            _KINDS.get(asked.kind, (asked.kind,))
            if asked.kind
            else ("number", "money", "percentage", "quantity", "duration")
        )
        if not asked.known and label.phrase in asked.own and set(types) & {"integer", "number"}:
            # The last word of a name tells the kind often, not always: a heart rate is no percentage.
            kinds = (*kinds, "number", "quantity")
        place = behind_colon(self.text, label)
        if place is not None:
            return self._in_place(asked, place, kinds, types)
        if asked.kind in ("text", "first_name", "last_name") or (not asked.kind and "string" in types):
            return None
        counted = asked.kind in ("count", "duration", "quantity", "") and self._is_counted(label)
        for mention in self.named:
            if mention.start in self._inexact or (counted and mention.start > label.end):
                continue
            if mention.kind == "number" and self._is_of_several(label, mention):
                continue
            if (
                mention.kind in kinds
                and self._fits(asked, mention, types)
                and before_mention(self.text, label, mention, self._others(kinds))
                and not self._is_others(mention, label)
                and not self._is_which(asked, label, mention)
                and not (is_base(self.text, mention) and self._is_percentage_between(label, mention))
                and not (asked.kind == "person" and self._is_owner(label, mention))
            ):
                return self._read(asked, mention, types)
            followed = asked.kind in _FOLLOWED or (not asked.kind and "integer" in types)
            if (
                followed
                and mention.kind in kinds
                and mention.kind != "name"
                and behind_mention(self.text, label, mention)
            ):
                return self._read(asked, mention, types)
        if asked.kind == "count":
            return self._counted_inside(label) or self._number_word(label)
        return None

    def _counts_things(self, mention: Mention) -> bool:
        """Whether a figure says of how many things: «370 seats» is no number of a flight."""
        word = pattern(r"^\s(\p{Ll}{3,}s)\b", ignore_case=False).search(
            self.text[mention.end : mention.end + 24]
        )
        return word is not None and word[1] not in words_named("verbs_in_s")

    def _is_of_several(self, label: Label, mention: Mention) -> bool:
        """Whether a figure counts those of whom something is said («the average age of our 40 employees»), or says which («grade 8 pupils»)."""
        before = self.text[max(0, mention.start - 24) : mention.start].lower()
        goes_on = pattern(r"^\s\p{L}").search(self.text[mention.end : mention.end + 2]) is not None
        if (
            label.end <= mention.start
            and goes_on
            and pattern(_OF_OUR).search(self.text[label.end : mention.start].lower())
        ):
            return True
        return mention.end <= label.start and pattern(_WHICH).search(before) is not None

    def _is_which(self, asked: Property, label: Label, mention: Mention) -> bool:
        """Whether a figure right behind a noun says which one, and not how many: «room 12», «sensors 3 and 4»."""
        counted = asked.kind == "count" or (not asked.kind and label.phrase.endswith("s"))
        return (
            counted
            and mention.kind == "number"
            and self.text[label.end : mention.start] in (" ", " #", " no. ")
            # Behind these a figure is how many.
            and not words_named("amounts") & set(label.phrase.split())
        )

    def _is_counted(self, label: Label) -> bool:
        """Whether a figure stands at once before a label: «25 minutes at 180 degrees» has no 180 minutes."""
        return pattern(r"\p{Nd}[ -]?$").search(self.text[max(0, label.start - 4) : label.start]) is not None

    def _counted_inside(self, label: Label) -> Value | None:
        """The number of a duration or quantity whose unit is the noun itself: «3 nights»."""
        for mention in self.named:
            inside = mention.start < label.start and mention.end == label.end
            if inside and mention.kind in ("duration", "quantity") and isinstance(mention.value, int):
                return Value(mention.value)
        return None

    def _in_place(
        self, asked: Property, place: tuple[int, int], kinds: Sequence[str], types: Sequence[str]
    ) -> Value | None:
        """The one thing of the kind behind a colon; for a number nothing else may stand before it."""
        inside = [m for m in self.named if place[0] <= m.start and m.end <= place[1] and m.kind in kinds]
        first = inside[0] if inside else None
        if first is not None and (first.start in self._inexact or not ends_there(self.text, first, place[1])):
            return None
        if first is None or self.text[place[0] : first.start].strip(" \"'“(~≈*") not in (
            "",
            "USD",
            "EUR",
            "No.",
            "#",
            "about",
        ):
            said = without_address(first_part(self.text[place[0] : place[1]]))
            if (
                asked.kind
                in ("person", "organization", "city", "country", "place", "code", "destination", "origin")
                and "string" in types
                and 0 < len(said) <= 60
            ):
                whole = any(mention.text == said for mention in self.named)
                return (
                    None
                    if is_nothing(said) or self._is_left_open(asked, said)
                    else Value(said if whole else said.rstrip("."))
                )
            return None
        if asked.kind in ("person", "organization", "place", "city", "destination", "origin"):
            said = without_address(first_part(self.text[place[0] : place[1]]))
            if self._is_left_open(asked, said):
                return None
            short = len(said) <= 60 and ". " not in said and said.rstrip(".") != first.text.rstrip(".")
            return Value(said.rstrip(".") if short else first.text, first)
        return self._read(asked, first, types)

    def _is_left_open(self, asked: Property, said: str) -> bool:
        """Whether two stand there between which the text does not choose: «Rome or Milan»."""
        return (
            asked.kind not in ("organization", "code") and pattern(_CHOICE).search(said.lower()) is not None
        )

    def _fits(self, asked: Property, mention: Mention, types: Sequence[str]) -> bool:
        """Whether what stands beside a label without a colon can be its value at all."""
        if mention.kind == "name" and asked.kind in ("person", "organization", "city", "country", "place"):
            return asked.kind == "person" and " " in mention.text
        if mention.kind == "name":
            return self._travels() and " to " not in mention.text
        if asked.kind == "money" and mention.kind == "number":
            return not any(other.kind == "money" for other in self.named)
        if asked.kind == "code" and mention.kind == "number" and self._counts_things(mention):
            return False
        if asked.kind == "year":
            return isinstance(mention.value, int) and 1000 <= mention.value <= 2999 and len(mention.text) == 4
        if asked.kind == "age":
            return mention.kind == "number" or mention.unit == "year"
        if asked.kind == "quantity":
            return in_unit(mention, asked.unit) is not None
        return True

    def _read(self, asked: Property, mention: Mention, types: Sequence[str]) -> Value | None:
        if asked.kind == "code":
            return Value(mention.text.lstrip("#"), mention)
        if asked.unit and mention.kind in ("quantity", "duration", "money", "percentage"):
            return in_unit(mention, asked.unit)
        if (
            asked.kind == "money"
            and mention.kind == "number"
            and pattern(_TWO_READINGS).fullmatch(mention.text)
        ):
            return None
        return Value(mention.value if mention.value is not None else mention.text, mention)

    def _number_word(self, label: Label) -> Value | None:
        """A number in words directly before a noun: «two guests»."""
        head = self.text[max(0, label.start - 30) : label.start].lower()
        if not head.endswith(" "):
            return None
        words = [match[0] for match in pattern(r"\p{L}+|\p{Nd}+").finditer(head.rsplit(".", 1)[-1])][-2:]
        numbers = [number_words()[word] for word in words if word in number_words()]
        if len(numbers) != 1 or numbers[0] <= 1:
            return None
        start = label.start - len(head) + head.rfind(next(word for word in words if word in number_words()))
        return (
            None if any(word.isdigit() for word in words) or is_loose(self.text, start) else Value(numbers[0])
        )

    def _others(self, kinds: Sequence[str]) -> Sequence[Mention]:
        """Things of other kinds that may stand between a label and what it names; a mere capital is no such thing."""
        return [mention for mention in self.named if mention.kind not in (*kinds, "name", "number")]

    def _is_others(self, mention: Mention, label: Label) -> bool:
        """Whether another thing of the kind stands between: the label is that one's."""
        return any(
            label.end <= other.start < mention.start and other.kind == mention.kind for other in self.named
        )

    def _is_qualified(self, asked: Property, label: Label, by: frozenset[str] = _QUALIFIERS) -> bool:
        """Whether a word before the label makes another property of it."""
        head = self.text[max(0, label.start - 24) : label.start].lower()
        word = pattern(r"(\p{L}+)[\s_-]+$").search(head)
        return (
            word is not None
            and word[1] in by
            and word[1] not in asked.words
            and label.phrase.split()[0] != word[1]
        )

    def _is_said_otherwise(self, asked: Property) -> bool:
        """Whether the property is named with something else beside it: «total: to be told», «max price»."""
        if any(self._is_qualified(asked, label) for label in labels_in(self.text, asked.labels)):
            return True
        return asked.kind in ("money", "percentage", "date", "datetime", "time", "duration") and (
            self.rest_of_label(asked) is not None
        )

    def _is_percentage_between(self, label: Label, mention: Mention) -> bool:
        return any(
            other.kind == "percentage" and label.end <= other.start < mention.start for other in self.named
        )

    def _is_owner(self, label: Label, mention: Mention) -> bool:
        """Whether the label is said of somebody else in relation to the person: «the manager of Anna»."""
        between = self.text[label.end : mention.start].strip().lower()
        return between in (
            "of",
            "von",
            "de",
            "di",
            "do",
            "da",
            "van",
            "av",
            "for",
            "für",
            "pour",
            "para",
            "per",
        )

    def _is_other_money(self, asked: Property | None, mention: Mention) -> bool:
        """Whether an amount is called something else than what is asked for, in its clause: a fine, savings, «he owes»."""
        head = str(
            pattern(_CLAUSES).sub("\x00", self.text[max(0, mention.start - 60) : mention.start].lower())
        ).rsplit("\x00", 1)[-1]
        rest = str(
            pattern(_CLAUSES).sub("\x00", self.text[mention.end : mention.end + 24].lower())
        ).partition("\x00")[0]
        own = set(asked.words) if asked is not None else set()
        around = {word[0] for part in (head, rest) for word in pattern(r"[\p{L}\p{M}]+").finditer(part)}
        if own != {"amount"} and around & words_named("other_money") - own:
            return True
        if asked is None:
            return False
        others = [label for name in _OTHER_MONEY for label in labels_of(name) if label not in asked.labels]
        return self._near(mention, others)

    def _near(self, mention: Mention, phrases: Iterable[str]) -> bool:
        around = self.text[max(0, mention.start - 60) : mention.end + 40]
        shift = max(0, mention.start - 60)
        moved = mention._replace(start=mention.start - shift, end=mention.end - shift)
        for label in labels_in(around, tuple(phrases)):
            if before_mention(around, label, moved, ()) or behind_mention(around, label, moved):
                return True
        return False

    def _denied(self, mention: Mention) -> bool:
        """Whether it is named as what is not so: «not $500 but $400»."""
        before = self.text[max(0, mention.start - 40) : mention.start].lower()
        if pattern(_NOT_CALLED).search(before) or pattern(_NOT_BEHIND).search(
            self.text[mention.end : mention.end + 12].lower()
        ):
            return True
        if pattern(_ELLIPTIC).search(_rest(self.text, mention.end).lower()):
            return True
        if pattern(COMPARED).search(before):
            return False
        clause = pattern(r"[.!?;:]\s|\n").sub("\x00", before).rsplit("\x00", 1)[-1]
        clause = clause.replace(" but ", ",").rsplit(",", 1)[-1]
        words = [match[0] for match in pattern(r"[\p{L}'’]+").finditer(clause)][-4:]
        if _STILL_MEANT & set(words):
            return False
        near, far = words[-2:], words[:-2]
        return any(
            word in words_named("not") and word not in ("no", "ni", "ne", "ej", "ei") for word in near
        ) or any(word in words_named("never") for word in far)

    def _word_before(self, mention: Mention) -> str:
        head = self.text[max(0, mention.start - 24) : mention.start]
        words = [match[0] for match in pattern(r"[\p{L}\p{M}]+").finditer(head.lower())]
        if (
            words
            and words[-1] in words_named("determiners")
            and len(words) > 1
            and words[-1] not in words_named("from") | words_named("to")
        ):
            return str(words[-2])
        return str(words[-1]) if words and head[-1:] in " \u00a0" else ""

    def _travels(self) -> bool:
        return (
            pattern(
                r"\b(?:fly|flies|flying|flight|travel\w*|trip|train|bus|drive|journey|ticket|go|fahr\w*|flug|vol|vuelo|volo|voo)\b"
            ).search(self.text)
            is not None
        )


@cache
def _money_labels() -> tuple[str, ...]:
    return tuple(label for name in ("price", "total", *_OTHER_MONEY) for label in labels_of(name))


def _is_other_end(text: str, asked: Property, mention: Mention) -> bool:
    """Whether a date begins what is asked for the end of, or ends what is asked for the beginning of."""
    before = text[max(0, mention.start - 24) : mention.start].lower()
    if _ENDS & set(asked.words):
        return pattern(_FROM_DAY).search(before) is not None
    return bool(_BEGINS & set(asked.words)) and pattern(_TO_DAY).search(before) is not None


def _first_of(text: str) -> str:
    """``text`` up to the end of its first sentence."""
    return str(pattern(r"[.!?]\s|\n").sub("\x00", text + " ")).partition("\x00")[0]


def _is_personal(asked: Property) -> bool:
    return (
        asked.kind in _PERSONAL or "birth" in asked.words or asked.words[-1:] in (("job",), ("occupation",))
    )


def _rest(text: str, at: int) -> str:
    """What stands behind a place up to the end of its clause."""
    return str(pattern(r"[.!?;,]\s|\n").sub("\x00", text[at : at + 60] + " ")).partition("\x00")[0] + "."


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [match.end() for match in pattern(r"[.!?]\s|\n+|[。！？;]").finditer(text)]
    return list(zip([0, *ends], [*ends, len(text)], strict=True))


def _foreign_dates(asked: Property) -> list[str]:
    names = ("due_date", "birth_date", "start_date", "end_date", "delivery_date", "departure_date")
    return [
        label
        for name in names
        for label in labels_of(name)
        if label not in asked.labels and asked.words[0] not in name
    ]


def first_part(text: str) -> str:
    """``text`` up to its first comma, in whichever script."""
    return str(pattern(r"[,，、،;；]").sub("\x00", text.strip(), 1)).partition("\x00")[0].strip()


def read_number(text: str, separators: Separators) -> float | int | None:
    """The number that a whole text is; None where it is more than a number."""
    plain = text.strip()
    return value_of(plain, separators) if pattern(r"[+-]?\p{Nd}[\p{Nd}.,' ]*").fullmatch(plain) else None
