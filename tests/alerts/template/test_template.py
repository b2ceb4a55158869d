"""Facts about annotation templates: Prometheus' results, and labels that stay data."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.template import Facts, TemplateError, parse_template
from tests.alerts.template.cases import FACTS, FAILING, REFUSED, RENDERED

_PIECES = [
    *(
        "{{",
        "}}",
        "{{ if ",
        "{{ end }}",
        "{{ else }}",
        "{{ range ",
        "{{ with ",
        "{{- ",
        " -}}",
        "$",
        ".",
        "|",
        "(",
    ),
    *(")", " ", "`a`", '"\\x', "$x", ":=", "=", ",", "1", "0x", "1e", "'a'", "printf ", "index ", "slice "),
    *(
        "$labels",
        ".Labels",
        "$value",
        "eq ",
        "len ",
        "args ",
        "define ",
        "template ",
        "%",
        '"%*d"',
        "nil",
        "true",
    ),
]


def _render(text: str, value: float = 0.1234, **labels: str) -> str:
    return parse_template(text).render(Facts(value, labels, {"cluster": "c"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain { text }", "plain { text }"),
        (
            "{{ $value }}|{{.Value}}|{{ $labels.job }}|{{ .Labels.job }}|{{ $labels.none }}",
            "0.1234|0.1234|api|api|",
        ),
        ("{{ $externalLabels.cluster }}", "c"),
        ("{{ $labels }}", "map[job:api zone:z]"),
        ("{{ $value | humanizePercentage }}", "12.34%"),
        ("{{ humanize $value }}", "123.4m"),
        ('{{ printf "%.1f%% of %s" $value $labels.job }}', "0.1% of api"),
        ('{{ $value | printf "%6.2f" }}', "  0.12"),
        ('{{ "a" | toUpper }}{{ `b"` }}', 'Ab"'),
        ("a  {{- $value -}}  b", "a0.1234b"),
        ("{{/* a comment */}}x", "x"),
        ('{{ printf "%d" 1 }}', "1"),
        ('{{ printf "%s" }}', "%!s(MISSING)"),
        ('{{ printf "x" 1 }}', "x%!(EXTRA int=1)"),
    ],
)
def test_a_template_is_rendered(text: str, expected: str) -> None:
    assert _render(text, job="api", zone="z") == expected


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        ("humanize", 0.0, "0"),
        ("humanize", 1234567.0, "1.235M"),
        ("humanize", -0.00012, "-120u"),
        ("humanize", float("inf"), "+Inf"),
        ("humanize1024", 1048576.0, "1Mi"),
        ("humanizeDuration", 0.0, "0s"),
        ("humanizeDuration", 0.25, "250ms"),
        ("humanizeDuration", 59.5, "59.5s"),
        ("humanizeDuration", 3723.0, "1h 2m 3s"),
        ("humanizeDuration", 90061.0, "1d 1h 1m 1s"),
        ("humanizeDuration", -65.0, "-1m 5s"),
        ("humanizePercentage", 1.0, "100%"),
        ("humanizeTimestamp", 1435065584.128, "2015-06-23 13:19:44.128 +0000 UTC"),
    ],
)
def test_numbers_are_made_readable_as_prometheus_makes_them(
    function: str, value: float, expected: str
) -> None:
    assert _render(f"{{{{ {function} $value }}}}", value) == expected


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_a_template_says_what_promtool_says(text: str, expected: str) -> None:
    assert parse_template(text).render(FACTS) == expected


@pytest.mark.parametrize("text", FAILING)
def test_what_cannot_be_known_at_load_fails_when_it_is_rendered(text: str) -> None:
    template = parse_template(text)
    with pytest.raises(TemplateError):
        template.render(FACTS)


@pytest.mark.parametrize("text", REFUSED)
def test_what_go_does_not_parse_is_refused_at_load(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_template(text)


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "text",
    [
        "{{ define `r` }}{{ template `r` }}{{ end }}{{ template `r` }}",
        "{{ range $l := $labels }}" * 20 + "{{ $l }}" + "{{ end }}" * 20,
        "{{ range $a := $labels }}{{ range $labels }}{{ query `up` }}{{ end }}{{ end }}",
    ],
    ids=["endless", "many steps", "many queries"],
)
def test_a_template_without_end_is_stopped(text: str) -> None:
    labels = {f"l{index}": "x" for index in range(40)}
    with pytest.raises(TemplateError, match=r"exceeded|more than"):
        parse_template(text).render(Facts(1.0, labels, {}, query=lambda _: []))


@pytest.mark.parametrize("nest", ["(", "{{ if true }}", "{{ with 1 }}"])
def test_a_template_nested_too_deep_is_refused(nest: str) -> None:
    text = "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + "}}" if nest == "(" else nest * 5_000
    with pytest.raises(TemplateError, match="nested"):
        parse_template(text)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_any_text_is_a_template_or_a_fault(text: str) -> None:
    with suppress(TemplateError):
        parse_template(text).render(FACTS)


@pytest.mark.lengthy
@given(st.text(max_size=60))
def test_a_label_is_never_read_as_a_template(label: str) -> None:
    assert _render("<{{ $labels.evil }}>", evil=label) == f"<{label}>"
    assert _render('{{ printf "%s" $labels.evil }}', evil=label) == label


def test_a_label_that_looks_like_a_format_stays_as_it_is() -> None:
    evil = "{{ $value }} %s {0.__class__} ${HOME}"
    assert _render("{{ $labels.evil }}", evil=evil) == evil


def test_a_huge_text_is_cut() -> None:
    assert len(_render("{{ $labels.evil }}", evil="x" * 1_000_000)) == 4_096
    assert len(_render('{{ printf "%999999999d" 1 }}')) == 4_096


def test_a_label_that_is_no_number_does_not_stop_the_alert() -> None:
    with pytest.raises(TemplateError, match="humanize"):
        _render("{{ $labels.word | humanize }}", word="many")
