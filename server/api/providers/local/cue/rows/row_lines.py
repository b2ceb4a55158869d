"""Objects that a prompt tells line by line: items of a receipt, ingredients, what each person is to do, places of a CV."""

from itertools import groupby
from typing import Any

from server.api.providers.local.calendar import dates_in
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.rows.row_clauses import Roles, object_of, roles_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.node import Node
from server.api.providers.local.numeral import value_of
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.rows import row_of

_LEAST = 2
_SUMS = frozenset(
    "total subtotal sub tax vat tip change cash card balance paid sum due amount discount net gross mwst summe tva iva btw rounding visa mastercard service deposit payment invoice date".split()  # noqa: SIM905  # one list, one line
)
_PRICED = r"^\s*(?:(\d{1,3})\s?[x×]\s?)?(\p{L}[^\n]*?)\s{2,}(?:[$€£]\s?)?(\d+[.,]\d\d)(?:\s?[€$£])?\s*$"
_PERSON_LINE = r"^\s*[-*•]?\s*(\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)?)\s?(?::|-|–)\s+(\p{L}[^\n]+)$"
_PLACE_LINE = r"^\s*[-*•]?\s*(\p{Lu}[^\n,(]*?)(?:\s(?:-|–|—|\||at)\s|,\s)(\p{Lu}[^\n,(]*?)\s?[,(]\s?((?:19|20)\d\d)\s?(?:-|–|to)\s?((?:19|20)\d\d|present|today|now)\)?\s*$"
_COMPANIES = frozenset(
    {"company", "employer", "organization", "organisation", "employer_name", "company_name"}
)
_POSITIONS = frozenset({"title", "position", "role", "job_title", "job"})
_STARTS = frozenset({"start_year", "from", "start", "from_year", "year_from", "started"})
_ENDS = frozenset({"end_year", "to", "end", "to_year", "year_to", "until", "ended"})
_GROUPS = frozenset(
    "attendees attendee participants participant present absent absentees apologies excused guests team members cc bcc to from subject date time agenda topics topic decisions decision notes note "  # noqa: SIM905  # one list, one line
    "minutes location place venue room deadline due action actions items todo todos tasks task next steps summary goal goals project status priority owner chair organizer host meeting everyone all nobody "
    "background context discussion issues issue risks risk questions question budget invited distribution regards update updates outcome outcomes follow followup open done blocked".split()
)
"""Words of labels that name groups and parts of minutes, and nobody."""
_DUES = frozenset({"due", "deadline", "date", "by", "until", "when", "target"})
_BEFORE_DAY = r"[\s,(–-]+(?:(?:due|by|until|till|before|on|no later than|deadline:?)\s)*(?:the )?$"


def rows_in_lines(items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of lines one below the other that are built alike; none unless all of them are understood."""
    lines = passage.text.split("\n")
    if len(lines) < _LEAST:
        return []
    roles = roles_of(items)
    for read in (_priced, _measured, _personal, _placed):
        rows = [read(line, roles, items, passage) for line in lines]
        blocks = [list(block) for told, block in groupby(rows, key=bool) if told]
        whole = [block for block in blocks if len(block) >= _LEAST]
        if len(whole) == 1 == len(blocks):
            objects = [object_of(row, items, root) for row in whole[0] if row]
            return [one for one in objects if one is not None] if None not in objects else []
    return []


def _priced(line: str, roles: Roles, items: Node, passage: Passage) -> dict[str, Any] | None:
    found = pattern(_PRICED).match(line)
    if found is None or not roles.thing or not roles.price or roles.others:
        return None
    if set(words_of(found[2])[:1]) & _SUMS:
        return None
    price = value_of(found[3], passage.separators)
    if found[1] and int(found[1]) > 1 and "total" not in roles.price:
        return None
    row: dict[str, Any] = {roles.thing: found[2].strip(), roles.price: price}
    if roles.quantity:
        row[roles.quantity] = int(found[1]) if found[1] else None
    return {name: value for name, value in row.items() if value is not None}


def _measured(line: str, roles: Roles, items: Node, passage: Passage) -> dict[str, Any] | None:
    text = line.strip(" -*•\t")
    row = row_of(text) if text[:1].isdecimal() else None
    units = [name for name in items.properties if name.lower() in ("unit", "units", "uom", "measure")]
    if row is None or row.rest or not roles.thing or not roles.quantity or row.quantity is None:
        return None
    found: dict[str, Any] = {roles.thing: row.name, roles.quantity: row.quantity}
    if units and row.unit:
        found[units[0]] = row.unit
    elif row.unit:
        return None
    return found


def _personal(line: str, roles: Roles, items: Node, passage: Passage) -> dict[str, Any] | None:
    found = pattern(_PERSON_LINE, ignore_case=False).match(line)
    if found is None or not roles.owner or not roles.task or roles.others:
        return None
    if not _GROUPS.isdisjoint(words_of(found[1])):
        return None
    task = found[2].strip().rstrip(".")
    row: dict[str, Any] = {roles.owner: found[1], roles.task: task}
    dues = [name for name in items.properties if not _DUES.isdisjoint(words_of(name))]
    days = [day for day in dates_in(task) if day.value is not None] if len(dues) == 1 else []
    if days:
        head = pattern(_BEFORE_DAY).search(task[: days[-1].start])
        if len(days) > 1 or head is None or task[days[-1].end :].strip(" .)"):
            return None
        row = {**row, roles.task: task[: head.start()].strip(), dues[0]: Value(days[-1].value, days[-1])}
    return row


def _placed(line: str, roles: Roles, items: Node, passage: Passage) -> dict[str, Any] | None:
    found = pattern(_PLACE_LINE, ignore_case=False).match(line)
    members = {
        role: next((name for name in items.properties if "_".join(words_of(name)) in names), "")
        for role, names in (
            ("company", _COMPANIES),
            ("title", _POSITIONS),
            ("start", _STARTS),
            ("end", _ENDS),
        )
    }
    if found is None or not all(members.values()):
        return None
    first_is_title = any(word in _JOBS for word in words_of(found[1])) and not any(
        word in _JOBS for word in words_of(found[2])
    )
    second_is_title = any(word in _JOBS for word in words_of(found[2]))
    if not first_is_title and not second_is_title:
        return None
    company, title = (found[2], found[1]) if first_is_title else (found[1], found[2])
    row: dict[str, Any] = {
        members["company"]: company.strip(),
        members["title"]: title.strip(),
        members["start"]: int(found[3]),
    }
    if found[4].isdecimal():
        row[members["end"]] = int(found[4])
    return row


_JOBS = frozenset(
    "engineer developer manager analyst designer consultant director assistant lead intern accountant teacher nurse scientist architect specialist coordinator administrator officer editor writer "  # noqa: SIM905  # as above
    "researcher technician operator salesperson representative head chief founder president associate trainee clerk chef cook waiter driver mechanic electrician lawyer paralegal recruiter programmer tester".split()
)
