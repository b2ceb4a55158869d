"""Whether the screen is true: the state of the link to the ops daemon, from times alone."""

from typing import Literal

import msgspec

STALE_AFTER_S = 5.0
RECONNECT_AFTER_S = 10.0
OFFLINE_AFTER_S = 60.0
LONGEST_WAIT_S = 10.0

LinkState = Literal["connecting", "live", "stale", "reconnecting", "offline"]


class LinkView(msgspec.Struct, frozen=True):
    """The link as the header shows it."""

    state: LinkState
    silence_s: float
    """Since the server was last heard."""
    attempt: int = 0
    retry_in_s: float = 0.0
    why: str = ""

    def words(self) -> str:
        """In a few words: ``live 0.3s``, ``stale 7s``, ``reconnecting (3, in 2s)``."""
        if self.state == "live":
            return f"live {self.silence_s:.1f}s"
        if self.state == "stale":
            return f"stale {self.silence_s:.0f}s"
        if self.state == "connecting":
            return "connecting"
        retry = f"{self.attempt}, in {self.retry_in_s:.0f}s" if self.retry_in_s >= 0.5 else f"{self.attempt}"
        return f"{self.state} ({retry})"


def link_view(
    *, ever_heard: bool, silence_s: float, connected: bool, attempt: int, retry_in_s: float, why: str
) -> LinkView:
    """The link's state by how long the server has been silent and whether a connection stands."""
    if not ever_heard:
        state: LinkState = "connecting" if attempt <= 1 else "offline" if attempt > 5 else "reconnecting"
    elif connected and silence_s < STALE_AFTER_S:
        state = "live"
    elif connected and silence_s < RECONNECT_AFTER_S:
        state = "stale"
    else:
        state = "offline" if silence_s >= OFFLINE_AFTER_S else "reconnecting"
    return LinkView(state, silence_s, attempt, max(0.0, retry_in_s), why)


def wait_before(attempt: int) -> float:
    """Seconds to wait before the next attempt: short at first, never longer than ten."""
    return float(min(LONGEST_WAIT_S, 0.25 * 2 ** min(attempt, 8)))
