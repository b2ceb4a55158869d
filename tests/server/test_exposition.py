"""Facts about the text that targets expose."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics_exposition
from prometheus_client.parser import text_string_to_metric_families

from server.exposition import ExpositionError, parse_exposition, parse_series, quoted

_TEXT = st.text(max_size=30).filter(lambda text: ("\r" not in text and text.isprintable()) or "\n" in text)


def _flat(text: str, *, openmetrics: bool = False) -> dict[tuple[tuple[str, str], ...], float]:
    samples = parse_exposition(text, openmetrics=openmetrics).samples
    return {tuple(sorted(parse_series(one.series).items())): one.value for one in samples}


def _registry(label: str, value: float) -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("heat", 'How "hot"\nit is \\ was.', ("place",), registry=registry).labels(label).set(value)
    Counter("hits", "Hits.", registry=registry).inc(3)
    Histogram("wait", "Wait.", registry=registry).observe(0.2)
    return registry


@given(_TEXT, st.floats())
def test_what_the_python_client_writes_is_read(label: str, value: float) -> None:
    text = generate_latest(_registry(label, value)).decode()
    wanted = {
        tuple(sorted({"__name__": sample.name, **sample.labels}.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    found = _flat(text)
    assert found.keys() == wanted.keys()
    for labels, number in wanted.items():
        assert found[labels] == number or (math.isnan(found[labels]) and math.isnan(number))


def _openmetrics(registry: CollectorRegistry) -> bytes:
    text: bytes = openmetrics_exposition.generate_latest(registry)  # type: ignore[no-untyped-call]  # theirs
    return text


def test_openmetrics_gives_the_same_series() -> None:
    registry = _registry("here", 1.5)
    plain = _flat(generate_latest(registry).decode())
    v3 = _flat(_openmetrics(registry).decode(), openmetrics=True)
    assert plain == v3


def test_times_are_ms_in_one_format_and_seconds_in_the_other() -> None:
    assert parse_exposition("x 1 1500\n").samples[0].at_ms == 1500
    v3 = parse_exposition('x_total{a="b"} 1 1.5 # {trace="1"} 0.5\n# EOF\n', openmetrics=True)
    assert v3.samples[0].at_ms == 1500


def test_metadata_is_kept() -> None:
    found = parse_exposition("# HELP x a\\nb \\\\ c\n# TYPE x untyped\n# UNIT x s\n# just a comment\nx 1\n")
    meta = found.metadata["x"]
    assert (meta.type, meta.help, meta.unit) == ("unknown", "a\nb \\ c", "s")


@pytest.mark.parametrize(
    ("line", "labels", "value"),
    [
        ("x 1", {"__name__": "x"}, 1.0),
        ("x{}\t+Inf ", {"__name__": "x"}, math.inf),
        ('x{a="b",}1', {"__name__": "x", "a": "b"}, 1.0),
        ('x {a = "b" , c="}{," } -1e-3', {"__name__": "x", "a": "b", "c": "}{,"}, -0.001),
        ('a:b{q="\\"\\\\\\n\\x"} 8', {"__name__": "a:b", "q": '"\\\n\\x'}, 8.0),
    ],
)
def test_a_line_is_read(line: str, labels: dict[str, str], value: float) -> None:
    sample = parse_exposition(line + "\n").samples[0]
    assert (parse_series(sample.series), sample.value) == (labels, value)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x y",
        "1x 2",
        'x{a="b} 1',
        "x{a=b} 1",
        'x{a="b" c="d"} 1',
        'x{a="1",a="2"} 1',
        "x 1 2 3",
        "x 1 later",
        "x 1_000",
        "# TYPE x nonsense",
        "x{ 1",
        "\x00",
    ],
)
def test_a_bad_line_spoils_the_scrape(text: str) -> None:
    with pytest.raises(ExpositionError):
        for sample in parse_exposition(text + "\n").samples:
            parse_series(sample.series)


@pytest.mark.parametrize("text", ["x 1\n", "x 1\n# EOF\nx 2\n", ""])
def test_openmetrics_ends_with_eof(text: str) -> None:
    with pytest.raises(ExpositionError, match="EOF"):
        parse_exposition(text, openmetrics=True)


@given(st.text(max_size=40))
def test_a_quoted_value_reads_back(text: str) -> None:
    assert parse_series(f"x{{a={quoted(text)}}}")["a"] == text


@given(st.text(max_size=200))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        for sample in parse_exposition(text).samples:
            parse_series(sample.series)
    except ExpositionError:
        pass
