"""Facts about fingerprints, with Alertmanager's own vectors."""

import pytest

from alerts.fingerprint import fingerprint

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
