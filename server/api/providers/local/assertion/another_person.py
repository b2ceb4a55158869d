"""Facts of somebody else: «my wife is 34» says nothing of the age that is asked for, unless that is asked for as hers."""

from collections.abc import Sequence

from server.api.providers.local.pattern import pattern

_OWN = (
    r"(?:my|his|her|their|our|your|whose|\p{L}+['’]s|mein\p{L}{0,2}|sein\p{L}{0,2}|ihr\p{L}{0,2}|unser\p{L}{0,2}|mon|ma|mes|son|sa|ses|notre|mis?|sus?|nuestr[oa]|il mio|la mia|mi[ao]|su[ao]|"
    r"me[ui]s?|minhas?|se[ui]s?|sua|mijn|zijn|haar|ons|onze|mój|moja|mojego|mojej|jego|jej|min|mitt|hans|hennes|vår|мой|моя|моего|моей|его|её|наш\p{L}?|the|an?|der|die|das|el|la|le|il|lo|o|de|मेर\p{M}|उसक\p{M})"
)
_RELATIVE = (
    r"(?:father|mother|mom|mum|dad|parents?|brother|sister|wife|husband|spouse|fiancée?|boyfriend|girlfriend|ex(?:-\p{L}+)?|friend|boss|neighbou?r|colleague|coworker|co-worker|roommate|flatmate|"
    r"uncle|aunt|cousin|nephew|niece|grand\p{L}+|predecessor|successor|competitor|vater|mutter|bruder|schwester|ehefrau|ehemann|frau|mann|freund(?:in)?|chef(?:in)?|kolleg(?:e|in)|nachbar(?:in)?|"
    r"père|mère|frère|sœur|soeur|femme|mari|ami[es]?|collègue|voisine?|patronn?e?|padre|madre|hermano|hermana|esposa|esposo|marido|amig[oa]|jefe|vecin[oa]|compañer[oa]|"
    r"fratello|sorella|moglie|marito|amic[oa]|collega|pai|mãe|irmão|irmã|chefe|vizinh[oa]|vader|moeder|broer|zus|vrouw|vriend(?:in)?|baas|buurman|"
    r"ojciec|matka|brat|siostra|żona|mąż|przyjaci\p{L}+|koleg\p{L}+|sąsiad\p{L}*|szef|pappa|mamma|bror|syster|fru|vän|kollega|granne|"
    r"отец|мать|мама|папа|брат|сестра|жена|муж|друг|подруга|коллега|сосед\p{L}*|पिता|माँ|भाई|बहन|पत्नी|पति|दोस्त)"
)
_CHILD = r"(?:my|his|her|their|our|your|mein\p{L}{0,2}|mon|ma|mi|il mio|la mia|meu|minha|mijn|mój|moja|min|мой|моя) (?:\p{L}+ )?(?:son|daughter|child|kid|baby|sohn|tochter|kind|fils|fille|enfant|hijo|hija|figlio|figlia|filho|filha|zoon|dochter|syn|córka|dotter|сын|дочь)"
_JOINED = r"(?:babam|annem|kardeşim|abim|ablam|eşim|karım|kocam|arkadaşım|oğlum|kızım|patronum|أبي|أمي|أخي|أختي|زوجتي|زوجي|صديقي|والدي|والدتي|ابني|ابنتي)"
_UNSPACED = r"(?:爸爸|妈妈|父亲|母亲|哥哥|弟弟|姐姐|妹妹|妻子|丈夫|老公|老婆|朋友|儿子|女儿|同事|父は|母は|兄は|弟は|姉は|妹は|妻は|夫は|友人|友達|息子|娘は|아버지|어머니|형은|누나|동생|아내|남편|친구|아들|딸은)"
_CLAUSE = r"[.!?;]\s|\n|[,，、]\s?|。|\s(?:and i|but i|und ich|aber ich|et je|mais je|y yo|pero|ma io|mas eu|en ik|i ja|och jag|а я|but|aber|mais|mas|maar|ale|men)\s|\x00"
_SELF = r"(?:^|[^\p{L}])(?:i|i'm|i’m|ich|je|j'ai|yo|io|eu|ik|ja|jag|ben|я|我|私|저는|أنا|मैं)(?:[^\p{L}]|$)"


def is_another_persons(text: str, place: int, words: Sequence[str]) -> bool:
    """Whether the clause at a place speaks of a relative, a friend or a colleague whom the property's name does not name."""
    head = str(pattern(_CLAUSE).sub("\x01", text[max(0, place - 80) : place].lower())).rsplit("\x01", 1)[-1]
    found = pattern(
        rf"(?:^|[^\p{{L}}])(?:{_OWN} (?:\p{{L}}+ )?({_RELATIVE})|({_CHILD})|({_JOINED}))(?:['’]s)?(?:[^\p{{L}}]|$)|({_UNSPACED})"
    ).search(head)
    if found is None:
        return False
    said = next(found[group] for group in (1, 2, 3, 4) if found[group] is not None)
    named = set(said.split()) & set(words)
    return not named and pattern(_SELF).search(head[found.end() :]) is None
