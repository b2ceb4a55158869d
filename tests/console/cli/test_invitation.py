"""The meeting of a post-mortem: a time that cannot be is refused in words."""

from pathlib import Path

import pytest

from console.cli.triage import postmortem
from console.ops_api.errors import InvalidRequestError


@pytest.mark.parametrize(
    "meeting",
    ["soon", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00", "9999-12-31T23:30Z"],
)
def test_a_meeting_at_no_time_is_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, meeting: str
) -> None:
    monkeypatch.setattr(postmortem, "client_of", lambda _which: None)
    monkeypatch.setattr(postmortem, "incident_meant", lambda *_given: 1)
    command = postmortem.COMMANDS["postmortem"]
    words = ["1", "--out", str(tmp_path / "out"), "--meeting", meeting]
    with pytest.raises(InvalidRequestError, match=r"--meeting.* is no time; write"):
        command.main(words, standalone_mode=False)
    assert not (tmp_path / "out").exists()
