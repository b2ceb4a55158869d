"""What unsettles a far cue around it: perhaps, formerly, called off, on behalf of somebody else."""

from server.api.providers.local.pattern import pattern

_BEFORE = {
    "ru": r"[Вв]озможно|[Мм]ожет быть|[Нн]аверное|[Вв]ероятно|[Сс]корее всего|[Ее]сли |[Хх]отел[аи]? бы|[Вв]место|[Пп]ланиру|[Дд]опустим|[Нн]апример",
    "uk": r"[Мм]ожливо|[Мм]абуть|[Йй]мовірно|[Нн]апевно|[Яя]кщо|[Хх]отіл[аи]? б|[Зз]амість|[Пп]лануємо|[Пп]ланую|[Пп]рипустимо|[Нн]априклад",
    "tr": r"[Bb]elki|[Mm]uhtemelen|[Gg]aliba|[Ss]anırım|[Ee]ğer|[Öö]rneğin",
    "ar": r"ربما|قد ي|قد ت|قد ن|لو |إذا|لعل|محتمل|مثلا",
    "hi": r"शायद|अगर|यदि|संभवत|मान लीजिए|उदाहरण",
    "zh": r"可能|也许|或许|大概|如果|假如|要是|听说|据说|比如|例如",
    "ja": r"たぶん|おそらく|もし|仮に|例えば",
    "ko": r"아마|만약|혹시|예를 들어",
}
_KIN = {
    "ru": r"[Бб]рат|[Сс]естр|[Мм]ам[аыеу]|[Оо]тец|[Оо]тц|[Дд]руг[аеу]? |[Пп]одруг|[Сс]осед|[Кк]оллег|[Мм]уж |[Жж]ен[аыеу] ",
    "uk": r"[Бб]рат|[Сс]естр|[Мм]ам[аиіу]|[Бб]атьк|[Дд]руг |[Пп]одруг|[Сс]усід|[Кк]олег|[Чч]оловік|[Дд]ружин",
    "tr": r"[Kk]ardeş|[Aa]bim|[Aa]blam|[Aa]nnem|[Bb]abam|[Aa]rkadaşım|[Kk]omşu|[Ee]şim",
    "ar": r"أخي|أختي|أمي|أبي|صديقي|صديقتي|جاري|زميلي|زوجي|زوجتي",
    "hi": r"भाई|बहन|माँ|पिता|दोस्त|पड़ोसी|सहकर्मी|पति |पत्नी",
    "zh": r"哥哥|弟弟|姐姐|妹妹|妈妈|爸爸|朋友|邻居|同事|老公|老婆|丈夫|妻子",
    "ja": r"兄|弟|姉|妹|母|父|友人|友達|隣|同僚|夫|妻",
    "ko": r"오빠|누나|언니|동생|엄마|아빠|친구|이웃|동료|남편|아내",
}
_CLAUSE = r"[^,.;،。，、]*$"
_AFTER = {
    "ru": r"^[^.,;]*(?:отмен[её]н|отменил|обсужда|не подтвержд|под вопросом|не нужн|не подходит|бы )|^[^.,;]*(?:^|\s)раньше",
    "uk": r"^[^.,;]*(?:скасован|скасували|обговорю|не підтвердж|під питанням|не потріб|не підходить)",
    "tr": r"^[^.;]*(?:olabilir|değil|iptal|m[ıiuü]yor|mayaca|meyece|madı|medi|yerine|belki|sanırım)",
    "ar": r"^[^.،؛]*(?:ألغي|ألغيت|لم يتأكد|قد |ربما)",
    "hi": r"^[^।,]*(?:नहीं|शायद|हो सकत|रद्द|की जगह|के बजाय|के बदले)",
    "zh": r"^[^。，；]*(?:还没|尚未|可能|取消|不确定|待定|未定)|^(?:吗|呢|吧)",
    "ja": r"^[^。]*(?:かもしれ|でしょうか|ではなく|ではあり|じゃな|だったら|予定でした|キャンセル|未定|検討|代わり|ません|なかった)",
    "ko": r"^[^.]*(?:수도 있|지도 모|것 같|아니라|아니고|아닙|지 않|대신|취소|미정|었으면|면 좋)",
}
_BEHALF = r"по поручению|от имени|за дорученням|від імені|по доверенности|vekaleten|adına yaz|نيابة|بالنيابة|की ओर से|की तरफ से|代表|代为|代我|代他|代她|替我|替他|代理|代わりに|代筆|대신하여|대신해서|대리인으로|위임"
_JOINED = r"^\s*(?:(?:и|та|й|і|ve|ile|также) [А-ЯЁІЇЄA-ZÇĞİÖŞÜ]|(?:و|और|एवं) ?[\x{0621}-\x{0652}\x{0900}-\x{0963}]|[和与跟及、とや와과][\x{4e00}-\x{9fff}가-힣])"


def is_unsettled(before: str, match: str, after: str, language: str) -> bool:
    """Whether words before or behind a match in its sentence make it less than so; a match may hold them itself."""
    if pattern(_BEFORE[language], ignore_case=False).search(before) is not None:
        return True
    if pattern(rf"(?:{_KIN[language]}){_CLAUSE}", ignore_case=False).search(f"{before} ") is not None:
        return True
    return pattern(_AFTER[language], ignore_case=False).search(after) is not None and (
        pattern(_AFTER[language], ignore_case=False).search(match) is None
    )


def is_for_another(text: str) -> bool:
    """Whether a prompt says that somebody acts for somebody else."""
    return pattern(_BEHALF).search(text) is not None


def is_joined(after: str) -> bool:
    """Whether a second name follows with «and»."""
    return pattern(_JOINED, ignore_case=False).search(after) is not None
