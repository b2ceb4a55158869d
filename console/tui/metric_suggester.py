"""What is typed of a query, completed: the name of a metric at its end."""

import re
from collections.abc import Sequence

from textual.suggester import Suggester

_NAME_AT_END = re.compile(r"(?<![\w:.\"'`])[A-Za-z_:][\w:]*\Z")
_INSIDE = re.compile(r"[{\[](?:[^}\]\"]|\"[^\"]*\")*\"?[^}\]]*\Z")
"""Labels or a range that are not closed yet: no metric begins there."""


class MetricSuggester(Suggester):
    """Offers the first metric, in the order of the alphabet, that begins like the last word of a query."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(case_sensitive=True)
        self._names = sorted(names)

    async def get_suggestion(self, value: str) -> str | None:
        begun = _NAME_AT_END.search(value)
        if begun is None or _INSIDE.search(value):
            return None
        word = begun.group()
        name = next((name for name in self._names if name.startswith(word) and name != word), None)
        return None if name is None else value[: begun.start()] + name
