"""Whether a letter is somebody else's than its writer's: it says that it is written in another's name."""

from server.api.providers.local.pattern import pattern

_FOR_ANOTHER = (
    r"\b(?:im (?:namen|auftrag) (?:von|der|des|meine[rs]?|unsere[rs]?)|au nom de|pour le compte de"
    r"|en nombre de|por cuenta de|a nome (?:di|del|della)|per conto (?:di|del|della)|em nome d[eao]"
    r"|in opdracht van|w imieniu|för \p{L}+s räkning|på uppdrag av|jménem|puolesta)\b"
)


def is_for_another(text: str) -> bool:
    """Whether a text says so in a western language other than English."""
    return pattern(_FOR_ANOTHER).search(text) is not None
