"""Facts about the link's state."""

import pytest

from console.ops_api.link import link_view, wait_before


@pytest.mark.parametrize(
    ("heard", "silence", "connected", "attempt", "expected"),
    [
        (False, 0.0, False, 0, "connecting"),
        (False, 3.0, False, 3, "reconnecting"),
        (False, 90.0, False, 9, "offline"),
        (True, 0.3, True, 0, "live"),
        (True, 5.0, True, 0, "stale"),
        (True, 10.0, True, 0, "reconnecting"),
        (True, 2.0, False, 1, "reconnecting"),
        (True, 61.0, False, 9, "offline"),
    ],
)
def test_the_state_follows_the_silence(
    heard: bool, silence: float, connected: bool, attempt: int, expected: str
) -> None:
    view = link_view(
        ever_heard=heard,
        silence_s=silence,
        connected=connected,
        attempt=attempt,
        retry_in_s=2.0,
        why="refused",
    )
    assert view.state == expected


def test_the_header_says_how_many_attempts_and_when_the_next() -> None:
    view = link_view(ever_heard=True, silence_s=12, connected=False, attempt=3, retry_in_s=2.0, why="refused")
    assert view.words() == "reconnecting (3, in 2s)"


def test_waits_grow_to_ten_seconds() -> None:
    waits = [wait_before(attempt) for attempt in range(12)]
    assert waits == sorted(waits)
    assert waits[0] < 0.5
    assert waits[-1] == 10.0
