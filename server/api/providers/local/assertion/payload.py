"""Texts inside a prompt that are worked on, quoted or made up: their facts are not the caller's."""

from collections.abc import Iterator

from server.api.providers.local.pattern import pattern
from server.api.providers.local.quotations import Quotation, quotations
from server.api.providers.local.segment import segment

_WORKED_ON = frozenset({"translate", "rewrite", "fix", "explain"})
"""Intents whose text is a text and nothing else."""
_READ = frozenset({"extract", "classify", "analyze", "summarize"})
"""Intents that ask what a text says."""
_SAID = (
    r"(?:\b(?:say|says|saying|said|wrote|writes|write|reads?|reading|sings?|sang|shouted|asked|replied|answer(?:ed)?|reply|sentence|phrase|string|texts?|words?|message|"
    r"line|complaint|review|comment|post|tweet|question|hint|headline|letter|feedback|quote|quoted|written|with|titled|proverb|saying|expression|schreibt|schrieb|steht|stand|sagt|sagte|satz|dit|écrit|écrivait|phrase|dice|dijo|escribió|frase|scrive|ha scritto|diz|disse|escreveu|"
    r"zegt|schreef|zin|mówi|napisał\p{L}*|zdanie|säger|skrev|mening)|сказал\p{L}*|написал\p{L}*|говорит|фраз\p{L}+|يقول|قال|كتب|जुमला|वाक्य|说|写着|写道|句子|dedi|yazdı|cümle\p{L}*|と書)\W{0,4}$"
)
_SAID_BEHIND = r"^[,.]?\s?(?:\p{L}+ ){0,3}(?:said|says|wrote|asked|replied|sagte|schrieb|dit|dijo|disse|zei|powiedział\p{L}*|sa|сказал\p{L}*|dedi)\b|^(?:と言|と書|라고)"
_NAMED = r"(?:called|named|titled|entitled|title|name|subject|label(?:led)?|genannt|titel)[\s:=]*$"
_SENTENCE = 4
"""Words of a quotation that is no name."""
_TURN = r"(?:^|[.!?]\s|\n)(\p{L}[\p{L}.]{1,20}):\s(?:I|I'm|I'll|I've|We|we|My|Ich|Wir|Mein|Je|J'ai|Nous|Yo|Io|Eu|Ik|Ja|Jag|Я|Мы|我|私)\b"
_TRANSLATED = r"translat|übersetz|tradui|traduc|tradur|traduz|vertaal|przetłumacz|przełóż|översätt|çevir|перевед|переклад|ترجم|अनुवाद|翻译|翻譯|訳し|訳せ|번역"


def payloads(text: str, intent: str) -> Iterator[tuple[int, int]]:
    """The places of texts in ``text`` that are not asserted, for what ``intent`` does with them."""
    found = quotations(text)
    yield from _speeches(text)
    translated = intent == "translate" or pattern(_TRANSLATED).search(text[:200] + text[-60:]) is not None
    worked_on = translated or intent in _WORKED_ON
    for quotation in found:
        if _is_text(quotation.inside) and (
            worked_on or (intent not in _READ and _is_speech(text, quotation))
        ):
            yield quotation.start, quotation.end
    if worked_on:
        rest = segment(text).payload
        at = text.rfind(rest) if len(rest) > 1 else -1
        if at > 0:
            yield at, at + len(rest)


def _speeches(text: str) -> Iterator[tuple[int, int]]:
    """What each of several speakers says of himself: «Anna: I'll bring 3. Ben: I'll bring 5.»"""
    turns = [(match.start(), match.end(1)) for match in pattern(_TURN).finditer(text)][:200]
    names = {text[start:end].strip(" .!?\n") for start, end in turns}
    if len(names) < 2:
        return
    for (_, start), end in zip(turns, [*(start for start, _ in turns[1:]), len(text)], strict=True):
        yield start, end


def _is_speech(text: str, quotation: Quotation) -> bool:
    before = text[max(0, quotation.start - 32) : quotation.start].lower()
    if pattern(_NAMED).search(before):
        return False
    if len(quotation.inside.split()) >= _SENTENCE and not before.rstrip().endswith((":", "=")):
        # What is quoted in the middle of a sentence somebody else says, or the title of something.
        return True
    return (
        pattern(_SAID).search(before) is not None
        or pattern(_SAID_BEHIND).search(text[quotation.end : quotation.end + 40].lower()) is not None
    )


def _is_text(inside: str) -> bool:
    """Whether a quotation says something: words enough for a sentence, or a number among words."""
    words = inside.split()
    unspaced = pattern(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]").search(inside) is not None
    return (
        len(words) >= 3
        or (len(words) == 2 and any(map(str.isdecimal, inside)))
        or (unspaced and len(inside) >= 5)
    )
