"""The two days between which somebody stays, where a text names two and joins them: «de 10 de agosto a 14 de agosto»."""

from collections.abc import Sequence

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_FIRST = frozenset(
    {("check", "in"), ("check", "in", "date"), ("checkin",), ("checkin", "date"), ("arrival", "date")}
)
_LAST = frozenset(
    {("check", "out"), ("check", "out", "date"), ("checkout",), ("checkout", "date"), ("departure", "date")}
)
_FROM = r"(?:^|[^\p{L}])(?:vom|von|du|de|del|desde el|desde|dal|do dia|van|od|z|с|від|з|fra|från|den)\s(?:den |le |dia )?$"
_TO = r"^,?\s(?:bis zum|bis|au|jusqu['’]au|al|hasta el|a|até|à|tot|tot en met|t/m|do|по|до|till|til|do dnia)\s(?:den |le |dia |o dia )?$"
_STAYS = r"(?:zimmer|hotel|übernacht|buch|reserv|chambre|séjour|habitaci|estancia|camera|soggiorno|quarto|estadia|kamer|verblijf|boek|pokój|pokoju|nocleg|pobyt|номер|гостиниц|отел|бронир|заброн|готел|pokoj|rum\s|værelse|rom\s|boka|book|bestil)"

_NO_STAY = r"geschlossen|fechad|cerrad|fermé|chius|gesloten|zamknięt|закрыт|зачинен|zavřen|stängt|lukket|stengt|rabatt|descuent|sconto|desconto|korting|gilt|gültig|valable|válid|valid[oa]|ausgebucht|lleno|complet[oa]?(?:$|[^\p{L}])|storn|cancel|annul|anul"
"""What tells that the days are those of something else."""


def end_of_stay(text: str, asked: Property, named: Sequence[Mention]) -> str | None:
    """The first or last day of the only stay of a text; None where it tells of none, or of more days."""
    days = [mention for mention in named if mention.kind == "date"]
    if asked.words not in _FIRST | _LAST or len(days) != 2:
        return None
    first, last = days
    joined = pattern(_TO).search(text[first.end : last.start].lower())
    led = pattern(_FROM).search(text[max(0, first.start - 16) : first.start].lower())
    if (
        not joined
        or not led
        or not pattern(_STAYS).search(text.lower())
        or pattern(_NO_STAY).search(text.lower())
    ):
        return None
    value = (first if asked.words in _FIRST else last).value
    return value if isinstance(value, str) else None
