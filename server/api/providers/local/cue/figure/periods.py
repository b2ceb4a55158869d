"""Words for lengths of time behind «per», in each language: «pro Monat», «al mes», «per maand»."""

from collections.abc import Mapping
from functools import cache

_WORDS = {
    "hour": "hour stunde std heure ora ore hora uur timme timmen h",
    "day": "day tag jour giorno día dia dag dagen",
    "night": "night nacht nuit notte noche noite natt",
    "week": "week woche semaine settimana semana vecka veckan",
    "month": "month monat monats mois mese mes mês maand månad månaden mån",
    "year": "year annum jahr jahres an année anno año ano jaar år",
}
_ADJECTIVES = {
    "month": "monthly monatlich monatliche monatlichen mensuel mensuels mensuelle mensual mensuales mensile mensili mensal mensais maandelijks maandelijkse månatlig",
    "year": "annual yearly jährlich jährliche jährlichen annuel annuels annuelle anual anuales annuo annui annua annuale annuali anuais jaarlijks jaarlijkse bruttojahresgehalt jahresgehalt årlig",
    "week": "weekly wöchentlich hebdomadaire semanal semanales settimanale settimanali semanais wekelijks",
    "day": "daily täglich diario diarios giornaliero diário dagelijks",
    "hour": "hourly stundenlohn horaire",
    "night": "nightly",
}


@cache
def units_of_periods() -> Mapping[str, str]:
    """The length of time that a noun names."""
    return {word: unit for unit, words in _WORDS.items() for word in words.split()}


@cache
def periods_said() -> Mapping[str, str]:
    """The length of time for which an amount is that has such a word beside it: monthly, «mensuel»."""
    return {word: unit for unit, words in _ADJECTIVES.items() for word in words.split()}
