"""How alerts are told in few words."""

from datetime import UTC, datetime

import pytest

from alerts.wire import AlertView, Severity
from console.text.wording import what_words

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def alert(
    severity: Severity,
    sent: str = "",
    *,
    unknown: bool = False,
    because: str = "",
    causes: tuple[str, ...] = (),
) -> AlertView:
    return AlertView(
        fingerprint="0" * 16,
        alertname="Kaputt",
        severity=severity,
        state="stale" if because else "firing",
        service="api",
        labels={},
        annotations={"summary": "It is\nbroken."},
        started_at=NOON,
        updated_at=NOON,
        severity_sent=sent,
        severity_unknown=unknown,
        stale_because=because,
        inhibited_by=causes,
    )


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (alert("critical"), "It is broken."),
        (alert("critical", causes=("APIDown",)), "[muted, a symptom of APIDown] It is broken."),
        (alert("critical", "P1"), "[critical, sent as P1] It is broken."),
        (
            alert("warning", "banana", unknown=True),
            "[warning, sent as banana, a word that no map has] It is broken.",
        ),
        (
            alert("critical", because="its target api is down"),
            "[stale: its target api is down] It is broken.",
        ),
    ],
)
def test_what_is_odd_about_an_alert_stands_before_what_is_wrong(shown: AlertView, words: str) -> None:
    assert what_words(shown).replace("\n", " ") == words.replace("\n", " ")
