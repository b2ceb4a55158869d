"""Wordings in further languages with which a prompt says that there is a thing, or that something is so: «mit Balkon», «sans ascenseur», «is betaald»."""

from collections.abc import Iterator

from server.api.providers.local.cue.cue_row import lines_of

_WITH = "mit|avec|con|com|met|med|inkl|inklusive|inclusief|inklusiv"
_WITHOUT = "ohne|sans|sin|senza|sem|zonder|utan"
_ANY = "einem|einer|eigenem|eigener|großem|großer|kleinem|privatem|une|un|una|grand|grande|petit|um|uma|een|eigen|ruim|en|ett|stor|egen|el|la|le|l'"
_NONE = "kein|keine|keinen|keinem|keiner|geen|inget|ingen|inga|nessun|nessuna|ningún|nenhum|nenhuma"
_THERE = "hay|há|c'è|tiene|dispone|dispose|possède|offre|ha|tem|heeft|har|hat|bietet|besitzt|finns|gibt"
_AND = "und|et|y|e|ed|en|och|,|sowie"
_COPULAS = "ist|sind|wurde|wurden|war|est|sont|été|está|están|es|sido|fue|fueron|è|sono|stato|stata|stati|foi|é|são|estão|foram|is|zijn|werd|werden|are|är|har|blivit|blev|som"
_ADVERBS = "bereits|schon|déjà|bien|ya|già|já|al|reeds|redan|sehr|très|muy|molto|muito|zeer|erg|mycket|auch|komplett|vollständig|entièrement|totalmente|completamente|volledig|helt"
_NOT = "nicht|pas|no|non|não|niet|inte|nog|noch|encore|aún|ancora|ainda|todavía"
_DENYING = "nicht|pas|no|non|não|niet|inte"
_INCLUDED = "inklusive|inbegriffen|enthalten|inclus|incluse|compris|comprise|incluido|incluida|incluso|inclusa|compreso|compresa|incluído|incluída|inbegrepen|inclusief|ingår|inkluderat|inkluderad|vorhanden|disponible"

Wording = tuple[str, bool, tuple[str, ...]]
"""A name, yes or no, and the words."""


def further_wordings() -> Iterator[Wording]:
    """What is said of things and states, for each name that asks for it."""
    for line in lines_of("things"):
        names, nouns = line.split("\t")
        for said, words in _of_thing([_parts(noun) for noun in nouns.split()]):
            yield from ((name.strip(), said, words) for name in names.split(","))
    for line in lines_of("states"):
        names, nouns, states = line.split("\t")
        things = [_parts(noun) for noun in nouns.split()] if nouns != "-" else []
        for said, words in _of_state(things, "|".join(states.split())):
            yield from ((name.strip(), said, words) for name in names.split(","))


def _parts(noun: str) -> tuple[str, ...]:
    parts = tuple(noun.split("_"))
    return (f"{parts[0]}|l'{parts[0]}|d'{parts[0]}", *parts[1:])


def _of_thing(nouns: list[tuple[str, ...]]) -> Iterator[tuple[bool, tuple[str, ...]]]:
    singles = "|".join(noun[0] for noun in nouns if len(noun) == 1)
    for noun in (*([(singles,)] if singles else []), *(noun for noun in nouns if len(noun) > 1)):
        yield True, (_WITH, f"{_ANY}?", f"{_ANY}?", *noun, "!-")
        yield True, (_WITH, f"{_ANY}?", "*", _AND, f"{_ANY}?", *noun, "!-")
        yield True, (f"~{_NOT}", _THERE, f"{_ANY}?", f"{_ANY}?", *noun, "!-")
        yield True, (*noun, f"~{_NOT}", f"{_COPULAS}?", _INCLUDED)
        yield False, (f"{_WITHOUT}|{_NONE}", *noun, "!-")
        yield False, ("pas|plus", "de|d'?", *noun, "!-")
        yield False, ("no|não|non", "tiene|tem|ha|hay|há|c'è|dispone|cuenta", "de|di|con?", *noun, "!-")
        yield False, (*noun, f"{_COPULAS}?", _DENYING, f"{_COPULAS}?", _INCLUDED)


def _of_state(nouns: list[tuple[str, ...]], states: str) -> Iterator[tuple[bool, tuple[str, ...]]]:
    for noun in nouns:
        yield True, (*noun, f"{_COPULAS}?", f"{_ADVERBS}?", states)
        yield (
            True,
            ("~no|não|non|nicht", "se|si|são", "admiten|aceptan|permiten|accettano|ammettono|aceitam", *noun),
        )
        yield False, (*noun, "ne|n'est|non|no|não?", f"{_COPULAS}?", _NOT, "se?", f"{_COPULAS}?", states)
        yield (
            False,
            (
                "no|non|não",
                "se|si",
                "admiten|aceptan|permiten|accettano|ammettono|aceitam|aceita|admite",
                *noun,
            ),
        )
        yield False, ("^", _NONE, *noun)
        yield False, ("^", "pas|no|non", "de|d'?", *noun)
        yield (
            False,
            (
                *noun,
                f"{_COPULAS}?",
                "verboten|interdits|interdit|prohibidas|prohibido|vietati|vietato|proibidos|proibido|verboden|förbjudna|förbjudet",
            ),
        )
    if not nouns:
        yield True, (f"~{_NOT}", _COPULAS, f"{_ADVERBS}?", states)
        yield (
            False,
            (_DENYING, f"{_COPULAS}|encore|noch|aún|ancora|ainda?", f"{_ADVERBS}|{_COPULAS}?", states),
        )
        yield False, (_COPULAS, "nog|noch|ännu|todavía|ancora?", _DENYING, f"{_ADVERBS}?", states)
        yield True, ("^", states, ",|.|;|)")
