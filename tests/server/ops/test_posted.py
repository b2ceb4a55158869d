"""Facts about reading posted alerts: texts that need no cleaning are told by their bytes, and never told wrongly."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.fingerprint import fingerprint
from server.ops.alerting.foreign_alert import MOST_LABELS, AlertCleaner
from server.ops.alerting.posted import PostedReader
from server.ops.config import OpsConfig
from server.ops.executions.redactor import Redactor

SECRET = "correct-horse-battery"
_PARTS = st.sampled_from(
    [
        "a", "B", " ", '"', "\\", "/", "é", "警", "\x7f", "\x1b[31m", "\u202e", "", SECRET, "sk-" + "a" * 20,
        "PASSWORD=x1", "://u:p@h", "x" * 300,
    ]
)  # fmt: skip
_TEXTS = st.dictionaries(
    st.lists(_PARTS, max_size=2).map("".join), st.lists(_PARTS, max_size=3).map("".join), max_size=4
)


REDACTOR = Redactor(OpsConfig.from_env({"OPS_STATE": "/nowhere"}))
REDACTOR.learn(SECRET)


@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=4), st.booleans())
@example([({"x": SECRET}, {}), ({}, {"summary": "plain"})], True)
@example([({"x": "y"}, {"summary": "plain"}), ({}, {"summary": "plain"})], False)
async def test_what_is_read_is_what_the_cleaner_makes_of_it(
    batch: list[tuple[dict[str, str], dict[str, str]]], escaped: bool
) -> None:
    cleaner = AlertCleaner(REDACTOR.redaction)
    said = [({"alertname": "A", **labels}, annotations) for labels, annotations in batch]
    items = [{"labels": labels, "annotations": annotations} for labels, annotations in said]
    reader = PostedReader(REDACTOR)
    read = reader.read(await reader.split(json.dumps(items, ensure_ascii=escaped).encode()))
    assert not read.bad
    for posted, (labels, annotations) in zip(read.good, said, strict=True):
        assert posted.fingerprint == fingerprint(labels)
        assert posted.labels == cleaner.cleaned([labels])[0]
        assert posted.annotations == cleaner.cleaned([annotations])[0]


@pytest.mark.parametrize("count", [MOST_LABELS, MOST_LABELS + 1])
async def test_the_smallest_labels_that_are_too_many_are_told_by_their_bytes(count: int) -> None:
    letters = "".join(chr(c) for c in range(33, 127) if chr(c) not in '"\\')
    names = [*letters, *(a + b for a in letters for b in letters)][: count - 1]
    body = json.dumps([{"labels": {"alertname": "A", **dict.fromkeys(names, "v")}}], separators=(",", ":"))
    reader = PostedReader(REDACTOR)
    read = reader.read(await reader.split(body.encode()))
    assert (len(read.good), len(read.bad)) == ((1, 0) if count == MOST_LABELS else (0, 1))
