"""Questions whose answer would be a value: «is the total 40 euros?» does not say that it is."""

from server.api.providers.local.pattern import pattern

_MARK = r"[?？؟;]\W*$|吗[。.]?\s*$|(?:です|ます|でしょう|ません)か[。.]?\s*$|(?:입니까|습니까|나요|까요|인가요)[.]?\s*$"
_INVERTED = r"^\W*(?:and |so |but |then )?(?:is|are|was|were|does|did|has)\s(?:the|it|this|that|my|your|his|her|our|their|he|she|they|there|anyone|any|these|those)\s"
_ASKED_FOR = (
    r"^\W*(?:(?:hi|hello|hey|hallo|bonjour|hola|ciao|olá|dzień dobry|hej|merhaba|please|bitte|and|so|also|ok|okay)\b[\s,!]*(?:\p{Lu}\p{L}+[,!] )?)*"
    r"(?:(?:can|could|would|will|may|might) (?:you|i|we|someone|somebody)|(?:kann|könnte|darf) (?:ich|man)|können wir|könnten wir|(?:können|könnten|würden) sie|(?:kannst|könntest|würdest) du|könnt ihr|"
    r"pouvez-vous|pourriez-vous|peux-tu|pourrais-tu|puis-je|peut-on|est-ce que (?:je peux|vous pouvez|vous pourriez|tu peux)|"
    r"(?:me |nos )?(?:puede[ns]?|podría[ns]?|puedo|podemos|podrías)|(?:mi |ci )?(?:può|puoi|potrebbe|potresti|posso|possiamo|potete)|(?:você )?(?:pode|poderia|posso|podemos)|"
    r"(?:kunt|kun|zou|wilt|wil|mag|kan) (?:u|je|jij|jullie|ik)|czy (?:możesz|może|mogę|możemy|mogłabym|mogłbym|mógłbyś|mogliby|możecie)|(?:kan|kunde|skulle|får) (?:du|ni|jag|vi)|"
    r"(?:вы )?(?:можете|можешь|могу|можно|могли бы|не могли бы)|هل يمكن\p{L}*|هل تستطيع|ممكن|क्या (?:आप|मैं|हम)|"
    r"(?:do you have|have you got|is there|are there|any chance of|gibt es|haben sie|habt ihr|avez-vous|y a-t-il|hay|tienen?|c'è|avete|há|heeft u|is er|czy macie|czy jest|har ni|finns det) [^?]*"
    r"(?:room|table|flight|appointment|slot|ticket|train|zimmer|tisch|flug|termin|karten|chambre|table|vol|rendez-vous|habitación|mesa|vuelo|camera|tavolo|volo|quarto|voo|kamer|tafel|vlucht|pokój|stolik|lot|rum|bord))"
)
_ASKED_FOR_CJK = r"(?:请|請|能不能|可不可以|能否|可以.*吗|能.*吗|いただけ|くれます|もらえます|ください|できますか|주시겠|주실|줄 수|할 수|가능|bilir mi)"
_OPEN = (
    r"^\W*(?:(?:and|so|but|then|hi|hello|hey|ok|und|et|y|e|en|i|och|ve|и|at|in|on|for|from|to|by|with|um|bis|seit|zu|à|de|a|en|por|para|di|per|om|voor|za|до|с)[\s,]+){0,2}"
    r"(?:what(?:'s|’s)?|where(?:'s|’s)?|when|why|who(?:'s|’s|m|se)?|how|which|wie(?:viel| viel| viele)?|was|wo|wohin|woher|wann|warum|wieso|wer|wen|wem|welche[rsnm]?|"
    r"comment|combien|où|quand|pourquoi|qui|quel(?:le)?s?|qu'est-ce|que|cómo|cuánt[oa]s?|dónde|cuándo|por qué|quién|qué|cuál(?:es)?|come|quant[oiae]|dove|quando|perché|chi|che|quale|"
    r"como|quant[oa]s?|onde|por que|quem|qual|quais|o que|hoe(?:veel)?|wat|waar|wanneer|waarom|welke?|jak|ile|gdzie|kiedy|dlaczego|kto|co|któr\p{L}+|hur|vad|var|när|varför|vem|vilken|"
    r"ne|nerede|neden|kim|hangi|kaç|nasıl|как|сколько|где|когда|почему|кто|что|как\p{L}+|скільки|де|коли|كم|أين|متى|لماذا|من|ما|كيف|कितन\p{L}*\p{M}*|कहाँ|कब|कौन|कैसे)(?:[^\p{L}]|$)"
)
_OPEN_CJK = r"什么|什麼|哪|怎么|怎麼|为什么|谁|多少|几|何|どこ|いつ|なぜ|誰|いくら|どう|どの|무엇|무슨|어디|언제|왜|누구|얼마|어떻|몇|어느"
_SUPPOSED = (
    r"^\W*(?:and |so )?(?:what if|how about|what about|was wäre|was ist wenn|et si|y si|e se|wat als)\b"
)
_LAST = r"(?:,\s|[，،;；]|\s[-–—]\s|\bbut\s)(?:[^,，،;；]*)$"
_BEGINS = r"^(?:[,，،;；]|\s[-–—])?\s*(?:but |and |so )?(?:is|are|was|were|do|does|did|has|have|had|can|could|may|will|would|should|ist|sind|hat|haben|kann|est-ce|puis-je|puedo|posso|kan|czy|är|можно|هل|क्या)\s"
_OFFERED = (
    r"^\W*(?:(?:would|could|can|will) you (?:ever |also |still )?(?:accept|agree|take|consider|settle|be (?:happy|willing|ok|okay|fine)|say|think|believe|mind|want|prefer|like|pay)|"
    r"(?:würden|könnten) sie .*(?:akzeptieren|nehmen|zahlen)|accepteriez-vous|seriez-vous|aceptarías?|aceptaría|accetterebbe|accetteresti|aceitaria|zou(?:dt)? (?:u|je) .*(?:accepteren|nemen))\b"
)
_PERMITTED = (
    r"^\W*(?:(?:hi|hello|hey|and|so|also|or|then|ok|okay)\b[\s,!]*)*(?:(?:can|could|may|might|would) (?:i|we|one|people|guests|customers|somebody|someone|anyone|it be possible to)|is it (?:possible|ok|okay|fine|allowed|permitted|all right) (?:to|if)|am i allowed to|are we allowed to|do (?:you|they) (?:take|accept|allow|permit)|(?:would|will|can|could) (?:you|they) (?:accept|take))\b"
    r" ?(?:also |still |maybe |then |instead |just |only |alternatively |i |we )*(?:pay|paying|park|bring|use|smoke|wear|enter|keep|accept|take|apply|settle|transfer|cash|cards?|credit|debit|paypal|bank|dogs?|pets?|cats?|checks?|cheques?|visa|amex|mastercard|apple|google|invoice|instalments?|installments?)\b"
)
"""What is asked whether it may be done: nobody says that it will."""
_TAIL = r",\s[^,]{1,24}[?？]\s*$"


def asked_part(sentence: str) -> tuple[int, int] | None:
    """The part of a sentence that asks whether something is so; None where it tells, requests, or asks for what it does not name."""
    if pattern(_MARK).search(sentence) is None and pattern(_INVERTED).search(sentence) is None:
        return None
    if sentence.rstrip()[-1:] == ";":
        return None
    if pattern(_PERMITTED).search(sentence.lower()) and sentence.rstrip().endswith("?"):
        return 0, len(sentence)
    if pattern(_SUPPOSED).search(sentence) or pattern(_OFFERED).search(sentence.lower()):
        return 0, len(sentence)
    last = pattern(_LAST).search(sentence.rstrip())
    if last is not None and not _begins(sentence):
        part = last[0].lstrip(",，،;； -–—")
        if pattern(_BEGINS).search(last[0]) or _opens(part) or last[0][0] == "，":
            return None if _harmless(part) else (last.start(), len(sentence))
    if _harmless(sentence):
        tail = pattern(_TAIL).search(sentence)
        return (tail.start(), len(sentence)) if tail is not None and _opens(sentence) else None
    return 0, len(sentence)


def _begins(sentence: str) -> bool:
    return pattern(_BEGINS).search(sentence.lstrip(" ¿\"'(")) is not None


def _opens(part: str) -> bool:
    return pattern(_OPEN).search(part) is not None


def _harmless(part: str) -> bool:
    """Whether it asks for something, or for what it does not name: what it does name is so."""
    return (
        pattern(_ASKED_FOR).search(part) is not None
        or _opens(part)
        or pattern(_ASKED_FOR_CJK).search(part) is not None
        or pattern(_OPEN_CJK).search(part) is not None
    )
