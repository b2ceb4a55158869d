"""The one line of a log in a prompt: time, level, what wrote it and what it says, as most programs write them."""

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.phrase_grammar import Told

_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?"
_LEVEL = r"TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL"
_LINE = rf"^\s*\[?({_TIME})\]?,?\s+\[?({_LEVEL})\]?:?\s+(?:\[?([A-Za-z][\w.-]*)(?:\[\d+\])?\]?:\s+)?(\S.*)$"
_IN_MESSAGE = (
    (r"(?:^|\s)for user ([\w.@-]+?)(?:[\s,;]|$)", "user,user name,username,user id"),
    (r"(?:^|\s)from (\d{1,3}(?:\.\d{1,3}){3})(?:[\s,;:]|$)", "ip,ip address,client ip,source ip"),
    (r"(?:^|\s)on ([a-z][a-z0-9]*(?:-[a-z0-9]+)*-?\d+)(?:[\s,;]|$)", "host,hostname,node,server"),
)
_MEMBERS = (
    "timestamp,time stamp,datetime,date time,logged at",
    "level,log level,loglevel",
    "service,service name,component,logger,module",
    "message,msg,log message",
)


def logged_in(said: str) -> list[Told]:
    """What the only line of a log in ``said`` holds; nothing where there are several, or none."""
    lines = [line for line in said.split("\n") if pattern(_LINE, ignore_case=False).match(line) is not None]
    line = pattern(_LINE, ignore_case=False).match(lines[0]) if len(lines) == 1 else None
    if line is None or BLANK in line[0]:
        return []
    told = [_told(names, line[place]) for place, names in enumerate(_MEMBERS, 1) if line[place]]
    for form, names in _IN_MESSAGE:
        inside = list(pattern(form, ignore_case=False).finditer(line[4]))
        if len(inside) == 1:
            told.append(_told(names, inside[0][1]))
    return told


def _told(names: str, text: str) -> Told:
    return Told(frozenset(names.split(",")), Value(text))
