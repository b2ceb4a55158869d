"""Which sentences plainly say that something is so: every word of theirs is one with which that is done.

The rows of ``assertion.tsv`` know many wordings that assert nothing, and no list knows them all. Here it is the other way round: what a
sentence must be made of is listed (``plain_words.tsv``, the labels of the known properties, and the words of the caller's schema), and a
sentence that holds anything else is not taken from.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, blanked, sentences_of
from server.api.providers.local.assertion.schema_vocabulary import SchemaVocabulary
from server.api.providers.local.lexicon import (
    currencies_behind,
    months,
    number_words,
    plain_words,
    warrant_words,
    words_named,
)
from server.api.providers.local.mention import Mention, joins
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import all_labels

_WORD = r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*"
_LABEL = r"^[\s*_#>•·-]*(?:\(?\p{Nd}{1,2}[.)]\s)?(\p{L}[\p{L}\p{M}\p{N} _./'’&#°-]*?)[*_\"'`]*\s?(?:\([^()\n]{1,16}\)\s?)?[:=：]"
_ROW = r"[|\t{}]|^\s*\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}|^\s*[\[\]],?\s*$|^\s*\"[^\"]+\"\s?:"
_BULLET = r"^\s*(?:[-*•–]|\p{Nd}{1,2}[.)])\s"
_ARTICLES = frozenset(
    "the a an der die das den dem ein eine einen einem einer le la les l un une el los las una il lo gli i o os as um uma de het een en ett".split()  # noqa: SIM905  # one list, one line
)
_SPEAKER = (
    r"^(?:\[?\p{Nd}{1,2}:\p{Nd}{2}(?::\p{Nd}{2})?\]?\s)?(?:<[^<>\n]{1,20}>|@?(\p{L}[\p{L}\p{N}_.]{0,20}):)\s"
)
_THIRD = r"^\W*(?:he|she|they|his|her|their|er|seine?|ihre?|il|elle|ils|elles|son|sa|ses|él|ella|ellos|lui|lei|loro|ele|ela|eles|hij|zijn|haar|on|ona|oni|он|она|они|його|він|вона|han|hon|de)\s"
_BACK = r"(?:^|[^\p{L}])(?:that|this|it|these|those|above|earlier|previous|sentence|figure|number|ignore|disregard|forget|wrong|false|true|joke|kidding|dies(?:e[rmns]?)?|diesen|ignorier\p{L}*|falsch|wahr|faux|vrai|falso|verdad|vero|which)(?:$|[^\p{L}])|^\W*(?:but|or|no|not|nope|nah|only|just|das|dies|es|aber|nein|nicht|cela|ça|ce|mais|non|eso|esto|pero|ciò|questo|ma|isso|mas|dat|dit|maar|nee|to|ale|nie|это|но|нет|det|men|nej|haha|lol|psych|sike|actually|wait|sorry|correction|oops)\b"
_SPACED = r"(?:^|[^\p{Nd}.,])\p{Nd}{1,3}(?: \p{Nd}{3})+(?:$|\n|\s+$)"
_NAMES = frozenset({"name", "person", "organization", "city", "country", "language"})
_POLITE = r"(?i)(?:^\W*(?:hi|hello|hey)?\W*(?:can|could|would|will) (?:you|i|we)(?: please)?|\b(?:(?:i|we) would like|and would like to|(?:i|we)'d like|as soon as possible|question about|a table for|out of [1-9]+|years? old|2+ old|credit card|do not|at the moment|as of|as from|(?:work(?:s|ing|ed)?|employed|job|position|role) as(?: an?)? \p{L}+)|lavoro come \p{L}+|trabajo (?:como|de) \p{L}+|travaille comme \p{L}+|arbeite als \p{L}+|trabalho como \p{L}+|werk als \p{L}+|pracuję jako \p{L}+|работаю \p{L}+ом|arbetar som \p{L}+|\bich hätte gern\b|\bje voudrais\b|(?:travaille|travaillons) (?:comme|en tant que?) \p{L}+|depuis 2+|desde hace 2+|pracuji jako \p{L}+|(?:jobbar|jobber|arbejder|arbeider) som \p{L}+|je mi 1+ let|до сих пор|auf den namen|te koop|te huur|zu verkaufen|zu vermieten|à louer|à vendre)\b"
"""Requests and phrases whose words say something else elsewhere."""
_TOWARDS = r"(\p{L}+)\s(?:to|zu|zum|zur|as)\b"
_FIRST = r"^\W*([\p{L}]+)[\s-]+([\p{L}]+)"
_BEGINS = r"^[^\p{L}\p{N}_]*([1-9]|[\p{L}\p{M}_]+)"
_REMARK = r"\([^()]*(?:[:?]|\p{L}+\s\p{L}+)[^()]*\)|\?|\b(?:was|were|formerly|previously|früher|vorher|war|avant|était|antes|era|prima|eerder|was|wcześniej|раньше|tidigare)\b"
_PREPOSITIONS = frozenset(
    [
        "on",
        "in",
        "at",
        "by",
        "to",
        "from",
        "with",
        "for",
        "please",
        "and",
        "since",
        "via",
        "am",
        "im",
        "um",
        "von",
        "bis",
        "mit",
        "le",
        "à",
        "pour",
        "avec",
        "el",
        "en",
        "con",
        "il",
        "alle",
        "per",
        "o",
        "em",
        "com",
        "op",
        "met",
        "w",
        "z",
        "в",
        "на",
        "с",
        "den",
        "på",
    ]
)  # one list, one line
_OF_ANOTHER = r"(?:^|[:：]\s)\W*[1-9_][1-9_\s]*[:=：](?:\s|$)"
_IDIOM = r"\b(?:(?:in|into|at|on|dans|en|op)\s(?:the|den|dem|le|la|el|il|het)|im|ins|am|au|nel|al|nella|no|na|of)\s(\p{L}+)"
_MARKS = {
    "number": "1",
    "quantity": "2",
    "duration": "2",
    "date": "4",
    "datetime": "4",
    "money": "5",
    "time": "6",
}
"""What stands for a thing of a kind where words are looked at; other things that are no names are nines."""
_ELSEWHERE = r"(?:2|hours?|minutes?|miles?|kilomet(?:er|re)s?|stunden?|minuten|heures?|horas?|ore|uur)\s(?:from|von|vom|de|da|van|od|от|från|away)\s"
_OF_THEM = r"\b(?:people|persons|guests|colleagues|friends|team|customers?|clients?|adults|children|leute\p{L}*|kunden|gens|clients|gente|clienti|mensen|klanten|ludźmi)\s(?:from|in|at|of|von|aus|de|di|van|uit|z)\s_"
_SECOND = r"4[^4]*,\s(?:\p{L}{1,5}\s){0,2}4|5[^5]*,\s(?:\p{L}{1,5}\s){0,2}5|1\s\p{L}+,\s(?:\p{L}{1,6}\s){0,2}1+(?:[^\p{L}\s1]|$)"
_EACH_ITS_OWN = "|".join(
    rf"{kind}\s(?:and|und|et|y|e|en|i|och|и)\s(?:the|der|die|das|le|la|el|il|o|de|het|my|your|mine)\s?\p{{L}}*\s(?:\p{{L}}{{1,3}}\s)?{kind}"
    for kind in "456"
)
_OF_A_PART = r"\bof (?:the|my|our|your|this) \p{L}+ (?:of|from|dated) [456]"
_SOMETIMES = r"\b(?:included|available|open|active|enabled|free|inklusive|verfügbar|geöffnet|inclus|disponible|incluido|incluso|incluído)\s(?:from|ab|dès|desde|da|a partir)\s"
_SOMEBODY = r"^\W*(?:the|an?|der|die|das|ein|eine|le|la|l'|un|une|el|una|il|lo|o|a|de|het|een)\s[^_.]*\s(?:lives?|lived|works?|comes|is from|wohnt|lebt|arbeitet|kommt|habite|vit|travaille|vive|trabaja|abita|lavora|mora|trabalha|woont|werkt)\s"
_ELLIPSIS = r"1\s\p{L}.*\s(?:and|und|et|y|e|en|i|och|и|ve)\s1+\s(?:to|for|from|in|of|at|on|by|is|are|were|was|für|an|von|pour|à|de|para|per|di|voor|van|dla|для|till)\s"
_TAKEN_BACK = r"^\W*(?:not|nope|nah|no|nicht|nein|non|nee|niet|nie|нет|ні|nej|inte|ei|değil|لا|नहीं|不|ではない|아니요|haha|lol|kidding|psych|wrong|false)(?: (?:really|true|so|at all|any ?more))?\W*$"
_PARALLEL = r"[125][,;]?\s(?:(?:and|und|et|y|e|en|i|och|и|ve)\s)?(?:_+|\p{Lu}\p{Ll}+)\s[125]"
_WARRANTED = (
    "small", "contacting", "papers", "roles", "living", "working", "places", "events", "meals", "rides", "seating", "telling", "goods", "cases", "lasting", "measuring",
    "rating", "paying", "buying", "selling",
)  # fmt: skip
"""Rows of words with which values are told: they are plain, and whose a value is then asked of its own clause."""
_SHAPES = (_ELSEWHERE, _ELLIPSIS, _OF_A_PART)
"""Sentences whose figures belong to something else than they seem to."""
_DUE = frozenset({"due", "payable", "fällig", "zahlbar"})
"""Words of their own for a second day: «dated 3 March, due on 2 April»."""
_SHORTEST_LABEL = 3
_LONGEST_LABEL = 41
_SHORT = 14
"""Words behind a label; more are a text, in which other things may stand."""
_MOST = 300
"""Sentences that are looked at."""
_JOINTS = frozenset("./_@\\")
_SHORTEST_SPEECH = 4
"""Words behind a name and a colon; so many and more are what somebody says."""
_SHORTEST_BENT = 5
"""Letters of the shortest word that is looked up without its ending."""
_ITEM = 5
"""Words of one line of a list, its bullet with it."""
_LONGEST_PART = 8
"""Characters of the longest part of a sentence that is looked up in scripts that part no words."""


class _Sentence(NamedTuple):
    start: int
    end: int
    plain: bool


def plainly(text: str, said: str, named: Sequence[Mention], asked: SchemaVocabulary) -> str:
    """``said``, what ``text`` asserts, with the sentences blanked that do not do so plainly; none behind the first hundreds is looked at."""
    masked = _masked(said, named)
    parts = [part for part in sentences_of(text) if any(map(str.isalnum, part.text))]
    sentences: Sequence[_Sentence] = [
        _Sentence(
            part.start, part.end, _is_plain(said[part.start : part.end], masked[part.start : part.end], asked)
        )
        for part in parts[:_MOST]
    ]
    talk = is_talk(text, asked.words) and not all(sentence.plain for sentence in sentences)
    sentences = _with_bullets(text, said, sentences)
    left, at = [], 0
    for place, sentence in enumerate(sentences):
        left.append(said[at : sentence.start])
        at = sentence.end
        doubtful = not sentence.plain or talk or _is_framed(text, sentences, place)
        part = said[sentence.start : at]
        left.append(blanked(part) if doubtful else part)
    return "".join([*left, said[at:] if len(parts) <= _MOST else blanked(said[at:])])


def _is_plain(said: str, masked: str, asked: SchemaVocabulary) -> bool:
    if BLANK in said:
        return False
    if pattern(_ROW).search(said.strip("\n")):
        return True
    label = pattern(_LABEL).match(said)
    if (
        label is not None
        and len(label[1]) <= _LONGEST_LABEL
        and _is_label(label[1].strip().lower(), asked.words)
    ):
        return _is_plain_value(label[1].strip().lower(), said[label.end() :], masked[label.end() :], asked)
    if pattern(_OF_ANOTHER).search(masked) or pattern(_SPACED).search(said):
        return False
    if any(turn[1].lower() in asked.values for turn in pattern(_IDIOM).finditer(said)):
        return False
    first = pattern(_FIRST).match(said)
    if first is not None and first[1].lower() in asked.values and not _follows(first[2].lower(), asked):
        return False
    if any(met[1].lower() in asked.values for met in pattern(_TOWARDS).finditer(said)):
        return False
    parallels = pattern(_PARALLEL, ignore_case=False).finditer(masked)
    if any(not _names_figure(parallel[0]) for parallel in parallels):
        return False
    if any(pattern(shape).search(masked) for shape in _SHAPES) or _leaves_out_its_verb(masked):
        return False
    since = pattern(_SOMETIMES).search(masked)
    if since is not None and since[0].strip().lower() not in asked.words:
        return False
    if asked.persons and (pattern(_OF_THEM).search(masked) or pattern(_SOMEBODY).search(masked)):
        return False
    return not any(_unknown(masked, asked.words, asked.persons))


def _names_figure(parallel: str) -> bool:
    """Whether the capital between two figures is a German noun that names the second: «98.000 km, Preis 8.900 €»."""
    words = [word[0].lower() for word in pattern(_WORD).finditer(parallel)]
    return words[-1:] != [] and "," in parallel and "_" not in parallel and words[-1] in _labels()


def _leaves_out_its_verb(masked: str) -> bool:
    """Whether a second figure of a kind is another thing's that leaves out the verb: «the lamp is 40 EUR and the desk 90 EUR»."""
    for found in pattern(f"{_EACH_ITS_OWN}|{_SECOND}").finditer(masked):
        words = [word[0].lower() for word in pattern(_WORD).finditer(found[0])]
        named = (
            words[-1:] != []
            and len(words[-1]) >= _SHORTEST_LABEL
            and words[-1] in _labels()
            and _MARKS["money"] in found[0]
        )
        verbs = (words_named("copula") & words_named("predicates")) | _DUE
        if not verbs & {*words} and not (named and words[-1] not in words_named("gap")):
            return True
    return False


def _is_plain_value(label: str, said: str, masked: str, asked: SchemaVocabulary) -> bool:
    """Whether what stands behind a label is its value and nothing about it."""
    if label in _long_labels():
        return True
    if pattern(_REMARK).search(said) or _words_behind(said) > _SHORT:
        return False
    begins = pattern(_BEGINS).match(masked)
    if begins is None:
        return True
    first = begins[1].lower()
    if first[0].isdecimal() or first in asked.values or first in words_named("nothing"):
        return not any(_unknown(masked, asked.words, persons=True))
    return True


def _follows(word: str, asked: SchemaVocabulary) -> bool:
    """Whether a word goes on behind a listed value, and is nothing that the value would only describe."""
    return word in words_named("follows") or word in asked.values or word in _PREPOSITIONS


def _with_bullets(text: str, said: str, sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    """The sentences; the lines of a list are as plain as the line above them that ends in a colon."""
    found: list[_Sentence] = []
    listed = False
    for sentence in sentences:
        line = text[sentence.start : sentence.end]
        bullet = pattern(_BULLET).match(line) is not None
        if listed and bullet and BLANK not in said[sentence.start : sentence.end]:
            sentence = sentence._replace(plain=sentence.plain or len(line.split()) <= _ITEM)
        listed = (listed and bullet) or (sentence.plain and line.rstrip().endswith((":", "：")))
        found.append(sentence)
    return found


def is_talk(text: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether several speakers write in turn: what one says the next may deny."""
    turns = []
    for line in text.split("\n")[:200]:
        match = pattern(_SPEAKER).match(line)
        if match is not None and (match[1] is None or not _is_label(match[1].lower(), own)):
            turns.append((match[0].strip().lower(), line[match.end() :].strip()))
    several = len(turns) > 1
    # A form gives each of its labels once, and behind it a few words that are no sentence.
    return several and (
        len({name for name, _ in turns}) < len(turns) or any(_is_spoken(said) for _, said in turns)
    )


def takes_back(text: str) -> bool:
    """Whether a sentence may take back what stands before it: «not really», «that is wrong»."""
    said = text.lower()
    return pattern(_TAKEN_BACK).search(said) is not None or pattern(_BACK).search(said) is not None


def _is_spoken(said: str) -> bool:
    if any(map(str.isdecimal, said)) and not said.endswith(("?", "!")):
        return len(said.split()) > 2 * _SHORTEST_SPEECH
    return said.endswith(("?", "!", ".", "？", "！", "。")) or len(said.split()) > _SHORTEST_SPEECH


def _is_framed(text: str, sentences: Sequence[_Sentence], place: int) -> bool:
    """Whether what stands around a sentence says of whom it speaks, or takes it back."""
    here = sentences[place]
    before = sentences[place - 1] if place else None
    behind = sentences[place + 1] if place + 1 < len(sentences) else None
    third = pattern(_THIRD).search(text[here.start : here.end].lower()) is not None
    if behind is not None and pattern(_TAKEN_BACK).search(text[behind.start : behind.end].lower()):
        return True
    back = behind is not None and pattern(_BACK).search(text[behind.start : behind.end].lower()) is not None
    return bool((third and before is not None and not before.plain) or (back and behind and not behind.plain))


def _words_behind(text: str) -> int:
    return len(text.split()) + len(text) // 60


def _is_label(phrase: str, own: frozenset[str]) -> bool:
    phrase = phrase.replace("_", " ")
    if len(phrase) == 1 and phrase.isascii():
        return phrase in own
    return (
        phrase in all_labels()
        or phrase in own
        or all(word in own or word in _labels() for word in phrase.split())
    )


@cache
def _labels() -> frozenset[str]:
    return all_labels() - plain_words("doubtful")


@cache
def _long_labels() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in words_named("long_texts"))


def _unknown(masked: str, own: frozenset[str], persons: bool) -> Iterator[str]:
    """The words of a sentence with which nothing is plainly said."""
    before, first = "", True
    for polite in pattern(_POLITE).finditer(masked):
        masked = masked[: polite.start()] + " " * (polite.end() - polite.start()) + masked[polite.end() :]
    for match in pattern(_WORD).finditer(masked):
        word = match[0]
        low = word.lower().replace("’", "'")
        if _is_part_of_sign(masked, match.start(), match.end()):
            continue
        if joins(word[0]) and not _in_parts(low, own):
            yield word
        elif not joins(word[0]) and not _is_known(low, own):
            counted = "1" in masked[max(0, match.start() - 2) : match.start()]
            german = word[0].isupper() and not first and before in _ARTICLES
            doubtful = low in plain_words("doubtful")
            if persons or doubtful or not (counted or before in _ARTICLES or german):
                yield word
        before, first = low, False


def _is_part_of_sign(text: str, start: int, end: int) -> bool:
    """Whether a word is part of what machines call things: «acme/router», «kiwi_dev», «db.prod»."""
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    if (before[1:] == "-" and before[0].isdecimal()) or (behind[:1] == "-" and behind[1:].isdecimal()):
        return True
    return (len(before) > 1 and before[1] in _JOINTS and before[0].isalnum()) or (
        len(behind) > 1 and behind[0] in _JOINTS and behind[1].isalnum()
    )


def _is_known(word: str, own: frozenset[str]) -> bool:
    if word in own or word in _vocabulary() or _is_bent(word):
        return True
    head, _, tail = word.partition("'")
    return (tail in ("s", "m", "re", "ve", "ll", "d", "t") and (head in own or head in _vocabulary())) or (
        bool(tail)
        and head in ("l", "d", "j", "m", "n", "s", "c", "qu", "un", "dell", "all", "nell", "dall", "sull")
        and (tail in own or tail in _vocabulary())
    )


def _is_bent(word: str) -> bool:
    """Whether a word is a plain English one that ends in «ing»; plurals speak of things in general."""
    if len(word) < _SHORTEST_BENT or not word.endswith("ing") or word in plain_words("doubtful"):
        return False
    stem = word.removesuffix("ing")
    known = plain_words("en") - plain_words("doubtful")
    return bool({stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem} & known)


def _in_parts(text: str, own: frozenset[str]) -> bool:
    """Whether a text without blanks is made of known parts, the longest first."""
    at = 0
    while at < len(text):
        end = next(
            (
                end
                for end in range(min(len(text), at + _LONGEST_PART), at, -1)
                if text[at:end] in own or text[at:end] in _vocabulary()
            ),
            None,
        )
        if end is None:
            return False
        at = end
    return True


@cache
def _vocabulary() -> frozenset[str]:
    rows = (
        "gap",
        "copula",
        "having",
        "determiners",
        "articles",
        "adverb",
        "subjects",
        "links",
        "titles",
        "from",
        "to",
        "requests",
        "offered",
        "said_no",
        "said_yes",
        "generic",
    )
    found = {word for row in rows for word in words_named(row)}
    found |= {word for row in _WARRANTED for word in warrant_words(row)}
    found |= {word for label in all_labels() for word in label.split()}
    found |= {*currencies_behind(), *months(), *number_words()}
    return frozenset((found | plain_words()) - plain_words("doubtful"))


def _masked(text: str, named: Sequence[Mention]) -> str:
    """``text`` with marks in the place of all that is named in it."""
    parts, at = [], 0
    for mention in named:
        if mention.start >= at:
            mark = "_" if mention.kind in _NAMES else _MARKS.get(mention.kind, "9")
            parts += [text[at : mention.start], mark * (mention.end - mention.start)]
            at = mention.end
    return "".join([*parts, text[at:]])
