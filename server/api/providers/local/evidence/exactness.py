"""Which things of a prompt are no exact value: ends of ranges, bounds, parts, choices left open, measures of several parts."""

from collections.abc import Sequence
from itertools import pairwise

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern

_LONGEST_UNIT = 34
"""Characters behind a number; more are no unit."""
_OR = r"\s?(?:/|,?\s(?:or|oder|ou|o|lub|или|або|veya|of|eller|tai|nebo)\s|或|か|또는 ?|أو )\s?(?:the |a |der |die |das |le |la |el )?"
_BOUND = (
    r"(?:[<>≤≥]=?|at least|at most|up to|more than|less than|fewer than|over|under|above|below|between|minimum|maximum|max\.?|min\.?|mindestens|höchstens|bis zu|unter|"
    r"mehr als|weniger als|au moins|au plus|jusqu'à|plus de|moins de|al menos|como máximo|hasta|más de|menos de|almeno|più di|meno di|fino a|"
    r"pelo menos|mais de|até|minstens|meer dan|co najmniej|ponad|не менее|более|до|en az|en fazla|en çok|"
    r"por lo menos|como mínimo|a lo sumo|no más de|más que|menos que|superior a|inferior a|come minimo|al massimo|al minimo|non più di|non meno di|oltre|meno che|"
    r"no mínimo|no máximo|menos de|ao menos|acima de|abaixo de|ten minste|op z'n minst|hoogstens|maximaal|minimaal|minder dan|meer dan|ruim|boven|onder|"
    r"przynajmniej|najwyżej|maksymalnie|minimalnie|mniej niż|więcej niż|powyżej|poniżej|nie więcej niż|minst|högst|som mest|upp till|över|mer än|mindre än|under|"
    r"не более|не больше|не меньше|как минимум|минимум|максимум|свыше|больше|меньше|менее|щонайменше|не менше|maximal|minimal|nicht mehr als|höher als|tout au plus|pas plus de|supérieur à|inférieur à|"
    r"على الأقل|على الأكثر|أكثر من|أقل من|حتى|ما لا يقل عن|कम से कम|अधिकतम|ज़्यादा से ज़्यादा|न्यूनतम)"
)
_ABOUT = (
    r"(?:about|around|roughly|approximately|approx\.?|approximate|circa|ca\.?|c\.|~|≈|nearly|almost|some|estimated(?: at)?|an estimated|close to|in the region of|"
    r"or so|ungefähr|etwa|rund|zirka|knapp|gut|fast|an die|geschätzte?|environ|à peu près|autour de|près de|quelque|presque|unos|unas|alrededor de|cerca de|"
    r"aproximadamente|más o menos|casi|circa|all'incirca|pressappoco|quasi|intorno a|um[as]?(?:s)|por volta de|quase|uns|umas|ongeveer|zo'n|rond de|bijna|około|ok\.|"
    r"mniej więcej|prawie|blisko|ungefär|cirka|omkring|nästan|cirka|noin|yaklaşık|aşağı yukarı|neredeyse|около|примерно|приблизительно|почти|порядка|близько|приблизно|"
    r"حوالي|تقريبا|نحو|زهاء|लगभग|करीब|तक़रीबन)(?: (?:the|a|de|di|von|der|die|das|van))?"
)
_ABOUT_UNSPACED = r"(?:至少|最多|超过|超過|不到|少于|多于|不超过|至多|最少|少なくとも|最大|最低|最小|最多|多くても|최소|최대|적어도|많아야|많아도|大约|大約|约|約|大概|差不多|将近|近|およそ|ほぼ|だいたい|약|대략|거의)\s?$"
_PORTION = (
    r"\b(?:half|halves|a quarter|quarters?|a third|thirds?|a fifth|most|part|double|twice|triple|doubled?|halve|(?:\p{Nd}+|two|three|four|five|ten) times|die hälfte|ein viertel|ein drittel|"
    r"la moitié|un quart|un tiers|la mitad|un cuarto|un tercio|la metà|metade|de helft|połow\p{L}+|hälften|половин\p{L}+|doppelt|das doppelte|le double|el doble|il doppio|o dobro)"
    r"(?: (?:of|von|der|des|de|di|van|av|d')?\s?(?:the |a |an |den |die |les |los |le |la )?)?\s?$"
)
_FURTHER = (
    r"(?:^|[^\p{L}])(?:by|best of|first|last|next|past|another|further|additional|extra|other|every|each|letzten?|nächsten?|ersten?|weitere[nr]?|jede[nrs]?|alle|derniers|dernières|prochains|premiers|autres|"
    r"chaque|toutes les|tous les|últim[oa]s|próxim[oa]s|primer[oa]s|otr[oa]s|cada|ultimi|ultime|prossimi|prime|altri|ogni|primeir[oa]s|outr[oa]s|laatste|volgende|eerste|elke|ostatnich|następne|kolejne|co|"
    r"senaste|nästa|första|varje|son|her|последни[ех]|следующи[ех]|первы[ех]|кажды[ех])\s$"
)
_OF_WHICH = r"(?:^|[.;,:]\s)(?:of|out of|von|sur|de|di|из)\s(?:the |den |les |los |le |i )?$"
_BETWEEN = r"(?:between|zwischen|entre|tra|fra|tussen|między|mellan|между|між|بين|arasında)\s[$€£]?\p{Nd}[\p{Nd}.,]*\s?(?:\p{L}+\s|[%€$£]\s)?(?:and|und|et|y|e|en|i|och|og|и|і|و|ve)\s?[$€£]?$"
_COMPARATIVE = (
    r"^\s?(?:more|less|fewer|longer|shorter|older|younger|earlier|later|higher|lower|heavier|lighter|taller|bigger|smaller|faster|slower|cheaper|extra|over|under|above|below|short|ahead|behind|mehr|weniger|länger|kürzer|"
    r"älter|jünger|früher|später|de plus|de moins|más|menos|in più|in meno|a mais|a menos|meer|minder|więcej|mniej|mer|mindre|больше|меньше)\b"
    r"(?: (?:than|als|que|di|do que|dan|niż|än|чем)\b)?"
)
_DEARER = r"^\s(?:teurer|günstiger|billiger|zu teuer|plus cher|moins cher|vyšší|nižší|dražší|levnější|droższ\p{L}*|tańsz\p{L}*|wyższ\p{L}*|niższ\p{L}*|дороже|дешевле|выше|ниже|dyrare|billigare|högre|lägre|duurder|goedkoper|höher|niedriger|più car\p{L}*|mais car\p{L}*|más car\p{L}*)(?:[^\p{L}]|$)"
_LONG_AGO = r"^\s(?:in|im jahr|en|nel|em|w|в|år)\s(?:19\p{Nd}{2}|200\p{Nd})(?:[^\p{Nd}]|$)"
_ROUGHLY = r"^(?:-?ish\b|\s?(?:or so\b|or thereabouts|or more|\(?(?:estimated|estimate|est\.|approx|geschätzt|ungefähr|estimé|environ|stimato|estimado)|左右|前後|前后|くらい|ぐらい|ほど|정도|쯤|किे?\s?करीब))"
_TENTATIVE = r"^(?:-?ish\b|\s?(?:or so\b|\(?(?:tentative|tbc|tba|estimated|unconfirmed|provisional|preliminary|planned|approx|at the latest|at the earliest|vorläufig|geschätzt|voraussichtlich|geplant|provisoire|prévu|provvisori|previst|预计|暫定|予定|잠정|예정)))"
_REST_OF = (
    r"\p{Nd}\s?[€$£]?\s?(?:\p{L}+\s)?(?:of|out of) (?:the|my|our|his|her|their|these|those|all)\s[€$£]?$"
)
_PER_ONE = r"\b(?:each|jeweils|chacune?|cada un[oa]|ciascun\p{L}*|elk|varje)\b[^.,;\p{Nd}]{0,14}$"
_SMALL_COIN = r"^\s\p{Nd}{1,2}\s?(?:s|d|p|c|ct)\b"
_ON = r"^\s?(?:[-–—~〜至到→]|[-=]>|to|bis|до|til|till|tot|till|से)\s?[$€£¥]?\p{Nd}"
_ENDED = r"\p{Nd}[\p{L}%€$£元円원個人]{0,3}\s?(?:[-–—~〜至到→]|[-=]>|to|bis|до|auf|a|à|na|til|till|tot|से)\s?[$€£¥]?$"
_FIRST_OF_TWO = r"^[^.;\p{Nd}]{0,12}\s(?:and|und|et|y|e|en|i|och|og|и|і|و|ve)\s?[$€£]?\p{Nd}"
_BETWEEN_BEFORE = r"(?:between|zwischen|entre|tra|fra|tussen|między|mellan|между|між|بين)\s?[$€£]?$"
_BASE = r"(?:%|％|percent|prozent|pour cent|por ciento|per cento|por cento)\s(?:on|off|of|auf|von|vom|sur|de|sobre|su|di)\s(?:the |den |die |le |la |el |il )?$"
_OR_MORE = r"^\s?(?:\+|tops\b|max\b|maximum\b|at most\b|at least\b|minimum\b|höchstens|mindestens|maximal|minimal|au (?:maximum|minimum|plus|moins)|como (?:máximo|mínimo)|al (?:massimo|minimo)|no (?:máximo|mínimo)|maksymalnie|(?:or|and) (?:more|less|up|above|over|below|under)\b|oder mehr|ou plus|o más|o più|ou mais|[個个개名人本台件円元원]?\s?(?:以上|以下|以内|未満|未满|이상|이하|미만)|على الأقل|или более|से (?:अधिक|कम|ज़्यादा)|'?[td][ae]n (?:fazla|az|çok)|以上|以下)"
_STARTING = r"\b(?:from|start(?:s|ing)? (?:at|from)|begin(?:s|ning)? (?:at|from)|beginn\p{L}+ bei|commence(?:nt)? à|empieza\p{L}* en|part(?:e|ono) da|as low as|as much as|ab|à partir de|a partir de|a partire da|desde|od|от|vanaf)\s(?:only |just |nur )?$"
_WITHIN = r"\s?(?:(?:and|und|et|y|e|och|en|i|и) )?"
_RATIO = r"\p{Nd}:\x00|\x00:\p{Nd}"
_NEAR = r"\b(?:near|outside|outside of|close to|in der nähe von|bei|près de|cerca de|vicino a|perto de)\s$"
_PART_OF = r"\p{Nd}\s(?:out of|of|von|sur|de|di|из)\s(?:the |all |den |allen |les |los |las |i |le )?$"
_OF_ALL = (
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|some|most|none|many|few|all|half|each|eine[rs]?|zwei|drei|vier|fünf|einige|viele|alle|une?|deux|trois|quatre|cinq|uno|una|dos|tres|cuatro|cinco|due|tre|quattro|"
    r"cinque|um|uma|dois|duas|três|quatro|een|twee|drie|vier|vijf|jeden|dwa|trzy|två|один|два|три)\s(?:out )?(?:of|von|der|de|di|dei|delle|dos|das|van|z|ze|из|av)\s(?:the |my |our |these |those |den |unseren |les |los |las |os |as |i |le |de )?$"
)
_TIMES = r"\p{Nd}\s?[x×*]\s?$"
_BECAME = r"\b(?:now|jetzt|nun|maintenant|ahora|adesso|agora|nu|теперь|сейчас|teraz)\b"
_WAS = r"\b(?:was|were|war|était|era|byl|был|было|used to be|used to live in|used to work (?:at|for))\s$"
COMPARED = r"\b(?:\p{L}+er|more \p{L}+|less \p{L}+) than (?:the |a |an |in )?$"
_MOVED = r"^\s?(?:\p{L}+ ){0,2}(?:postponed|moved|rescheduled|cancelled|canceled|replaced|brought forward|shifted|verschoben|abgesagt|ersetzt|reporté|annulé|aplazad|cancelad|rinviat|annullat|adiad|verplaatst|przełożon|odwołan|flyttad|inställ|ertelen|iptal|перенес|отмен)\p{L}*"
_BEFORE: Sequence[tuple[frozenset[str], str]] = (
    (frozenset(), _BOUND + r"\s?[$€£]?$"),
    (frozenset({"money"}), r"\büber\s?$"),
    (frozenset(), rf"(?:^|[^\p{{L}}]){_ABOUT}\s?[$€£]?$"),
    (frozenset(), _ABOUT_UNSPACED),
    (frozenset(), _PORTION),
    (frozenset(), _BETWEEN),
    (frozenset(), _BETWEEN_BEFORE),
    (frozenset(), _ENDED),
    (frozenset({"money"}), _PART_OF),
    (frozenset(), _OF_WHICH),
    (frozenset(), _FURTHER),
    (frozenset(), r"\p{Nd}\s?(?:cm|mm|m|in|ft)?\s?[x×*/⁄]\s?$"),
    (frozenset(), _REST_OF),
    (frozenset(), r"\p{Nd}\s?[+*×÷]\s?$"),
    (frozenset({"money"}), _PER_ONE),
    (frozenset({"money"}), _OF_ALL),
)
"""Wordings before a figure with which it is a bound, about, a share, an end of a range or a part; and for which kinds they are not."""
_AND_ANOTHER = (
    r"^\s(?:and|und|et|y|och|en|и|&)\s\p{Nd}{1,4}(?:\s(?:are|were|is|have|sind|sont|son|är)\b|[.,;]|$)"
)
_SUM = r"^\s?[+*×÷]\s?\p{Nd}"
_BEHIND: Sequence[str] = (_SUM, _AND_ANOTHER, _ON, _OR_MORE, _COMPARATIVE, _DEARER, _ROUGHLY)
"""Wordings behind a figure with which it is no exact one."""


def inexact(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where the things begin that are named, but not as what something is."""
    starts = frozenset(mention.start for mention in named if mention.kind != "name")
    there = (mention.start for mention in named if _is_inexact(text, mention, starts))
    return frozenset(there) | _alternatives(text, named) | _composed(text, named)


def is_loose(text: str, start: int) -> bool:
    """Whether a number in words at a place is a bound, about, or one of two: «at least two», «two or three»."""
    before = text[max(0, start - 32) : start].lower()
    return any(pattern(said).search(before) for _, said in _BEFORE) or (
        pattern(r"\p{L}(?:,? (?:or|to|oder|bis|ou|à|o|a|of|lub|eller|или|до) | ?[-–/] ?)$").search(before)
        is not None
    )


def _is_inexact(text: str, mention: Mention, starts: frozenset[int]) -> bool:
    """Whether it is one of two («Anna or Ben», «was A, now it is B»), or a number that is an end of a range or a bound («10 to 20», «at least 5»)."""
    if _is_past(text, mention):
        return True
    if mention.kind in ("city", "country"):
        return _is_within_a_name(text, mention, starts)
    if mention.kind in ("date", "datetime", "time") and _is_tentative(text, mention):
        return True
    if mention.kind not in ("number", "money", "percentage", "quantity", "duration"):
        return False
    if mention.kind == "number" and pattern(_RATIO).search(
        text[max(0, mention.start - 2) : mention.start] + "\x00" + text[mention.end : mention.end + 2]
    ):
        return True
    before = text[max(0, mention.start - 32) : mention.start].lower()
    after = text[mention.end : mention.end + 32].lower()
    plain = frozenset({"money"}) if mention.kind == "money" else frozenset()
    return (
        any(not plain & but and pattern(said).search(before) for but, said in _BEFORE)
        or any(pattern(said).search(after) for said in _BEHIND)
        or (mention.kind == "money" and any(pattern(said).search(before) for said in (_TIMES, _STARTING)))
        or (mention.kind == "money" and any(pattern(said).search(after) for said in (_SMALL_COIN, _LONG_AGO)))
    )


def _is_tentative(text: str, mention: Mention) -> bool:
    before = text[max(0, mention.start - 32) : mention.start].lower()
    return (
        pattern(_TENTATIVE).search(text[mention.end : mention.end + 24].lower()) is not None
        or pattern(rf"(?:^|[^\p{{L}}]){_ABOUT}\s?$").search(before) is not None
    )


def _is_within_a_name(text: str, place: Mention, starts: frozenset[int]) -> bool:
    """Whether a place is only a part of another name («Paris Agreement»), or what something is near to."""
    if pattern(_NEAR).search(text[max(0, place.start - 16) : place.start].lower()):
        return True
    goes_on = pattern(r"^ \p{Lu}\p{Ll}+", ignore_case=False).search(text[place.end : place.end + 24])
    return goes_on is not None and place.end + 1 not in starts


def _is_past(text: str, mention: Mention) -> bool:
    """Whether it was so and is no longer, or is only what another is compared with."""
    before = text[max(0, mention.start - 40) : mention.start].lower()
    after = _first_sentence(text[mention.end : mention.end + 60].lower())
    if pattern(_MOVED).search(after):
        return True
    past = pattern(_WAS).search(before) and pattern(_BECAME).search(after)
    return bool(past or pattern(COMPARED).search(before))


def ends_a_range(text: str, mention: Mention) -> bool:
    """Whether a date or time is the end of one: «from 3 to 10 August»."""
    before = text[max(0, mention.start - 12) : mention.start].lower()
    after = text[mention.end : mention.end + 8].lower()
    ranged = r"\s?(?:[-–—]|to|till|until|bis|au|à|al|a|até|tot|do|до|and|und|et|y|och|en|i|и|&)\s"
    return mention.kind in ("date", "time") and (
        pattern(rf"\p{{Nd}}(?:st|nd|rd|th|\.)?{ranged}?$").search(before) is not None
        or pattern(rf"^{ranged}\p{{Nd}}").search(after) is not None
    )


def ends_there(text: str, mention: Mention, end: int) -> bool:
    """Whether a number behind a colon is all that stands there, up to the next comma: 30-40 is none."""
    if mention.kind not in ("number", "money", "percentage", "quantity", "duration"):
        return True
    rest = text[mention.end : end].split(",")[0].split("(")[0].split(";")[0].split("，")[0].split("、")[0]
    return len(rest) <= _LONGEST_UNIT and (
        pattern(r"[\p{L}\s./%€$]*|\s?(?:/|out of|von|sur|de|из)\s?(?:5|10|100)(?:\s\p{L}{1,20})?").fullmatch(
            rest
        )
        is not None
    )


def is_base(text: str, mention: Mention) -> bool:
    """Whether an amount is what a percentage is taken of: «15 % on $200»."""
    before = text[max(0, mention.start - 24) : mention.start].lower()
    return mention.kind == "money" and pattern(_BASE).search(before) is not None


def _alternatives(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where the things begin between which «or» stands."""
    found: set[int] = set()
    last: dict[str, Mention] = {}
    for mention in named:
        before = last.get(mention.kind)
        if before is not None and mention.start - before.end <= 10:
            between = text[before.end : mention.start].lower()
            if pattern(_OR).fullmatch(between):
                found |= {before.start, mention.start}
        last[mention.kind] = mention
    return frozenset(found)


def _composed(text: str, named: Sequence[Mention]) -> frozenset[int]:
    """Where measures begin that together are one: «1 year 6 months», «2 million 500 thousand dollars»; neither is the whole."""
    found: set[int] = set()
    for first, second in pairwise(sorted(named, key=lambda mention: mention.start)):
        between = text[first.end : second.start].lower()
        if first.end > second.start or not pattern(_WITHIN).fullmatch(between):
            continue
        units = (
            first.kind == second.kind and first.kind in ("duration", "quantity") and first.unit != second.unit
        )
        large = (
            first.kind == "number"
            and first.text[-1:].isalpha()
            and second.kind in ("number", "money", "quantity")
        )
        if units or (large and not between.strip()):
            found |= {first.start, second.start}
    return frozenset(found)


def _first_sentence(text: str) -> str:
    return str(pattern(r"[.!?]\s|\n").sub("\x00", text)).partition("\x00")[0]
