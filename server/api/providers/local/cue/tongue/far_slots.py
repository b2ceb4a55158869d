"""What may stand in the slot of a far cue: a person, a place, a firm, words, a figure, a day, by language."""

from collections.abc import Mapping
from functools import lru_cache

from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.tongue.wordings import wordings_of
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern

DAY, CLOCK = "\ue001", "\ue002"
"""Signs that stand for each character of a day and of a time of day."""
_SLAVIC = r"[А-ЯЁІЇЄҐ][а-яёіїєґ'’ʼ]+"
_SLAVIC_NAME = rf"{_SLAVIC}(?:-{_SLAVIC})?"
_TURKISH = r"[A-ZÇĞİÖŞÜ][a-zçğıöşüâî]+"
_ARABIC = r"[\x{0621}-\x{0652}]+"
_HINDI = r"[\x{0900}-\x{0963}]+"
_HAN = r"\x{4e00}-\x{9fff}々"
_KATAKANA = r"\x{30a1}-\x{30fa}ー"
_CHINESE_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_KOREAN_SURNAMES = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도석선설마길연위표명기반왕금옥육인맹제모"
_SLAVIC_TITLE = r"(?:(?:г-н|г-жа|господин|госпожа|пан|пані|пана|доктор|д-р) )?"
_PERSON = {
    "ru": rf"{_SLAVIC_TITLE}({_SLAVIC_NAME}(?: {_SLAVIC_NAME})?(?: {_SLAVIC_NAME})?|[А-Я]\. ?[А-Я]\. ?{_SLAVIC_NAME}|{_SLAVIC_NAME} [А-Я]\. ?[А-Я]\.)",
    "uk": rf"{_SLAVIC_TITLE}({_SLAVIC_NAME}(?: {_SLAVIC_NAME})?(?: {_SLAVIC_NAME})?|[А-ЯІЇЄ]\. ?[А-ЯІЇЄ]\. ?{_SLAVIC_NAME})",
    "tr": rf"((?:Dr\. )?{_TURKISH}(?: {_TURKISH})?(?: {_TURKISH})?)",
    "ar": rf"(?:(?:السيد|السيدة|الأستاذ|الأستاذة|الدكتور|الدكتورة|المهندس|المهندسة) )?({_ARABIC} {_ARABIC})",
    "hi": rf"(?:(?:श्री|श्रीमती|सुश्री) )?((?:डॉ\. )?{_HINDI}(?: {_HINDI})?)",
    "zh": rf"([{_CHINESE_SURNAMES}][{_HAN}]{{1,2}})",
    "ja": rf"([{_HAN}]{{1,4}}[ \x{{3000}}]?[{_HAN}]{{1,4}}|[{_KATAKANA}]{{2,12}})",
    "ko": rf"([{_KOREAN_SURNAMES}][가-힣]{{1,2}})",
}
_PLACE = {
    "ru": rf"({_SLAVIC_NAME}(?:-на-{_SLAVIC})?(?: {_SLAVIC_NAME})?)",
    "uk": rf"({_SLAVIC_NAME}(?: {_SLAVIC_NAME})?)",
    "tr": rf"({_TURKISH})",
    "ar": rf"({_ARABIC})",
    "hi": rf"({_HINDI}(?: {_HINDI})?)",
    "zh": r"([\x{4e00}-\x{4ecd}\x{4ecf}-\x{522f}\x{5231}-\x{7683}\x{7685}-\x{9fff}]{2,7})",
    "ja": rf"([{_HAN}{_KATAKANA}]{{2,9}})",
    "ko": r"([가-힣]{2,8})",
}
_FIRM = {
    "ru": rf"((?:ООО|АО|ПАО|ИП|ЗАО) «[^»\n]+»|«[^»\n]+»|[A-Z][A-Za-z0-9&.-]+(?: [A-Z][A-Za-z0-9&.-]+)?|{_SLAVIC_NAME})",
    "uk": rf"((?:ТОВ|АТ|ФОП|ПАТ|ПП) «[^»\n]+»|«[^»\n]+»|[A-Z][A-Za-z0-9&.-]+(?: [A-Z][A-Za-z0-9&.-]+)?|{_SLAVIC_NAME})",
    "tr": rf"({_TURKISH}(?: (?:{_TURKISH}|A\.Ş\.|Ltd\.|Şti\.))*)",
    "ar": rf"((?:شركة|مؤسسة|بنك|مستشفى|مجموعة|جامعة|مكتبة|مطعم|فندق|متجر) {_ARABIC}(?: لل{_ARABIC})?)",
    "hi": rf"((?:{_HINDI} )?(?:{_HINDI} )?(?:बैंक|कंपनी|लिमिटेड|अस्पताल|स्टोर|इंडस्ट्रीज़|इंडस्ट्रीज|ट्रेडर्स|एंटरप्राइजेज|फार्मा|टेक|सॉल्यूशंस)|[A-Z][A-Za-z0-9&.-]+(?: [A-Z][A-Za-z0-9&.-]+)?)",
    "zh": rf"([{_HAN}A-Za-z0-9]{{2,14}}(?:公司|集团|银行|医院|大学|科技|商行|工厂|酒店|物流|快递|超市|书店)|[A-Z][A-Za-z0-9]+)",
    "ja": rf"((?:株式会社|有限会社|合同会社)[{_HAN}{_KATAKANA}A-Za-z0-9]{{2,14}}|[{_HAN}{_KATAKANA}A-Za-z0-9]{{2,14}}(?:株式会社|有限会社|商事|商店|銀行|病院|大学|工業|製作所|電機|物産|運輸|急便|堂|物流|食品|建設|ホテル)|[A-Z][A-Za-z0-9]+)",
    "ko": r"((?:주식회사 )?[가-힣A-Za-z0-9]{2,12}(?:주식회사|전자|은행|병원|대학교|물산|상사|택배|산업|그룹|제약|건설|통운|마트|테크|식품|무역)|\(주\) ?[가-힣A-Za-z0-9]{2,12})",
}
_TEXT = {
    **dict.fromkeys(("ru", "uk", "tr"), r"([^\n.,;:!?()]+)"),
    "ar": r"([^\n.,;:!?()،؛؟]+)",
    "hi": r"([^\n.,;:!?()।]+)",
    **dict.fromkeys(("zh", "ja"), r"([^\n，。；：！？、,;:!?（）()]+)"),
    "ko": r"([^\n.,;:!?()]+)",
}
_NOUN = {
    **dict.fromkeys(("ru", "uk"), r"((?:[а-яёіїєґ'’]+(?:ую|юю|ый|ой|ий|ое|ее|ие|ые|у|ий) )?[а-яёіїєґ'’-]+)"),
    "tr": r"((?:[a-zçğıöşü]+ )??[a-zçğıöşü]+)",
    "ar": rf"({_ARABIC}(?: {_ARABIC})?)",
    "hi": rf"({_HINDI}(?: {_HINDI})?)",
    "zh": rf"([{_HAN}A-Za-z]{{2,10}}?)",
    "ja": rf"([{_HAN}{_KATAKANA}A-Za-z0-9]{{2,14}}?)",
    "ko": r"([가-힣A-Za-z0-9]+(?: [가-힣A-Za-z0-9]+)?)",
}
_CODE = r"((?:[A-Z]{1,6}[ -]?)?[A-Z0-9]*[0-9][A-Z0-9/-]*)"
_DIGITS = r"[-−]?[0-9]{1,3}(?:[ \x{a0}\x{202f}][0-9]{3})+(?:[.,][0-9]{1,2})?|[-−]?[0-9０-９]+(?:[.,][0-9]+)*"
_HUNDREDS = r"[0-9][0-9.,]*(?:億|亿|억)(?: ?[0-9][0-9.,]*(?:千|천|百|백)?(?:万|만)?)?|[0-9][0-9.,]*(?:千|천|百|백)?(?:万|만)(?: ?[0-9]+(?:千|천|百|백)?)?"
_TIMES: Mapping[str, int] = {
    "тыс": 10**3, "тысяч": 10**3, "тис": 10**3, "тисяч": 10**3, "млн": 10**6, "миллион": 10**6, "мільйон": 10**6, "bin": 10**3, "milyon": 10**6,
    "ألف": 10**3, "آلاف": 10**3, "مليون": 10**6, "हज़ार": 10**3, "हजार": 10**3, "लाख": 10**5, "करोड़": 10**7, "万": 10**4, "億": 10**8, "亿": 10**8, "만": 10**4, "억": 10**8,
    "千": 10**3, "천": 10**3, "百": 100, "백": 100, "млрд": 10**9, "milyar": 10**9, "مليار": 10**9,
}  # fmt: skip
_FOLLOWS = "|".join(sorted(_TIMES, key=len, reverse=True))
_UNKNOWN = (
    r"неизвестн|не определ|не знаю|не решен|невідом|не визнач|немає|^нет$|^нет |yok$|belli|belirsiz|bilinm|لا يوجد|غير|لم |ليس|नहीं|अज्ञात|待定|不明|不详|未知|未定|^无$|^没|なし|ない$|ません|없음|없|미정|모르|^-+$|^\?+$|unknown|n/a|تحديد|ещё|ще не|"
    r"\x00|[A-Za-z0-9._-]+@"
)
_NO_PLACE = r"[0-9０-９]|周|月$|日$|点$|号$|年|曜|時$|前$|午|今|明|昨|早|晚|次|回|小|一|二|三|요일|오전|오후|오늘|내일|어제|Январ|Феврал|Март|Апрел|Понедельник|Вторник|Сред|Четверг|Пятниц|Суббот|Воскресен|Pazartesi|Salı$|Çarşamba|Perşembe|Cuma|Pazar$|Ocak|Şubat|Mart$|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık|الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد|الساعة|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|صباح|مساء|कल|आज|बजे|सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि|सुबह|शाम|अब|तब|यहाँ|वहाँ|^जनवरी|फरवरी|मार्च|अप्रैल|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर"


_HEADS = {
    "hi": r"^(?:(?:को|से|में|का|की|के|और|मुझे|हमें|है|हैं|मैं|आज|एक|यह|वह|तथा|कल|अब|हम|मेरे|मेरा|मेरी|हमारे|हमारा|हमारी|तक|पर|ने|दो|तीन) )+",
    "tr": r"^(?:\S+(?:yı|yi|yu|yü|nın|nin|nun|nün|ları|leri|ımız|imiz|ınız|iniz) |(?:Merhaba|Bu|Şu|Bir|Ve|Ama|Bey|Sayın|Bugün|Yarın) )+",
    "zh": r"^(?:现在|目前|今天|昨天|但是?|而且?|我们的?|我的|这个|那个|一台|一个|公司的?|其中|因为|所以)+",
    "ja": r"^(?:本日|今日|昨日|弊社|現在|今回|中古|新品)",
    "ar": r"^(?:(?:السيد|السيدة|الدكتور|الدكتورة|المهندس|المهندسة|الأستاذ|الأستاذة) )+",
    "ko": r"^(?:(?:저희|우리|제|저는|이번|오늘|어제|내일|그|이) )+",
    "ru": r"^(?:(?:Здравствуйте|Добрый|Сегодня|Вчера|Завтра|Наш|Наша|Мой|Моя) )+",
    "uk": r"^(?:(?:Вітаю|Добрий|Сьогодні|Вчора|Завтра|Наш|Наша|Мій|Моя) )+",
}
_TAILS = {
    "hi": r"(?: (?:को|से|में|का|की|के|और|है|हैं|ने|पर|तक|जी))+$",
    "ar": r"(?: (?:في|من|على|يوم|إلى|عن|مع|منذ|بعد|قبل|هو|هي|الساعة|و\S+|ب\S+|ل\S+))+$",
}


def trimmed(text: str, language: str) -> str:
    """A text without the small words that a slot took with it."""
    kept = text
    head = pattern(_HEADS[language], ignore_case=False).search(kept)
    if head is not None:
        kept = kept[head.end() :]
    if language in _TAILS:
        kept = pattern(_TAILS[language], ignore_case=False).sub("", kept)
    return kept.strip()


def slot_of(kind: str, language: str) -> str:
    """The expression of a slot, with one group."""
    if kind == "number":
        return _number_slot(language)
    if kind == "date":
        return rf"({DAY}+)"
    if kind == "time":
        return rf"({CLOCK}+|[0-2]?[0-9][.:][0-5][0-9])"
    if kind == "code":
        return _CODE
    table = {"person": _PERSON, "place": _PLACE, "firm": _FIRM, "text": _TEXT, "noun": _NOUN}[kind]
    return table[language]


@lru_cache(maxsize=8)
def _number_slot(language: str) -> str:
    words = "|".join(sorted(_numerals(language), key=len, reverse=True))
    unit = rf"(?: ?(?:{_FOLLOWS})+)?"
    far = rf"{_HUNDREDS}|" if language in ("zh", "ja", "ko") else ""
    return rf"({far}(?:{_DIGITS}){unit}|{words})"


@lru_cache(maxsize=8)
def _numerals(language: str) -> Mapping[str, float]:
    return {
        " ".join(phrase): float(row.key)
        for row in wordings_of("amounts.tsv", language)
        if row.key[0].isdecimal()
        for phrase in row.phrases
    }


def masked(passage: Passage) -> str:
    """The text of a passage with days and times of day as signs."""
    said = list(passage.text)
    for mention in passage.named:
        sign = {"date": DAY, "datetime": DAY, "time": CLOCK}.get(mention.kind)
        if sign is not None and mention.value is not None:
            said[mention.start : mention.end] = sign * (mention.end - mention.start)
    return "".join(said)


def is_unknown(text: str) -> bool:
    """Whether a text says that there is nothing, or that nobody knows."""
    return pattern(_UNKNOWN).search(text) is not None


def is_no_place(text: str) -> bool:
    """Whether a text is a day or a time and no place."""
    return pattern(_NO_PLACE, ignore_case=False).search(text) is not None


def mention_at(passage: Passage, start: int, kinds: frozenset[str]) -> Mention | None:
    """What is named at a place of a passage."""
    return next(
        (m for m in passage.named if m.kind in kinds and m.start == start and m.value is not None), None
    )


def number_in(text: str, start: int, passage: Passage, language: str) -> float | int | None:
    """The number that a text writes: «14万5千», «1,5 тыс.», «две»."""
    said = text.strip()
    word = _numerals(language).get(said)
    if word is not None:
        return _whole(word)
    if pattern(_FOLLOWS).search(said) is not None:
        return _great(said)
    mention = mention_at(passage, start, frozenset({"money", "number", "quantity", "percentage"}))
    if mention is not None and isinstance(mention.value, int | float):
        return mention.value
    bare = said.translate(str.maketrans("０１２３４５６７８９−", "0123456789-", " \u00a0\u202f"))
    if pattern(r"-?[0-9]+").fullmatch(bare):
        return int(bare)
    if pattern(r"-?[0-9]{1,3}(?:[.,][0-9]{3})+").fullmatch(bare):
        return int(bare.replace(",", "").replace(".", ""))
    if pattern(r"-?[0-9]+[.,][0-9]{1,2}").fullmatch(bare):
        return _whole(float(bare.replace(",", ".")))
    return None


def _great(said: str) -> float | int | None:
    total = 0.0
    for match in pattern(rf"([0-9][0-9.,]*) ?((?:{_FOLLOWS})*)").finditer(said):
        figure = match[1].rstrip(".,")
        is_thousands = pattern(r"[0-9]{1,3}(?:,[0-9]{3})+").fullmatch(figure) is not None
        value = float(figure.replace(",", "") if is_thousands else figure.replace(",", "."))
        for part in pattern(_FOLLOWS).finditer(match[2]):
            value *= _TIMES[part[0]]
        total += value
    return _whole(round(total, 4)) if total else None


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value
