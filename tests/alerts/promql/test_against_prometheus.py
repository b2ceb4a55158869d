"""Facts about agreement: on the same samples a real Prometheus gives the same results, errors included."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.promql import PromQLError, SampleStore, instant_query, range_query
from conftest import Peer
from tests.alerts.promql.peer_expressions import Expressions
from tests.alerts.promql.peer_oddities import ODDITIES
from tests.alerts.promql.peer_prometheus import Asked, RealPrometheus, running
from tests.alerts.promql.peer_samples import END_MS, START_MS, store

pytestmark = [pytest.mark.peer, pytest.mark.xdist_group("prometheus")]

_SAMPLE_TIMES = (START_MS + 3_000_000, START_MS + 4_512_345, END_MS, END_MS + 200_000)


@pytest.fixture(scope="module")
def real(peer: Peer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPrometheus]:
    prometheus, promtool = peer.find("prometheus"), peer.find("promtool")
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with running(prometheus, promtool, folder) as server:
        yield server


@pytest.fixture(scope="module")
def samples() -> SampleStore:
    return store()


def _differs(ours: Any, theirs: Any) -> str | None:
    """What is different, None where nothing is; numbers may differ by rounding in sums."""
    if ours["resultType"] != theirs["resultType"]:
        return f"type {ours['resultType']} instead of {theirs['resultType']}"
    if ours["resultType"] == "string":
        return None if ours["result"] == theirs["result"] else "another string"
    if ours["resultType"] == "scalar":
        return None if _same_points([ours["result"]], [theirs["result"]]) else "another scalar"
    mine, real = _by_labels(ours), _by_labels(theirs)
    if mine.keys() != real.keys():
        return f"series {sorted(mine.keys() ^ real.keys())[:3]}"
    wrong = [labels for labels in mine if not _same_points(mine[labels], real[labels])]
    return f"{wrong[0]}: {mine[wrong[0]][:4]} instead of {real[wrong[0]][:4]}" if wrong else None


def _by_labels(data: Any) -> dict[tuple[tuple[str, str], ...], Any]:
    return {
        tuple(sorted(row["metric"].items())): row.get("values") or [row["value"]] for row in data["result"]
    }


def _same_points(mine: Any, real: Any) -> bool:
    if [point[0] for point in mine] != [point[0] for point in real]:
        return False
    return all(_close(float(a[1]), float(b[1])) for a, b in zip(mine, real, strict=True))


def _close(a: float, b: float) -> bool:
    return (a != a and b != b) or a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def _outcome(ask: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return ask(*arguments, **options)
    except (PromQLError, Asked) as error:
        return error


def _compare(expr: str, ours: Any, theirs: Any) -> str | None:
    if isinstance(ours, Exception) or isinstance(theirs, Exception):
        both = isinstance(ours, Exception) and isinstance(theirs, Exception)
        return None if both else f"{expr}\n    ours: {ours!r:.300}\n    real: {theirs!r:.300}"
    found = _differs(ours, theirs)
    return f"{expr}\n    {found}" if found else None


def test_four_hundred_generated_instant_queries_agree(real: RealPrometheus, samples: SampleStore) -> None:
    source = Expressions(seed=4)
    faults, filled = [], 0
    for number in range(400):
        expr, at_ms = source.vector(), _SAMPLE_TIMES[number % len(_SAMPLE_TIMES)]
        ours = _outcome(instant_query, samples, expr, at_ms, compat=2)
        theirs = _outcome(real.instant, expr, at_ms)
        filled += not isinstance(theirs, Exception) and bool(theirs["result"])
        faults.append(_compare(expr, ours, theirs))
    assert [fault for fault in faults if fault] == []
    assert filled > 250


def test_two_hundred_generated_range_queries_agree(real: RealPrometheus, samples: SampleStore) -> None:
    # Which of several equals topk takes is left open where there is more than one step.
    source = Expressions(seed=5, ranked=False)
    faults, filled = [], 0
    times = (START_MS + 600_000, START_MS + 4_200_000, 130_000)
    for _ in range(200):
        expr = source.vector()
        ours = _outcome(range_query, samples, expr, *times, compat=2)
        theirs = _outcome(real.range, expr, *times)
        filled += not isinstance(theirs, Exception) and bool(theirs["result"])
        faults.append(_compare(expr, ours, theirs))
    assert [fault for fault in faults if fault] == []
    assert filled > 125


def test_expressions_at_the_edges_agree(real: RealPrometheus, samples: SampleStore) -> None:
    at_ms = START_MS + 3_000_000
    faults = []
    for expr in ODDITIES:
        ours = _outcome(instant_query, samples, expr, at_ms, compat=2)
        faults.append(_compare(expr, ours, _outcome(real.instant, expr, at_ms)))
    assert [fault for fault in faults if fault] == []
