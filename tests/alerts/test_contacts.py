"""The contacts file: what it says, and every fault with its line and what would be right."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.checked_document import DocumentError
from alerts.contacts import DEFAULT, DEFAULT_TEXT, Rotation, parse_contacts
from alerts.escalation_policy import DEFAULT_POLICIES

SOUND = """
people:
  ana:
    name: Ana
    user: ana
    channels: ["apprise:env:ANA_URL", {command: [/usr/local/bin/page, ana]}, "file:/var/log/pages"]
    time_zone: Europe/Berlin
  bo: {channels: ["pagerduty:file:/run/secrets/pd"]}
levels:
  L1: {rotation: [ana, bo], starts: 2026-01-05, shift_days: 7, hand_over: "09:00", time_zone: Europe/Berlin}
  L2: bo
  L3: [ana, bo]
audiences:
  incidents: ["file:incidents.log"]
hotline: "+49 30 1234"
emergency:
  - {name: the provider, reach: "+1 555 0100"}
"""


def test_a_sound_file_says_who_is_called_and_how() -> None:
    contacts = parse_contacts(SOUND)
    assert [channel.label for channel in contacts.people["ana"].channels] == [
        "apprise env:ANA_URL", "command /usr/local/bin/page", "file /var/log/pages",
    ]  # fmt: skip
    assert contacts.people["bo"].name == "bo"
    assert contacts.on_call("L2", datetime(2026, 1, 6, tzinfo=UTC)) == ("bo",)
    assert contacts.hotline == "+49 30 1234"
    assert contacts.emergency[0].reach == "+1 555 0100"


@pytest.mark.parametrize(
    ("when", "who"),
    [
        ("2026-01-05T07:59:00Z", "bo"),
        ("2026-01-05T08:00:00Z", "ana"),
        ("2026-01-12T07:59:59Z", "ana"),
        ("2026-01-12T08:00:00Z", "bo"),
        # Summer time: nine o'clock in Berlin is seven in UTC.
        ("2026-07-06T06:59:59Z", "bo"),
        ("2026-07-06T07:00:00Z", "ana"),
    ],
)
def test_a_rotation_is_handed_over_at_its_hour_of_its_zone(when: str, who: str) -> None:
    assert parse_contacts(SOUND).on_call("L1", datetime.fromisoformat(when)) == (who,)


def test_a_rotation_knows_when_it_is_handed_over_next() -> None:
    rotation = parse_contacts(SOUND).levels["L1"]
    assert isinstance(rotation, Rotation)
    now = datetime(2026, 3, 25, 12, tzinfo=UTC)
    ends = rotation.ends_at(now)
    # The clocks change on 29 March: 09:00 in Berlin is 07:00 UTC then.
    assert ends.astimezone(UTC) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert rotation.on(ends - timedelta(seconds=1)) == rotation.on(now) != rotation.on(ends)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("people: {ana: {channels: [slack]}}\nlevels: {}", 1, "is no channel; there are file:PATH"),
        ("people:\n  ana: {channels: [apprise:slack://s3cret]}\nlevels: {}", 2, "apprise:env:NAME"),
        ("people:\n  Ana: {channels: [file:x]}\nlevels: {}", 2, "ana is one"),
        ("people:\n  ana: {channels: [file:x]}\nlevels:\n  L1: [bo]", 4, "people has ana"),
        ("people: {}\nlevels:\n  L4: []", 3, "there are L1, L2, L3"),
        ("people:\n  a: {channels: [file:x], time_zone: Mars}\nlevels: {}", 2, "Europe/Berlin is one"),
        (
            "people:\n  a: {channels: [file:x]}\nlevels:\n  L1: {rotation: [a], starts: soon}",
            4,
            "such as 2026-01-05",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels:\n  L1: {rotation: [a], starts: 2026-01-05, shift_days: 0}",
            4,
            "from 1 to 366",
        ),
        (
            "people:\n  a: {channels: [file:x], cap: many}\nlevels: {L1: a}",
            2,
            "messages an hour from 1 to 1000",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels: {L1: a}\npolicies:\n  info: {untaken: [0s L1]}",
            5,
            "there are critical and warning",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels: {L1: a}\npolicies:\n  critical: {untaken: [soon L1]}",
            5,
            "write 10m L2, or 50% L1",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels: {L1: a}\npolicies:\n  critical: {untaken: []}",
            5,
            "untaken calls nobody",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels: {L1: a}\npolicies:\n  warning: {untaken: [2d L1]}",
            5,
            "within a day",
        ),
        (
            "people:\n  a: {channels: [file:x]}\nlevels: {L1: a}\npolicies:\n  critical: {untaken: [0s L1], repeat: 5s}",
            5,
            "from 1m to 1d",
        ),
        ("people: {}\nlevels: {}\nhotlin: x", 3, "hotline"),
        ("people:\n  a: {channels: [{command: []}]}\nlevels: {L1: a}", 2, "a program and its words"),
        ("people:\n  a: {channels: [file:x]}\nlevels: {L1: []}", 3, "nobody is at any level"),
        ("people:\n  a: {channels: []}\nlevels: {}", 2, "no channel"),
        ("people:\n  a: {channels: [file:x]}\n  a: {channels: [file:x]}\nlevels: {}", 3, "twice"),
    ],
)
def test_a_fault_has_its_line_and_what_would_be_right(text: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_contacts(text)
    assert any(fault.line == line and says in fault.message for fault in caught.value.faults), caught.value


@pytest.mark.parametrize(
    "channel",
    ["apprise:slack://s3cret/token", "slack://s3cret/token", "tgram://1:s3cret/42", "pagerduty:s3cret"],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(channel: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_contacts(f"people:\n  ana: {{channels: ['{channel}']}}\nlevels: {{L1: ana}}")
    assert "s3cret" not in str(caught.value)


def test_without_a_file_somebody_is_called_all_the_same() -> None:
    assert DEFAULT.on_call("L1", datetime(2026, 1, 1, tzinfo=UTC)) == ("local",)
    assert DEFAULT.empty_levels == ("L2", "L3")


def test_what_stands_in_the_default_text_about_policies_is_what_holds_without_it() -> None:
    begin = DEFAULT_TEXT.index("# policies:")
    said = DEFAULT_TEXT[begin : DEFAULT_TEXT.index("#\n# Channels that hear")].replace("# ", "", 1)
    lines = "\n".join(line.removeprefix("#").removeprefix(" ") for line in said.splitlines())
    contacts = parse_contacts(f"people: {{a: {{channels: [file:x]}}}}\nlevels: {{L1: a}}\n{lines}\n")
    assert contacts.policies == DEFAULT_POLICIES


def test_hotline_and_emergency_are_read_as_the_file_we_come_with_shows_them() -> None:
    shown = DEFAULT_TEXT[DEFAULT_TEXT.index("# hotline:") :].replace("# ", "").replace("#   ", "  ")
    contacts = parse_contacts(DEFAULT_TEXT + shown)
    assert contacts.hotline == "+1 555 0100"
    assert [(one.name, one.reach) for one in contacts.emergency] == [
        ("PagerDuty", "https://example.pagerduty.com")
    ]
