"""What the words of foreign senders mean."""

import pytest

from alerts.checked_document import DocumentError
from alerts.severity import DEFAULT, parse_severities


@pytest.mark.parametrize(
    ("sent", "meaning"),
    [
        ("critical", "critical"), ("CRITICAL", "critical"), ("crit", "critical"), ("page", "critical"), ("P1", "critical"),
        ("error", "critical"), ("sev1", "critical"), ("SEV2", "warning"), ("warn", "warning"), ("P3", "warning"),
        (" info ", "info"), ("notice", "info"), ("none", "none"), ("banana", None), ("", None),
    ],
)  # fmt: skip
def test_a_foreign_word_has_a_meaning_or_none(sent: str, meaning: str | None) -> None:
    assert DEFAULT.meaning(sent) == meaning


def test_a_map_of_ones_own_replaces_ours_and_our_four_words_stay() -> None:
    ours = parse_severities("severities: {critical: [rouge], info: vert}")
    assert [ours.meaning(word) for word in ("Rouge", "vert", "critical", "warning", "page")] == [
        "critical",
        "info",
        "critical",
        "warning",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("severities:\n  critical: [page]\n  info: [PAGE]", "line 3: 'PAGE' means critical already"),
        ("severities:\n  info: [critical]", "line 2: 'critical' means critical already"),
        ("severities:\n  high: [page]", "line 2: severities knows no 'high'"),
        ("severities: [page]", "line 1: severities has the keys critical, warning, info, none"),
        ("severities:\n  info: {a: b}", "line 2: info is a word or a list of words; it is a mapping"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(DocumentError) as raised:
        parse_severities(text)
    assert str(raised.value.faults[0]).startswith(fault)
