"""The evaluator beside a real Prometheus: one tick of all rules, a day of rates, and what a day of samples weighs."""

import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alerts.promql import SampleStore, range_query
from alerts.promql.labels import from_mapping
from alerts.promql.parser.syntax import selectors
from alerts.rule import parse_rules, recordings
from server.evaluator.clock import SystemClock
from server.evaluator.rule_runner import GroupRunner

RULES = Path(__file__).parents[1] / "alerts" / "rules"
RANGE_QUERY = "sum by (handler) (rate(http_requests_total[5m]))"
_BOUNDS = [
    "0.001",
    "0.0025",
    "0.005",
    "0.01",
    "0.025",
    "0.05",
    "0.1",
    "0.25",
    "0.5",
    "1",
    "2.5",
    "5",
    "10",
    "30",
    "60",
    "120",
    "+Inf",
]
_DAY_S = 86_400
_STEP_S = 15
_TICKS = 15
_PORT = 22_990

Labels = dict[str, str]
Points = list[tuple[int, float]]


def production_series() -> Iterator[Labels]:
    """Ten API processes and their like: 10,000 series, of which the rules select more than half."""
    made: list[Labels] = []
    for number in range(10):
        api = {"job": "api", "instance": f"api-{number}:8000"}
        for handler in (f"/v1/analyze/{n}" for n in range(24)):
            request = {**api, "method": "POST", "handler": handler}
            made += [
                {**request, "__name__": "http_requests_total", "status": s}
                for s in ("200", "404", "429", "500", "503")
            ]
            made += [
                {**request, "__name__": "http_request_duration_seconds_bucket", "le": b} for b in _BOUNDS
            ]
        for provider in ("openai", "anthropic", "local"):
            call = {**api, "__name__": "llm_request_duration_seconds_bucket", "provider": provider}
            made += [{**call, "le": b} for b in _BOUNDS]
        made += [
            {**api, "__name__": name}
            for name in ("up", "cache_hits_total", "cache_misses_total", "cache_entries")
        ]
        made += [
            {**api, "__name__": "auth_failures_total", "reason": r} for r in ("missing", "unknown", "expired")
        ]
    for number in range(10_000 - len(made)):
        made.append({"__name__": f"other_{number % 40}_total", "job": "other", "n": str(number)})
    yield from made


def points(labels: Labels, start_s: int, end_s: int) -> Points:
    """A counter's samples (``up`` is 1)."""
    dice, value, found = random.Random(str(labels)), 0.0, []
    for t in range(start_s, end_s + 1, _STEP_S):
        value = 1.0 if labels["__name__"] == "up" else value + dice.randrange(4)
        found.append((t * 1000, value))
    return found


def filled(series: list[Labels], start_s: int, end_s: int) -> SampleStore:
    """All of it in memory."""
    store = SampleStore()
    for labels in series:
        samples = store.series(from_mapping(labels)).samples
        for t_ms, value in points(labels, start_s, end_s):
            samples.append(t_ms, value)
    return store


def measure_tick(series: list[Labels], end_s: int) -> tuple[float, float, float]:
    """CPU ms of a tick of all rules (median and worst) and the share of the series that the rules select."""
    store = filled(series, end_s - 1_200, end_s)
    groups = [g for path in sorted(RULES.glob("*.yml")) for g in parse_rules(path.read_text(), path.name)]
    matchers = {s.matchers for group in groups for rule in group.rules for s in selectors(rule.expr)}
    selected = {one.labels for matcher in matchers for one in store.select(matcher)}
    runners = [
        GroupRunner(
            group,
            store,
            SystemClock(),
            interval_ms=15_000,
            scrape_interval_ms=15_000,
            compat=3,
            external={},
            recorded=recordings(groups),
        )
        for group in groups
    ]
    spent = []
    for tick in range(_TICKS):
        before = time.process_time()
        for runner in runners:
            runner.evaluate(end_s * 1000 + tick * 1_000)
        spent.append((time.process_time() - before) * 1000)
    return statistics.median(spent), max(spent), len(selected) / len(series)


def measure_range(end_s: int) -> tuple[float, Any, list[Labels]]:
    """CPU ms of a day of rates over 500 series, best of three, and its result."""
    series = [
        {"__name__": "http_requests_total", "handler": f"/h{n % 5}", "instance": str(n)} for n in range(500)
    ]
    store = filled(series, end_s - _DAY_S, end_s)
    spent, result = [], None
    for _ in range(3):
        before = time.process_time()
        result = range_query(store, RANGE_QUERY, (end_s - _DAY_S) * 1000, end_s * 1000, 60_000, compat=2)
        spent.append((time.process_time() - before) * 1000)
    return min(spent), result, series


def measure_memory(end_s: int) -> tuple[float, int]:
    """Growth in MB of this process by a day of 3,000 series at 15 s, and how many samples those are."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store = filled(
        [{"__name__": "http_requests_total", "n": str(n)} for n in range(3_000)], end_s - _DAY_S, end_s
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return grown, sum(len(one.samples) for one in store)


@contextmanager
def real_prometheus(series: list[Labels], start_s: int, end_s: int, *, rules: bool) -> Iterator[str]:
    """A real Prometheus over the same samples; with ``rules`` it evaluates ours."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_openmetrics(folder / "samples", series, start_s, end_s)
        blocks = [
            "promtool",
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            str(folder / "samples"),
            str(folder / "data"),
        ]
        subprocess.run(blocks, check=True, capture_output=True)
        files = [str(path) for path in sorted(RULES.glob("*.yml"))] if rules else []
        settings = {"global": {"evaluation_interval": "5s"}, "rule_files": files}
        (folder / "prometheus.yml").write_text(json.dumps(settings))
        command = [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--storage.tsdb.retention.time=10y",
            f"--web.listen-address=127.0.0.1:{_PORT}",
        ]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            next(line for line in process.stderr if "Server is ready" in line)
            yield f"http://127.0.0.1:{_PORT}"
        finally:
            process.terminate()
            process.communicate()


def _write_openmetrics(path: Path, series: list[Labels], start_s: int, end_s: int) -> None:
    families: dict[str, list[Labels]] = {}
    for labels in series:
        families.setdefault(labels["__name__"], []).append(labels)
    with path.open("w") as out:
        for name, members in families.items():
            out.write(f"# TYPE {name} unknown\n")
            for labels in members:
                pairs = ",".join(f'{k}="{v}"' for k, v in labels.items() if k != "__name__")
                out.writelines(
                    f"{name}{{{pairs}}} {v:g} {t // 1000}\n" for t, v in points(labels, start_s, end_s)
                )
        out.write("# EOF\n")


def _get(url: str, path: str, **form: str) -> Any:
    with urllib.request.urlopen(f"{url}{path}?{urllib.parse.urlencode(form)}", timeout=60) as answer:
        return json.load(answer)["data"]


def real_range(series: list[Labels], end_s: int) -> tuple[float, Any]:
    """Wall ms of the same query at a real Prometheus, best of three, and its result."""
    with real_prometheus(series, end_s - _DAY_S, end_s, rules=False) as url:
        times = {"start": str(end_s - _DAY_S), "end": str(end_s), "step": "60"}
        spent, result = [], None
        for _ in range(3):
            before = time.perf_counter()
            result = _get(url, "/api/v1/query_range", query=RANGE_QUERY, **times)
            spent.append((time.perf_counter() - before) * 1000)
        return min(spent), result


def real_tick(series: list[Labels], end_s: int) -> float:
    """Wall ms that a real Prometheus takes for all our groups, one after the other."""
    with real_prometheus(series, end_s - 1_200, end_s, rules=True) as url:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            groups = _get(url, "/api/v1/rules")["groups"]
            if all(not group["lastEvaluation"].startswith("0001") for group in groups):
                return 1000 * sum(float(group["evaluationTime"]) for group in groups)
            time.sleep(0.5)
        raise TimeoutError("Prometheus evaluated nothing")


def same_results(ours: Any, theirs: Any) -> bool:
    """Whether two matrices have the same series and, but for rounding in sums, values."""
    for mine, real in zip(ours["result"], theirs["result"], strict=True):
        for (t, value), (real_t, real_value) in zip(mine["values"], real["values"], strict=True):
            if t != real_t or abs(float(value) - float(real_value)) > 1e-9 * abs(float(real_value)):
                return False
    return True


def main() -> int:
    """Prints each figure beside its bar; 1 where a bar is missed."""
    now_s = int(time.time()) // 60 * 60
    # First, since only growth of the peak can be seen.
    grown_mb, samples = measure_memory(now_s)
    series = list(production_series())
    tick_ms, worst_ms, share = measure_tick(series, now_s)
    range_ms, result, range_series = measure_range(now_s)
    print(
        f"tick of all rules over {len(series):,} series ({share:.0%} selected): {tick_ms:.0f} ms CPU, worst {worst_ms:.0f} (bar 100)"
    )
    print(f"{RANGE_QUERY}, 500 series, 24 h by 1 m: {range_ms:.0f} ms CPU (bar 500)")
    print(
        f"3,000 series, 24 h by 15 s: {grown_mb:.0f} MB for {samples:,} samples, {grown_mb * 2**20 / samples:.1f} bytes each"
    )
    same = True
    if shutil.which("prometheus") and shutil.which("promtool"):
        theirs_ms = real_tick(series, now_s)
        print(f"the same tick by Prometheus 2.42: {theirs_ms:.0f} ms wall, ratio {tick_ms / theirs_ms:.1f}")
        theirs_ms, theirs = real_range(range_series, now_s)
        same = same_results(result, theirs)
        print(
            f"the same query by Prometheus 2.42: {theirs_ms:.0f} ms wall, ratio {range_ms / theirs_ms:.1f}; results {'equal' if same else 'DIFFER'}"
        )
    else:
        print("no prometheus and promtool here: nothing to compare with")
    return 0 if tick_ms < 100 and range_ms < 500 and share >= 0.5 and same else 1


if __name__ == "__main__":
    sys.exit(main())
