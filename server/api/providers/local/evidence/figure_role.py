"""Which part a figure plays beside a noun: how many, which one, or how many others."""

from server.api.providers.local.label import Label
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_OF_OUR = r"\b(?:of (?:our|the|all|its|my|his|her|their|these|those)|(?:unserer|aller|der|seiner|ihrer|de nos|de nuestros|dei nostri|dos nossos|van onze|naszych|av våra|наших))\b"
_WHICH = r"(?:^|[^\p{L}])(?:grade|class|level|room|chapter|year|group|type|version|model|phase|stage|line|page|section|floor|gate|platform|track|flight|bus|route|highway|lot|klasse|stufe|zimmer|kapitel|gruppe|seite|linie|gleis|classe|chambre|chapitre|groupe|page|ligne|clase|habitación|capítulo|grupo|línea|camera|capitolo|gruppo|pagina|linea|sala|kamer|hoofdstuk|groep|klasa|pokój|rozdział|grupa|rum|kapitel|grupp|класс|комната|глава|группа)\s(?:no\.? |nr\.? |#)?$"

_EACH = r"(?:^|[^\p{L}])(?:each|apiece|jeweils|jede[rsnm]?|chacune?|chaque|cada|ciascun\p{L}*|ogni|elke?|każd\p{L}+|кажд\p{L}+|кожн\p{L}+|varje|vardera|her|प्रत्येक)(?:[^\p{L}]|$)|每|各|ずつ|씩"


def has_another_unit(text: str, mention: Mention) -> bool:
    """Whether something else than money is counted: «2 credits»."""
    word = pattern(r"^\s(\p{Ll}{3,})", ignore_case=False).search(text[mention.end : mention.end + 24])
    return (
        word is not None
        and word[1] not in words_named("follows")
        and word[1] not in words_named("behind_money")
    )


def counts_things(text: str, mention: Mention) -> bool:
    """Whether a figure says of how many things: «370 seats» is no number of a flight."""
    word = pattern(r"^\s(\p{Ll}{3,}s)\b", ignore_case=False).search(text[mention.end : mention.end + 24])
    return word is not None and word[1] not in words_named("verbs_in_s")


def is_of_several(text: str, label: Label, mention: Mention) -> bool:
    """Whether a figure counts those of whom something is said («the average age of our 40 employees»), or says which («grade 8 pupils»)."""
    before = text[max(0, mention.start - 24) : mention.start].lower()
    goes_on = pattern(r"^\s\p{L}").search(text[mention.end : mention.end + 2]) is not None
    if (
        label.end <= mention.start
        and goes_on
        and pattern(_OF_OUR).search(text[label.end : mention.start].lower())
    ):
        return True
    return mention.end <= label.start and pattern(_WHICH).search(before) is not None


def is_for_each(text: str, mention: Mention) -> bool:
    """Whether a figure counts what each of several has: «two rooms with 3 beds each»."""
    head = str(pattern(r"[.!?;]\s|\n").sub("\x00", text[max(0, mention.start - 60) : mention.start].lower()))
    rest = str(pattern(r"[.!?;,]\s|\n").sub("\x00", text[mention.end : mention.end + 40].lower()))
    around = head.rpartition("\x00")[2] + " \x00 " + rest.partition("\x00")[0]
    return mention.kind == "number" and pattern(_EACH).search(around) is not None


def counts_another(text: str, asked: Property, label: Label, mention: Mention) -> bool:
    """Whether a figure behind a noun counts the noun that follows it: «the room for 4 persons» are not 4 rooms."""
    if asked.kind != "count" or mention.kind != "number" or mention.start < label.end:
        return False
    if words_named("amounts") & set(label.phrase.split()):
        return False
    word = pattern(r"^\s(\p{L}{3,})").search(text[mention.end : mention.end + 24].lower())
    return word is not None and word[1] not in words_named("follows") and word[1] not in asked.labels


def is_which(text: str, asked: Property, label: Label, mention: Mention) -> bool:
    """Whether a figure right behind a noun says which one, and not how many: «room 12», «sensors 3 and 4»."""
    counted = asked.kind == "count" or (not asked.kind and label.phrase.endswith("s"))
    return (
        counted
        and mention.kind == "number"
        and text[label.end : mention.start] in (" ", " #", " no. ")
        # Behind these a figure is how many.
        and not words_named("amounts") & set(label.phrase.split())
    )


def is_counted(text: str, label: Label) -> bool:
    """Whether a figure stands at once before a label: «25 minutes at 180 degrees» has no 180 minutes."""
    return pattern(r"\p{Nd}[ -]?$").search(text[max(0, label.start - 4) : label.start]) is not None
