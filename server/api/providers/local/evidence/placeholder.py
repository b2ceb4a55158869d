"""What stands behind a label and is no value: placeholders, «see above», «will follow»; and what hangs on a value."""

from server.api.providers.local.lexicon import company_forms, words_named
from server.api.providers.local.pattern import pattern

_BRACKETED = r"^(?:\[[^\]]*\]|<[^>]*>|\{[^}]*\}|\{\{.*\}\}|\$\{.*\}|%\p{L}+%|[_.…*x?-]{2,}[ _./?-]*|\(.*\))$"
_NONE = r"^(?:none|nothing|nil|keine?[nr]?|aucune?|ningun[oa]|nessun[oa]?|nenhum\p{L}*|geen|brak|inga?|ничего|нет)(?: \p{L}+){1,3}$"
_ELSEWHERE = (
    r"^(?:see|siehe|s\.|voir|véase|ver|vedi|zie|patrz|se|см\.?) (?:above|below|attach\p{L}*|oben|unten|anhang|ci-d\p{L}+|arriba|abajo|sopra|sotto|boven|onder|wyżej|niżej|ovan|nedan|выше|ниже|previous|other|next|page)|"
    r"^(?:same|as|wie|comme|como|come|zoals) (?:as )?(?:before|above|usual|last|previous\p{L}*|oben|zuvor|siempre|antes|prima|boven)|"
    r"^(?:will|to|wird|folgt|suit|sigue|segue|volgt) (?:follow|be|nachgereicht)\b|^(?:follows?|pending|folgt|ausstehend|later|soon|asap|tbc|tba|tbd)$|"
    r"^(?:not|un|non|nicht|no|nie|ej|inte|не) ?(?:yet )?(?:given|known|provided|available|specified|stated|disclosed|applicable|set|clear|decided|bekannt|angegeben|verfügbar|disponible|connu|fourni|conocido|noto|disponibile|"
    r"podano|znany|bekend|känd|указан\p{L}*|известн\p{L}*)\b|^your \p{L}+|^(?:insert|enter|fill in|type) |^(?:ask|whoever|whichever|whatever|ditto|idem|dunno|no idea|no clue|don['’]t know|do not know|not sure|unsure|undecided|open question|will (?:call|come|send|tell)|to be)(?: .*)?$|^(?:비밀|미정|모름|未定|待定|保密|不明|秘密)\\p{L}*$|^(?:confidential|secret|redacted|withheld|vertraulich)$"
)


def is_nothing(said: str) -> bool:
    """Whether what stands behind a label says that there is no value, or not here."""
    plain = said.strip().lower().rstrip(".!")
    return (
        plain in words_named("nothing")
        or pattern(_BRACKETED).search(said.strip().rstrip(".!")) is not None
        or pattern(_NONE).search(plain) is not None
        or pattern(_ELSEWHERE).search(plain) is not None
    )


def without_stop(said: str) -> str:
    """A value without the full stop of its sentence; legal forms and initials keep theirs."""
    last = said.rsplit(" ", 1)[-1]
    if len(said) == len("M.") and said.endswith("."):
        return said[:-1]
    ends = said.endswith(".") and "." not in last[:-1] and len(last) > 3
    return (
        said[:-1]
        if ends and last not in company_forms("behind") and last.rstrip(".") not in company_forms("behind")
        else said
    )


def without_address(said: str) -> str:
    """A name without the address in angle brackets behind it."""
    return said.split(" <")[0].strip() if ">" in said else said
