"""Expositions, each with what a scrape by Prometheus 2.42 leaves to be queried."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One target's text; ``FAR``, ``OLD`` and the like in it are times in ms around now."""

    text: str
    series: Mapping[str, str] | None
    """Series (labels of the target left out) to value at the scrape's time; None: the scrape fails."""
    openmetrics: bool = False

    def at(self, now_ms: int) -> str:
        """The text with its times filled in."""
        times = {"FAR": 3_600_000, "OLD": -7_200_000, "LATE": -2_000, "RECENT": -1_000}
        text = self.text
        for word, shift in times.items():
            text = text.replace(word, str(now_ms + shift))
        return text


def _refused(text: str, *, openmetrics: bool = False) -> Case:
    return Case(text, None, openmetrics)


CASES: Mapping[str, Case] = {
    "a_name_without_a_value": _refused("up2\nx 1\n"),
    "a_name_and_a_space": _refused("foo \n"),
    "labels_without_a_value": _refused('v{a="b"}\n'),
    "an_hour_ahead": Case("f 1 FAR\ng 2\n", {"g": "2"}),
    "time_0": Case("t 1 0\ng 2\n", {"g": "2"}),
    "two_hours_ago": Case("p 1 OLD\ng 2\n", {"g": "2"}),
    "a_series_twice": Case('d{a="1"} 1\nd{a="1"} 2\ng 3\n', {"d{a=1}": "1", "g": "3"}),
    "a_series_spelled_twice": Case('d{a="1",b="2"} 1\nd{b="2",a="1"} 2\n', {"d{a=1,b=2}": "1"}),
    "a_series_at_three_times": Case("d 1 LATE\nd 2 RECENT\nd 3\n", {"d": "3"}),
    "a_clash": Case('c{job="x"} 1\n', {"c{exported_job=x}": "1"}),
    "a_clash_with_what_is_exported": Case(
        'c{job="x",exported_job="y"} 1\n', {"c{exported_exported_job=x,exported_job=y}": "1"}
    ),
    "a_clash_with_two_exported": Case(
        'c{job="x",exported_job="y",exported_exported_job="z"} 1\n',
        {"c{exported_exported_exported_job=x,exported_exported_job=z,exported_job=y}": "1"},
    ),
    "two_that_become_one": Case('c{job="x"} 1\nc{exported_job="x"} 2\n', {"c{exported_job=x}": "1"}),
    "an_empty_label": Case('e{a=""} 1\ne 2\n', {"e": "1"}),
    "a_metric_named_up": Case("up 5\n", {"up": "5"}),
    "no_number": _refused("v abc\n"),
    "hexadecimal": _refused("v 0x1F\n"),
    "a_hexadecimal_float": _refused("v 0x1p4\n"),
    "an_underscore": _refused("v 1_000\n"),
    "too_large": _refused("v 1e400\n"),
    "infinities": Case(
        "v +Inf\nw -inf\nz nan\ny infinity\n", {"v": "+Inf", "w": "-Inf", "y": "+Inf", "z": "NaN"}
    ),
    "tabs": Case('v\t1\t\nw {a="b"} 2\n', {"v": "1", "w{a=b}": "2"}),
    "a_comma_at_the_end": Case('v{a="b",} 1\n', {"v{a=b}": "1"}),
    "a_label_twice": _refused('v{a="b",a="c"} 1\n'),
    "a_name_as_a_label": _refused('v{__name__="w"} 1\n'),
    "a_carriage_return": _refused("v 1\r\n"),
    "no_newline": Case("v 1", {"v": "1"}),
    "a_time_with_a_fraction": _refused("v 1 1.5\n"),
    "a_negative_time": _refused("v 1 -5\n"),
    "a_time_too_large": _refused("v 1 99999999999999999999\n"),
    "three_numbers": _refused("v 1 2 3\n"),
    "a_blank_first": _refused("  v 1\n"),
    "an_unknown_type": _refused("# TYPE v foo\nv 1\n"),
    "an_unfinished_help": Case("# HELP\nv 1\n", {"v": "1"}),
    "a_colon_first": Case(":v 1\n", {":v": "1"}),
    "an_unknown_escape": Case('v{a="b\\q"} 1\n', {"v{a=b\\q}": "1"}),
    "no_label_name": _refused('v{="b"} 1\n'),
    "a_colon_in_a_label": _refused('v{a:b="b"} 1\n'),
    "nothing": Case("", {}),
    "an_exemplar": _refused('v 1 # {a="b"} 1\n'),
    "a_comment_behind": _refused("v 1 #c\n"),
    "no_blank": Case('v{a="b"}1\n', {"v{a=b}": "1"}),
    "many_blanks": Case("v   1   \n", {"v": "1"}),
    "openmetrics": Case('# TYPE a counter\na_total{b="c"} 1.0\n# EOF\n', {"a_total{b=c}": "1"}, True),
    "openmetrics_twice": Case("a 1\na 2\n# EOF\n", {"a": "1"}, True),
    "openmetrics_without_a_value": _refused("a\n# EOF\n", openmetrics=True),
    "openmetrics_at_0": Case("a 1 0\nb 2\n# EOF\n", {"b": "2"}, True),
    "openmetrics_at_no_time": _refused("a 1 NaN\n# EOF\n", openmetrics=True),
    "openmetrics_with_two_blanks": _refused("a  1\n# EOF\n", openmetrics=True),
    "openmetrics_without_an_end": _refused("a 1\n", openmetrics=True),
    "openmetrics_with_an_exemplar": Case(
        'a_bucket{le="1"} 1 # {t="x"} 0.5\n# EOF\n', {"a_bucket{le=1}": "1"}, True
    ),
}
