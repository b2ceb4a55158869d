"""Facts about the answers that one process holds: the latest, bounded in number and in bytes."""

from hypothesis import given
from hypothesis import strategies as st

from server.api.analyze.cache import CachedAnswer
from server.api.analyze.local_answers import LocalAnswers

_KEYS = st.integers(0, 8)


def _answer(data: bytes) -> CachedAnswer:
    return CachedAnswer(
        data=data, provider="local", model="rules", tokens=1, validated=True, words={}, warnings=(),
        stored_at=0.0, ttl=60.0,
    )  # fmt: skip


@given(st.lists(st.tuples(_KEYS, st.integers(0, 3_000))), st.integers(0, 5), st.integers(0, 9_000))
def test_the_latest_stay_as_far_as_number_and_bytes_allow(
    kept: list[tuple[int, int]], entries: int, most_bytes: int
) -> None:
    held = LocalAnswers(entries, most_bytes)
    latest: dict[int, int] = {}
    for key, size in kept:
        held.keep(key, _answer(bytes(size)))  # type: ignore[arg-type]  # any key will do
        latest.pop(key, None)
        latest[key] = size
        while len(latest) > entries or sum(size + 700 for size in latest.values()) > most_bytes:
            del latest[next(iter(latest))]
        assert len(held) == len(latest)
        for one in range(9):
            found = held.get(one)  # type: ignore[call-overload]  # as above
            assert (len(found.data) if found else None) == latest.get(one)


def test_what_is_forgotten_makes_room_again() -> None:
    held = LocalAnswers(10, 2_000)
    held.keep(1, _answer(bytes(1_000)))  # type: ignore[arg-type]  # any key will do
    held.clear()
    held.keep(2, _answer(bytes(1_200)))  # type: ignore[arg-type]  # as above
    assert len(held) == 1
