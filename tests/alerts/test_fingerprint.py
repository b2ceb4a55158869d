"""Facts about fingerprints, with Alertmanager's own vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.fingerprint import fingerprint, fingerprints

_PROMETHEUS = {
    "alertname": "InstanceDown",
    "code": "200",
    "job": "prometheus",
    "monitor": "codelab-monitor",
    "severity": "critical",
}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({**_PROMETHEUS, "instance": "127.0.0.1:9090"}, "791cec13fcba0368"),
        ({**_PROMETHEUS, "instance": "localhost:9090"}, "8df98227bdd81384"),
        ({}, "cbf29ce484222325"),
    ],
)
def test_a_fingerprint_equals_alertmanagers(labels: dict[str, str], expected: str) -> None:
    assert fingerprint(labels) == expected


def test_an_empty_label_is_no_part_of_the_identity() -> None:
    assert fingerprint({**_PROMETHEUS, "zone": ""}) == fingerprint(_PROMETHEUS)


def test_the_order_of_labels_does_not_matter() -> None:
    assert fingerprint(dict(reversed(_PROMETHEUS.items()))) == fingerprint(_PROMETHEUS)


_TEXTS = st.text(st.sampled_from("\0\xffaä€🜁-"), max_size=6)


@given(st.dictionaries(_TEXTS, _TEXTS, max_size=5), st.integers(1, 12))
def test_any_labels_are_hashed_as_they_stand_alone_and_among_others(
    labels: dict[str, str], many: int
) -> None:
    value = 0xCBF29CE484222325
    for name in sorted(labels):
        for byte in (name.encode() + b"\xff" + labels[name].encode() + b"\xff") if labels[name] else b"":
            value = ((value ^ byte) * 0x100000001B3) % 2**64
    assert fingerprint(labels) == f"{value:016x}"
    assert fingerprints([labels] * many + [_PROMETHEUS]) == [f"{value:016x}"] * many + [
        fingerprint(_PROMETHEUS)
    ]
