"""What a prompt holds about one property: a value beside its label, or the only thing of its kind."""

from collections.abc import Callable, Mapping, Sequence

from server.api.providers.local.assertion.another_person import is_another_persons
from server.api.providers.local.assertion.assertion import sentences_of
from server.api.providers.local.evidence.amount_role import (
    is_called,
    is_elliptic,
    is_other_money,
    is_price_of,
    is_rate,
)
from server.api.providers.local.evidence.clause_subject import words_in
from server.api.providers.local.evidence.day_role import (
    foreign_dates,
    has_other_days,
    is_in_another_clause,
    is_other_end,
)
from server.api.providers.local.evidence.denial import denied
from server.api.providers.local.evidence.exactness import (
    ends_a_range,
    ends_there,
    inexact,
    is_base,
    is_loose,
)
from server.api.providers.local.evidence.figure_role import (
    counts_another,
    counts_things,
    has_another_unit,
    is_counted,
    is_for_each,
    is_of_several,
    is_which,
)
from server.api.providers.local.evidence.measure import Value, in_unit
from server.api.providers.local.evidence.nearness import near, sentences, word_before
from server.api.providers.local.evidence.other_subject import clause_at, is_named_there
from server.api.providers.local.evidence.ownership import (
    is_of_another,
    is_of_several_things,
    is_one_of_parallels,
    is_total,
)
from server.api.providers.local.evidence.placeholder import is_nothing, without_address, without_stop
from server.api.providers.local.evidence.qualifier import PAST, is_qualified
from server.api.providers.local.evidence.warrant import (
    covered,
    is_amount_told,
    is_measured_there,
    is_warranted,
)
from server.api.providers.local.label import Label, before_mention, behind_colon, behind_mention, labels_in
from server.api.providers.local.lexicon import number_words, warrant_words, words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.numeral import Separators, value_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, labels_of
from server.api.providers.local.quotations import quotations
from server.api.providers.local.structure.table import records_in

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
_AT_ONCE = r"^\s?(?:[$€£¥]|eur|usd|gbp|chf)?\s?\p{Nd}"
_DATE_WORD = r"(?:datum|date|tag|termin|dag|dato|tarihi)$"
_SHORTEST_STEM = 3
_GROUPED_CODE = r"^\s?(?:is\s)?(?:[Nn]o\.?|[Nn]r\.?|[Nn]umber|[Nn]ummer|[Nn]úmero|[Nn]umero|[Nn]uméro|n\.|n°|nº|№|č\.|#)?\s?#?((?:[A-Z]{1,5}|\d{1,8})(?:[/-](?:[A-Z]{1,4}|\d{1,8})){1,4})(?:[\s,;!?)]|\.(?:\s|$)|$)"
"""A number of several groups behind what it is the number of."""
_SPACED_CODE = r"[A-Z0-9-]{1,8}(?: [A-Z0-9-]{1,8}){1,5}"
"""Numbers of things that are written in groups."""
_DIALLED = r"\+?\(?\d(?:[ ()/.-]{0,2}\d){5,14}\.?"
"""What is dialled, behind a label that says so."""
_SHORTEST_SHAPED = 5
_PLACED = r"(?:^|[^\p{L}])(?:in|from|to|at|via|near|through|nach|von|über|aus|bei|à|vers|en|a|desde|hacia|da|per|em|para|naar|uit|via|w|z|do|i|från|till|в|из|через)\s$"
_MOST_AMOUNTS = 20
"""So many amounts are looked at; of more none is the one."""
_SPOKEN = r"(?:\b(?:in|into|to|from|speaks?|spoken|speaking|fluent in|language|is|auf|ins|aus dem|vom|spricht|en|al|del|au|du|vers l[e']|parle|habla|in|dall?[ae]?|parla|para o?|do|em|fala|naar het|in het|uit het|spreekt|på|till|från|talar|na|po|z|mówi|на|с|по)|[:=,/&]|\band|\bund|\bet|\by|\be)\s(?:l[ae]? |el |il |o |das )?$"
_ONE_ROLE_EACH = frozenset(
    {"money", "city", "country", "organization", "person", "time", "email", "phone", "iban"}
)
"""Kinds of which a second one plays another part: one of two is nobody's without its label."""
_FOLLOWED = frozenset({"count", "money", "percentage", "age", "rating", "duration", "quantity"})
"""Kinds whose label may follow on the value."""
_OLD = r"^[\s-]*(?:old\b|alt\b|de edad|d'âge|yaşında)|^\s?(?:岁|歳|세|살)"
_AGED = r"(?:^|[^\p{L}])(?:aged?|age of|alter|j'ai|il a|elle a|ans?|tiene|tengo|ho|ha|tem|tenho|ma|mam|ему|ей|мне|jestem|er|sie|ik ben|jag är|عمري) $"
_TITLED = r"(?:event|book|movie|film|song|project|course|buch|konzert|livre|libro|called|named|titled|entitled|title|name|subject|genannt|namens|mit dem titel|intitulé|titulado|intitolato)[\s:]*$"

_BARE = r"^\s?(?:$|[.,;!](?:\s|$)|more\b|mehr\b|de plus|más\b|in più|mais\b|meer\b)"
_COUNTED_HAVE = r"_+\s\p{L}+\s(?:have|haben|ont|tienen|hanno|têm|hebben|mają|har)\s$"
_ON_BEHALF = (
    r"(?:^|\s)(?:for|with|from|to|für|mit|von|zu|pour|avec|para|con|per|com|voor|met|dla|z|för|med|для|с)\s$"
)
_CODES = frozenset({"code", "iban", "uuid", "ipv4", "postal_code"})
"""Kinds of which the noun right before a value is its label, whatever else the clause says."""
_OUT_OF = r"\b(\p{Nd}(?:[.,]\p{Nd})?)\s(?:out of|von|sur|de|su|van|av|z|из)\s(?:5|10|five|fünf|cinq|cinco|cinque|vijf|fem)\s(?:stars|sternen?|étoiles|estrellas|stelle|estrelas|sterren|stjärnor|gwiazdek|звёзд)\b"
_NEED_A_COLON = frozenset({"number", "no", "value", "level", "type", "id", "position", "rank", "index"})
"""Names that stand before figures of all kinds."""
_SUMS = (("amount",), ("amount", "due"), ("sum",), ("payment",))
_TWO_READINGS = r"\p{Nd}{1,3}\.\p{Nd}{3}"
_AROUND_A_DAY = r"\b(?:by|until|till|due|bis|bis zum|jusqu'au|hasta el|fino al|até|tot|before|after|vor dem|nach dem|avant le|après le|antes del|después del|prima del|dopo il)\s(?:the )?$"


LONG_TEXTS = frozenset(
    "text body message notes note description comment comments content summary abstract bio details detail instructions instruction steps reason remarks remark feedback review explanation story about address directions agenda minutes question answer quote prompt signature intro introduction paragraph caption script letter transcript symptoms complaint request history background objective experience profile cover plan".split()  # noqa: SIM905  # one list, one line
)
"""Words of names that ask for whole texts."""
_FEW_WORDS = 5
_WORD = 4
"""Letters of a word that is cut short with a full stop, at most, and one more."""


class Evidence:
    """Answers about one prompt; None means that it does not say."""

    def __init__(
        self,
        text: str,
        named: Sequence[Mention],
        separators: Separators,
        written: str | None = None,
        said: str | None = None,
        wished: str = "",
    ) -> None:
        self.text = text
        self.wished = wished
        """What the prompt asserts and what it wishes."""
        self.said = text if said is None else said
        """What the prompt asserts, plainly or not: rows in which nothing is left over need no plain sentence around them."""
        self.written = text if written is None else written
        self._refused = [mention for mention in named if denied(self.text, mention)]
        self.named = [mention for mention in named if mention not in self._refused]
        self._inexact = inexact(text, self.named)
        self.masked = covered(text, named)
        """The text with marks in the place of what is named in it."""
        ends = [match.end() for match in pattern(r"[.!?]\s|\n+|[。！？]").finditer(text)]
        self._sentences = list(zip([0, *ends], [*ends, len(text)], strict=True))
        self._separators = separators
        self._records: list[Sequence[Mapping[str, str]]] | None = None
        self._named_apart: dict[tuple[str, ...], bool] = {}

    def records(self) -> list[Sequence[Mapping[str, str]]]:
        """The groups of records in what the prompt asserts, read once."""
        if self._records is None:
            self._records = records_in(self.said)
        return self._records

    def labelled(self, asked: Property, types: Sequence[str]) -> Value | None:
        """The value beside the property's label; None where there is none, or several."""
        found: list[Value] = []
        labels = labels_in(self.text, asked.labels)
        if asked.kind == "year" and asked.words != ("year",):
            # «in 2015» is a year, but not which.
            labels = [label for label in labels if len(label.phrase) > 2]
        if any(is_qualified(self.text, asked, label, PAST) for label in labels):
            return None
        rivals: set[str] = set()
        for label in labels:
            if self._is_vague(asked, label):
                continue
            if _is_personal(asked) and is_another_persons(self.text, label.start, asked.words):
                continue
            value = None if is_qualified(self.text, asked, label) else self._beside(asked, label, types)
            if value is None or self._is_of_another(asked, label, value):
                continue
            if self._is_warranted(asked, label, value):
                found.append(value)
            else:
                rivals.add(repr(value.value))
        distinct = {repr(value.value) for value in found}
        return found[0] if len(distinct) == 1 and rivals <= distinct else None

    def _is_of_another(self, asked: Property, label: Label, value: Value) -> bool:
        """Whether what stands beside a label in a sentence is another thing's; a colon leaves no doubt."""
        if behind_colon(self.text, label) is not None:
            return False
        place = value.mention.start if value.mention is not None else label.start
        if value.mention is not None and is_one_of_parallels(self.text, value.mention, self.named):
            return True
        if value.mention is not None and is_total(asked) and is_rate(self.text, [value.mention]):
            return True
        return is_of_several_things(self.text, label.start, asked) or is_of_another(
            self.text, place, asked, self.named, labelled=True
        )

    def _is_warranted(self, asked: Property, label: Label, value: Value) -> bool:
        """Whether all around a value beside a label is understood; a colon needs no more."""
        if behind_colon(self.text, label) is not None or asked.kind in _CODES:
            return True
        if "_".join(asked.words) in _NEED_A_COLON:
            return False
        if asked.words == ("date",) and label.phrase not in asked.own and self._has_several_days():
            return False
        place = value.mention if value.mention is not None else label
        if self._has_bare_figure(asked, place.start, place.end):
            return False
        if asked.kind == "person" and asked.generic and self._is_on_behalf(place.start):
            return False
        return is_warranted(self.masked, place.start, place.end, asked, called=label.phrase in asked.own)

    def _has_bare_figure(self, asked: Property, start: int, end: int) -> bool:
        """Whether another figure of the sentence leaves out what it counts, or more of the same: «we have 5 desks and need 2»."""
        if asked.kind not in ("count", "age", "duration", "quantity", ""):
            return False
        first, last = next((a, b) for a, b in self._sentences if a <= start < b or b == len(self.text))
        if pattern(_COUNTED_HAVE).search(self.masked[max(first, start - 40) : start].lower()):
            return True
        return any(
            mention.kind == "number"
            and first <= mention.start < last
            and not start <= mention.start < end
            and self._is_bare(mention)
            and not self._is_called_so(mention)
            for mention in self.named
        )

    def _is_on_behalf(self, place: int) -> bool:
        """Whether a person is named as whom something is for, with or from: «I am here for Anna Lind»."""
        return pattern(_ON_BEHALF).search(self.text[max(0, place - 8) : place].lower()) is not None

    def _is_bare(self, mention: Mention) -> bool:
        """Whether a figure stands without what it counts: «need 2», «2 more», «2 arrived»."""
        behind = self.text[mention.end : mention.end + 24].lower()
        return pattern(_BARE).search(behind) is not None or bool(
            {*words_in(behind)[:1]} & words_named("predicates")
        )

    def _is_called_so(self, mention: Mention) -> bool:
        """Whether a figure has a name of its own before it: «pulse 82», «seat: 4»."""
        head = self.text[max(0, mention.start - 40) : mention.start].rstrip()
        words = words_in(
            str(pattern(r"[.!?;,\n]|\s(?:and|und|et|y|e|en|i|och|и)\s").sub("\x00", head.lower())).rpartition(
                "\x00"
            )[2]
        )
        small = ("determined", "predicates", "requests", "in_persons", "it", "adverb")
        return head[-1:] in (":", "=", "#") or (
            0 < len(words) <= 2 and not any(words_named(row) & {*words} for row in small)
        )

    def _has_several_days(self) -> bool:
        return len({mention.text for mention in self.named if mention.kind in ("date", "datetime")}) > 1

    def _is_vague(self, asked: Property, label: Label) -> bool:
        """Whether an amount as such is asked for, and of several the label names one: «charged 89 although it costs 49»."""
        beside = label.phrase in asked.own and pattern(_AT_ONCE).search(self.text[label.end : label.end + 8])
        if beside or behind_colon(self.text, label) is not None:
            return False
        amounts = [mention for mention in self.named if mention.kind == "money"]
        if asked.kind not in ("money", "") or len({mention.text for mention in amounts}) < 2:
            return self._is_whose(asked, label)
        if asked.words == ("amount",) and label.phrase not in asked.own:
            return True
        if asked.labels not in self._named_apart:
            self._named_apart[asked.labels] = len(amounts) <= _MOST_AMOUNTS and all(
                near(self.text, mention, asked.labels) or is_called(self.text, mention) for mention in amounts
            )
        return not self._named_apart[asked.labels]

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
            if is_total(asked) and (several or is_rate(self.text, candidates)):
                return None
            if asked.words in _SUMS and is_rate(self.text, candidates):
                return None
            candidates = [mention for mention in candidates if not is_other_money(self.text, asked, mention)]
        if asked.kind == "date" and any(
            near(self.text, mention, labels_of("birth_date")) for mention in candidates
        ):
            return None
        if asked.kind in ("date", "datetime") and any(
            has_other_days(self.text, m, 0, len(self.text)) or is_other_end(self.text, asked, m)
            for m in candidates
        ):
            return None
        if asked.kind == "money" and is_elliptic(self.text, candidates):
            return None
        if asked.kind == "city" and any(self._may_be_a_place(mention) for mention in self.named):
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
        if asked.kind == "person" and (mention.unit != "full" or self._is_on_behalf(mention.start)):
            return None
        if asked.kind == "language" and not self._is_spoken(mention):
            return None
        if is_of_another(self.text, mention.start, asked, self.named) or self._is_of_several_things(asked):
            return None
        if not is_warranted(self.masked, mention.start, mention.end, asked):
            return None
        if not is_named_there(self.masked, mention.start, mention.end, asked):
            return None
        if asked.kind == "money" and not is_amount_told(self.masked, mention.start, mention.end, asked):
            return None
        return Value(mention.value if mention.value is not None else mention.text, mention)

    def _is_of_several_things(self, asked: Property) -> bool:
        """Whether the thing whose price is asked for stands in the prompt as one of several."""
        things = tuple(form for word in asked.words[:-1] for form in (word, word + "s"))
        return any(
            is_of_several_things(self.text, label.start, asked) for label in labels_in(self.text, things)
        )

    def _may_be_a_place(self, mention: Mention) -> bool:
        """Whether a name that no list knows stands where places do: «I live in Abuja»."""
        before = self.text[max(0, mention.start - 12) : mention.start].lower()
        return mention.kind in ("name", "person") and pattern(_PLACED).search(before) is not None

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
        return in_unit(mention, asked.unit) if self._is_warranted_measure(asked, mention) else None

    def _is_warranted_measure(self, asked: Property, mention: Mention) -> bool:
        """Whether a measure is told with its name, or with the verb that tells it."""
        called = near(self.text, mention, asked.labels)
        told = called or is_measured_there(self.masked, mention.start, mention.end, asked.unit)
        return told and is_warranted(self.masked, mention.start, mention.end, asked, called=called)

    def _is_measured(self, asked: Property, mention: Mention) -> bool:
        """Whether a measure is that of the property: beside its label, or where the name tells no more than what its unit measures."""
        if near(self.text, mention, asked.labels):
            return True
        own = [word for word in asked.words[:-1] if word not in _MEASURES]
        others = [word for word in _MEASURES if word not in asked.words]
        return not own and not near(self.text, mention, others)

    def age(self, asked: Property) -> Value | None:
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
        if any(
            value.mention is not None
            and (
                is_of_another(self.text, value.mention.start, asked, self.named)
                or not is_warranted(self.masked, value.mention.start, value.mention.end, asked)
            )
            for value in found
        ):
            return None
        return found[0] if len({repr(value.value) for value in found}) == 1 else None

    def ordered(self, asked: Property) -> Value | None:
        """The only number of a text where so many of a thing are ordered: «I would like to order 4 lamps»."""
        figures = [mention for mention in self.named if mention.kind == "number"]
        if len(figures) != 1 or figures[0].start in self._inexact or not isinstance(figures[0].value, int):
            return None
        mention = figures[0]
        clause = clause_at(self.masked, mention.start, mention.end)
        thing = clause.tail[:1] != [] and bool(
            {clause.tail[0], clause.tail[0].removesuffix("s")} & warrant_words("goods")
        )
        wanted = warrant_words("ordering") & {*clause.head, *clause.tail[1:]}
        plain = clause.head[-1:] != [] and clause.head[-1] not in warrant_words("meant_for")
        plain = plain and not (
            warrant_words("periods") | warrant_words("meant_for") | warrant_words("together")
        ) & {*clause.tail}
        return (
            Value(mention.value, mention)
            if thing and wanted and plain and self._is_warranted_figure(asked, mention)
            else None
        )

    def _is_warranted_figure(self, asked: Property, mention: Mention) -> bool:
        return not self._has_bare_figure(asked, mention.start, mention.end) and is_warranted(
            self.masked, mention.start, mention.end, asked
        )

    def rated(self, asked: Property) -> Value | None:
        """The only rating of a text in the form «4 out of 5 stars» that whoever writes gives."""
        found = list(pattern(_OUT_OF).finditer(self.text.lower()))
        if len(found) != 1 or not is_warranted(self.masked, found[0].start(), found[0].end(), asked):
            return None
        number = value_of(found[0][1], self._separators)
        return Value(number) if number is not None else None

    def in_sentence(self, asked: Property) -> Value | None:
        """The only date or time of the one sentence that speaks of what tells the property from others: «ordered», «delivery»."""
        kinds = _ALONE.get(asked.kind, ())
        word = str(pattern(_DATE_WORD).sub("", asked.words[0]))
        stem = word[: max(4, len(word) - 3)]
        if len(stem) < _SHORTEST_STEM:
            return None
        found: list[Mention] = []
        for start, end in sentences(self.text):
            if any(
                word[0].startswith(stem) for word in pattern(r"\p{L}+").finditer(self.text[start:end].lower())
            ):
                inside = [
                    mention
                    for mention in self.named
                    if mention.kind in kinds and start <= mention.start < end
                ]
                if any(
                    has_other_days(self.text, mention, start, end)
                    or is_other_end(self.text, asked, mention)
                    or is_in_another_clause(self.text, stem, mention, start, end)
                    for mention in inside
                ):
                    return None
                if len(inside) != 1:
                    return None
                found += inside
        if len({mention.text for mention in found}) != 1 or near(self.text, found[0], foreign_dates(asked)):
            return None
        if not is_warranted(self.masked, found[0].start, found[0].end, asked):
            return None
        return Value(found[0].value if found[0].value is not None else found[0].text, found[0])

    def titled(self) -> Value | None:
        """The quotation that is called a title or a name."""
        found = [
            q
            for q in quotations(self.written)
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
                if word_before(self.text, mention) in words_named(row) and not self._is_somebodys(mention)
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
                said = self.written[place[0] : place[1]].strip().strip("\"'“”„«»").strip()
                said = said if LONG_TEXTS & {*asked.words} else first_sentence(said)
                found.append("" if is_nothing(said) else without_stop(said))
        return found[0][:500] if len(set(found)) == 1 and found[0] else None

    def shaped(self, fits: Callable[[str], bool]) -> Value | None:
        """The one word of the prompt that the caller's anchored pattern describes and that no date, time or plain word is."""
        found: dict[str, Mention] = {}
        for word in pattern(_PECULIAR_WORD).finditer(self.text):
            token = word[0].strip(".:#\"'“”„«»!?[]")
            inside = [m for m in self.named if m.start <= word.start() + 1 < m.end and m.kind in _PLAIN_FORMS]
            if not inside and _is_peculiar(token) and fits(token):
                mention = Mention("code", word.start(), word.end(), token)
                if denied(self.text, mention):
                    return None
                found[token] = mention
        return (
            next((Value(token, mention) for token, mention in found.items()), None)
            if len(found) == 1
            else None
        )

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
        if asked.kind == "code" and "string" in types:
            grouped = pattern(_GROUPED_CODE, ignore_case=False).match(self.text[label.end : label.end + 48])
            if grouped is not None and any(map(str.isdecimal, grouped[1])):
                at = label.end + grouped.start(1)
                return Value(grouped[1], Mention("code", at, at + len(grouped[1]), grouped[1]))
        if asked.kind in ("text", "first_name", "last_name") or (not asked.kind and "string" in types):
            return None
        counted = asked.kind in ("count", "duration", "quantity", "") and is_counted(self.text, label)
        for mention in self.named:
            if mention.start in self._inexact or (counted and mention.start > label.end):
                continue
            if not asked.kind and mention.kind == "money" and is_price_of(self.text, label, mention):
                continue
            if counts_another(self.text, asked, label, mention) or (
                asked.kind in ("count", "") and is_for_each(self.text, mention)
            ):
                continue
            if mention.kind == "number" and is_of_several(self.text, label, mention):
                continue
            if (
                mention.kind in kinds
                and self._fits(asked, label, mention)
                and before_mention(self.text, label, mention, self._others(kinds))
                and not self._is_others(mention, label)
                and not is_which(self.text, asked, label, mention)
                and not (is_base(self.text, mention) and self._is_percentage_between(label, mention))
                and not (asked.kind == "person" and self._is_owner(label, mention))
            ):
                return self._read(asked, mention, types)
            followed = asked.kind in _FOLLOWED or (not asked.kind and "integer" in types)
            if (
                followed
                and mention.kind in kinds
                and mention.kind != "name"
                and self._fits(asked, label, mention)
                and behind_mention(self.text, label, mention)
            ):
                return self._read(asked, mention, types)
        if asked.kind == "count":
            return self._counted_inside(label) or self._number_word(label)
        return None

    def _counted_inside(self, label: Label) -> Value | None:
        """The number of a duration or quantity whose unit is the noun itself: «3 nights»."""
        for mention in self.named:
            inside = mention.start < label.start and mention.end == label.end
            inside = inside and mention.start not in self._inexact
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
            if asked.kind == "phone" and pattern(_DIALLED).fullmatch(said):
                return Value(said.strip(" ."))
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
                    else Value(said if whole else without_stop(said))
                )
            return None
        if asked.kind in ("person", "organization", "place", "city", "destination", "origin"):
            said = without_address(first_part(self.text[place[0] : place[1]]))
            if asked.kind == "person":
                said = said.partition(" (")[0]
            if self._is_left_open(asked, said):
                return None
            short = len(said) <= 60 and ". " not in said and said.rstrip(".") != first.text.rstrip(".")
            return Value(without_stop(said) if short else first.text, first)
        if asked.kind == "money" and first.kind == "number" and has_another_unit(self.text, first):
            return None
        if asked.kind == "code":
            said = without_stop(first_part(self.text[place[0] : place[1]]))
            if pattern(_SPACED_CODE, ignore_case=False).fullmatch(said) is not None:
                return Value(said, first)
        return self._read(asked, first, types)

    def _is_left_open(self, asked: Property, said: str) -> bool:
        """Whether two stand there between which the text does not choose: «Rome or Milan»."""
        return (
            asked.kind not in ("organization", "code") and pattern(_CHOICE).search(said.lower()) is not None
        )

    def _fits(self, asked: Property, label: Label, mention: Mention) -> bool:
        """Whether what stands beside a label without a colon can be its value at all."""
        if mention.kind == "name" and asked.kind in ("person", "organization", "city", "country", "place"):
            # «Soy Director General» is a post.
            post = mention.text.split()[0].lower() in words_named("posts")
            return asked.kind == "person" and " " in mention.text and not post
        if mention.kind == "name":
            return self._travels() and " to " not in mention.text
        if (
            asked.kind in ("origin", "destination")
            and len(label.phrase) <= len("from")
            and not self._travels()
        ):
            return False
        if asked.kind == "money" and mention.kind == "number" and has_another_unit(self.text, mention):
            return False
        if asked.kind == "money" and mention.kind == "number":
            return not any(other.kind == "money" for other in self.named)
        if asked.kind == "code" and mention.kind == "number" and counts_things(self.text, mention):
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
            None
            if any(word.isdecimal() for word in words) or is_loose(self.text, start)
            else Value(numbers[0])
        )

    def _others(self, kinds: Sequence[str]) -> Sequence[Mention]:
        """Things of other kinds that may stand between a label and what it names; a mere capital is no such thing."""
        return [mention for mention in self.named if mention.kind not in (*kinds, "name", "number")]

    def _is_others(self, mention: Mention, label: Label) -> bool:
        """Whether another thing of the kind stands between: the label is that one's."""
        return any(
            label.end <= other.start < mention.start and other.kind == mention.kind for other in self.named
        )

    def _is_said_otherwise(self, asked: Property) -> bool:
        """Whether the property is named with something else beside it: «total: to be told», «max price»."""
        if any(is_qualified(self.text, asked, label) for label in labels_in(self.text, asked.labels)):
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

    def _travels(self) -> bool:
        return (
            pattern(
                r"\b(?:fly|flies|flying|flights?|travel\w*|trips?|trains?|bus|buses|drive|journey|tickets?|go|fahr\w*|flug|vol|vuelo|volo|voo)\b"
            ).search(self.text)
            is not None
        )


_PECULIAR_WORD = r"[^\s,;()]{5,64}"
_PLAIN_FORMS = frozenset(
    {"date", "datetime", "time", "phone", "email", "url", "money", "duration", "quantity"}
)


def _is_peculiar(token: str) -> bool:
    """Whether a word has figures and something beside them: no word of a sentence, and no number of things."""
    return any(map(str.isdecimal, token)) and not token.isdecimal() and len(token) >= _SHORTEST_SHAPED


def _is_personal(asked: Property) -> bool:
    return (
        asked.kind in _PERSONAL or "birth" in asked.words or asked.words[-1:] in (("job",), ("occupation",))
    )


def first_part(text: str) -> str:
    """``text`` up to its first comma, in whichever script."""
    return str(pattern(r"[,，、،;；]").sub("\x00", text.strip(), 1)).partition("\x00")[0].strip()


def first_sentence(text: str) -> str:
    """``text`` up to the end of its first sentence, where it is no sentence but a name or a few words: «reporting. Priority high»."""
    sentences = sentences_of(text)
    head = sentences[0].text.strip()
    last = head.rstrip(".").rsplit(" ", 1)[-1]
    is_short = len(head.split()) <= _FEW_WORDS and not head.endswith(("?", "!")) and len(last) >= _WORD
    return head if len(sentences) > 1 and is_short else text


def read_number(text: str, separators: Separators) -> float | int | None:
    """The number that a whole text is; None where it is more than a number."""
    plain = text.strip()
    return value_of(plain, separators) if pattern(r"[+-]?\p{Nd}[\p{Nd}.,' ]*").fullmatch(plain) else None
