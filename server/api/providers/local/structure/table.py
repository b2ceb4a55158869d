"""Records in a prompt: rows of a table under its head, and lines that name each of their values."""

from collections.abc import Mapping, Sequence

from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.introduction import leaves_it

_MOST_ROWS = 100
_MOST_CELLS = 20
_LONGEST_HEAD = 4
"""Words of one column's name."""
_RULE = r"^[\s|:+=-]+$"
_BULLET = r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+"
_PAIR = r"^\s*[\"'`*_]{0,2}([^\s:：=,;|\"'`*_(){}\[\]-][^:：=,;|(){}\[\]\n]{0,30}?)[\"'`*_]{0,2}\s?[:=：]\s?(\S.{0,200}?)\s*$"
_SPLITTERS = (r"\|", r"\t", r"\s{2,}", r";\s*", r",\s*")
"""What parts the cells of a row: the more certain first."""


def records_in(text: str) -> list[Sequence[Mapping[str, str]]]:
    """Every group of records: the cells of each row by the heads of their columns, or the values by their keys."""
    lines = text.split("\n")
    return [*_tables(lines), *_listed(lines), *_in_one_line(lines)]


def _tables(lines: Sequence[str]) -> list[Sequence[Mapping[str, str]]]:
    found: list[Sequence[Mapping[str, str]]] = []
    at = 0
    while at < len(lines):
        rows = next((rows for splitter in _SPLITTERS if (rows := _table_at(lines, at, splitter))), None)
        if rows is not None and leaves_it(_above(lines, at)):
            found.append(rows[1])
        at = rows[0] if rows is not None else at + 1
    return found


def _table_at(lines: Sequence[str], at: int, splitter: str) -> tuple[int, Sequence[Mapping[str, str]]] | None:
    """Where a table that begins at a line ends, and its rows; None where no table begins there."""
    head = _cells(lines[at], splitter)
    if not _is_head(head):
        return None
    rows: list[Mapping[str, str]] = []
    end = at + 1
    while end < len(lines) and len(rows) < _MOST_ROWS:
        if "-" in lines[end] and pattern(_RULE).match(lines[end]):
            end += 1
            continue
        cells = _cells(lines[end], splitter)
        if len(cells) != len(head):
            break
        rows.append(dict(zip(head, cells, strict=True)))
        end += 1
    return (end, rows) if rows else None


def _above(lines: Sequence[str], at: int) -> str:
    """The line above a line, in its last sentence; beyond a blank line only one that introduces what follows."""
    above = lines[at - 1].strip() if at else ""
    if not any(map(str.isalnum, above)):
        before = lines[at - 2].strip() if at > 1 else ""
        above = before if before.endswith((":", "：")) else ""
    return pattern(r"[.!?]\s").sub("\x01", above).rpartition("\x01")[2]


def _cells(line: str, splitter: str) -> list[str]:
    inner = line.strip()
    if splitter == r"\|":
        if "|" not in inner:
            return []
        inner = inner.strip("|")
    marked = pattern(splitter).sub("\x01", inner.strip())
    return [cell.strip().strip("\"'`*").strip() for cell in marked.split("\x01")]


def _is_head(cells: Sequence[str]) -> bool:
    return 2 <= len(cells) <= _MOST_CELLS and len(set(cells)) == len(cells) and all(map(_is_name, cells))


def _is_name(cell: str) -> bool:
    return bool(cell) and cell[0].isalpha() and len(cell.split()) <= _LONGEST_HEAD and ":" not in cell


def _listed(lines: Sequence[str]) -> list[Sequence[Mapping[str, str]]]:
    """Bullets that are made of keys and values, alone or with the lines that are set in below them."""
    found: list[Sequence[Mapping[str, str]]] = []
    group: list[dict[str, str]] = []
    begin = 0
    for place, line in enumerate([*lines, ""]):
        bullet = pattern(_BULLET).match(line)
        pairs = pairs_in(line[bullet.end() :] if bullet is not None else line)
        if bullet is not None and pairs:
            begin = begin if group else place
            group.append(pairs)
        elif group and pairs and line[:1].isspace() and not set(pairs) & set(group[-1]):
            group[-1].update(pairs)
        else:
            if len(group) > 1 and leaves_it(_above(lines, begin)):
                found.append(group[:_MOST_ROWS])
            group = []
    return found


def _in_one_line(lines: Sequence[str]) -> list[Sequence[Mapping[str, str]]]:
    """Records that semicolons part: «id: 1, title: A; id: 2, title: B»."""
    found: list[Sequence[Mapping[str, str]]] = []
    for place, line in enumerate(lines):
        if line.count(";") < 1 or not leaves_it(_above(lines, place)):
            continue
        records = [pairs_in(part) for part in line.split(";") if part.strip()]
        if len(records) > 1 and all(len(record) > 1 for record in records):
            found.append(records[:_MOST_ROWS])
    return found


def pairs_in(line: str) -> dict[str, str]:
    """The keys and values of which a line is made; none where anything else stands in it."""
    found: dict[str, str] = {}
    for part in pattern(r"[,，、]\s*|\s+\|\s+").sub("\x01", line.strip().rstrip(".,;")).split("\x01"):
        pair = pattern(_PAIR).match(part)
        if pair is None or not pair[1][0].isalpha():
            return {}
        found[pair[1].strip()] = pair[2].strip().strip("\"'`").strip()
    return found
