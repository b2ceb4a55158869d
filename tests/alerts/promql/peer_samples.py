"""A day's worth of awkward series, for this evaluator and for a real Prometheus alike."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, nan

from alerts.promql import SampleStore

START_MS = 1_700_006_400_000
"""A full two hours, so that all samples fall into one block."""
STEP_MS = 15_000
COUNT = 400
END_MS = START_MS + (COUNT - 1) * STEP_MS


@dataclass(frozen=True)
class Line:
    """One series and its samples."""

    name: str
    labels: dict[str, str]
    samples: list[tuple[int, float]]


def lines() -> list[Line]:
    """The same series every time."""
    return [*_counters(), *_gauges(), *_buckets(), *_odd_ones()]


def _times(dice: random.Random, *, gaps: float = 0.0) -> Iterator[int]:
    """Scrape times with some jitter, some of them missing."""
    for index in range(COUNT):
        if dice.random() >= gaps:
            yield START_MS + index * STEP_MS + (dice.randrange(40) if index % 3 else 0)


def _counters() -> Iterator[Line]:
    for number, (job, instance) in enumerate([("api", "a"), ("api", "b"), ("web", "a"), ("web", "c")]):
        for code in ("200", "404", "500"):
            dice = random.Random(f"{job}{instance}{code}")
            value, samples = float(dice.randrange(50)), []
            for t in _times(dice, gaps=0.08 * number):
                value = 0.0 if dice.random() < 0.01 else value + dice.choice([0, 1, 2.5, 7, 0.1])
                samples.append((t, value))
            yield Line("requests_total", {"job": job, "instance": instance, "code": code}, samples)


def _gauges() -> Iterator[Line]:
    for job, instance in [("api", "a"), ("api", "b"), ("web", "a"), ("db", "d")]:
        dice = random.Random(f"gauge{job}{instance}")
        yield Line(
            "temperature",
            {"job": job, "instance": instance},
            [(t, round(dice.gauss(20, 15), 2)) for t in _times(dice, gaps=0.05)],
        )
        yield Line(
            "limit",
            {"job": job, "instance": instance, "zone": dice.choice(["x", "y"])},
            [(t, float(dice.choice([10, 20, 30]))) for t in _times(dice)],
        )
    for job in ("api", "web"):
        yield Line(
            "job_info", {"job": job, "owner": f"team-{job}"}, [(t, 1.0) for t in _times(random.Random(job))]
        )


def _buckets() -> Iterator[Line]:
    for instance in ("a", "b"):
        dice = random.Random(f"latency{instance}")
        bounds = ["0.1", "0.5", "1", "2.5", "+Inf"]
        counts = dict.fromkeys(bounds, 0.0)
        series: dict[str, list[tuple[int, float]]] = {bound: [] for bound in bounds}
        for t in _times(dice):
            for place in range(dice.randrange(len(bounds)), len(bounds)):
                counts[bounds[place]] += 1
            for bound in bounds:
                series[bound].append((t, counts[bound]))
        for bound in bounds:
            yield Line("latency_bucket", {"job": "api", "instance": instance, "le": bound}, series[bound])


def _odd_ones() -> Iterator[Line]:
    dice = random.Random("odd")
    strange = [nan, inf, -inf, 0.0, -0.0, 1e30, 5e-324, -3.5]
    yield Line("strange", {"kind": "mixed"}, [(t, dice.choice(strange)) for t in _times(dice)])
    yield Line("strange", {"kind": "nan"}, [(t, nan) for t in _times(dice, gaps=0.5)])
    yield Line("constant", {}, [(t, 42.0) for t in _times(dice)])
    yield Line("sparse", {"job": "api"}, [(t, dice.random()) for t in _times(dice, gaps=0.96)])
    early = [(t, float(i)) for i, t in enumerate(_times(dice)) if i < COUNT // 2]
    yield Line("ended", {"job": "api", "instance": "a"}, early)


def store() -> SampleStore:
    """All of it in memory."""
    made = SampleStore()
    for line in lines():
        for t_ms, value in line.samples:
            made.append({"__name__": line.name, **line.labels}, t_ms, value)
    return made


def openmetrics() -> str:
    """All of it as text, for ``promtool tsdb create-blocks-from openmetrics``."""
    families: dict[str, list[str]] = {}
    for line in lines():
        labels = ",".join(f'{k}="{v}"' for k, v in line.labels.items())
        rows = [f"{line.name}{{{labels}}} {value!r} {t / 1000:.3f}" for t, value in line.samples]
        families.setdefault(line.name, []).extend(rows)
    parts = [f"# TYPE {name} unknown\n" + "\n".join(rows) for name, rows in families.items()]
    return "\n".join([*parts, "# EOF", ""])
