"""What the link brings, taken in slices between two paints; and what follows once all of it is there."""

import gc
import time
from collections.abc import Callable

from console.model.situation import Situation
from console.ops_api.feed import Feed

_SLICE_S = 0.008
_LOADING_SLICE_S = 0.05
"""While a snapshot is read: nobody works with half a board, so it is there sooner and keys wait a little longer."""
_TEXTS_AT_ONCE = 1_000


class Intake:
    """Drains the feed into the situation."""

    def __init__(self, situation: Situation, feed: Feed) -> None:
        self._situation, self._feed = situation, feed
        self._known_criticals: set[str] | None = None
        self._is_frozen = False

    @property
    def is_behind(self) -> bool:
        """Whether there is more to take."""
        return bool(self._feed.items)

    @property
    def refused(self) -> str:
        """Why the daemon lets us not in; empty where it does."""
        return self._feed.refused

    def start(self) -> None:
        """Begin to listen."""
        self._feed.start()

    def drain(self, after_each: Callable[[], None]) -> bool:
        """Take what fits into a slice; whether incidents or executions changed."""
        is_loading, changed = self._situation.is_loading, False
        deadline = time.perf_counter() + (_LOADING_SLICE_S if is_loading else _SLICE_S)
        items = self._feed.items
        while items and time.perf_counter() < deadline:
            changed = self._situation.take(items.popleft()) or changed
            after_each()
        return changed

    def settle(self) -> None:
        """Prepare the first filter in pieces; once all is loaded the collector need not walk over it again and again."""
        if self._feed.items or self._situation.is_loading:
            return
        if self._situation.board.alerts.read_texts(_TEXTS_AT_ONCE):
            return
        if self._situation.meta is not None and not self._is_frozen:
            self._is_frozen = True
            gc.collect()
            gc.freeze()

    def has_new_critical(self) -> bool:
        """Whether a critical fires that was not there at the last look, nor in the first snapshot."""
        criticals, known = self._situation.board.alerts.firing_criticals, self._known_criticals
        is_new = known is not None and not criticals <= known
        if self._situation.meta is not None and not self._situation.is_loading and criticals != known:
            self._known_criticals = set(criticals)
        return is_new
