"""What a row of the journal is called for people, by what really was done."""

import json

import pytest

from console.model.record_filter import audit_filter
from console.text.journal_event import event_shown
from tests.console.cli.test_command_line import ops
from tests.console.conftest import LoneDaemon

_LINES = {
    "silences add a=b --for 1h --comment x": "silence.set",
    "silences end ID": "silence.ended",
    "incident 1 tick assess": "incident.step_ticked",
    "incident 1 untick assess": "incident.step_unticked",
    "incident 1 join ana": "incident.person",
    "incident 1 leave ana": "incident.person_left",
    "read-only on --reason x": "daemon.read_only",
    "read-only off": "daemon.read_only_off",
}


@pytest.mark.stack
def test_each_row_says_what_was_done_and_a_filter_takes_both_words(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    for line, shown in _LINES.items():
        silence = ops(lone_daemon, "silences", "-q").stdout.strip()
        assert ops(lone_daemon, *line.replace("ID", silence).split()).returncode == 0, line
        found = json.loads(ops(lone_daemon, "audit", "--json", "--filter", f"kind:{shown}").stdout)
        assert found, line
        assert shown in ops(lone_daemon, "audit", "--columns", "event").stdout.split()
    (entry, *_) = [one for one in lone_daemon.client().audit(50) if event_shown(one) == "silence.ended"]
    assert entry.kind == "silence.set"
    assert audit_filter("kind:silence.set kind:silence.ended ended")(entry)
