"""Who is on call and how each person is reached: the contacts file, checked. Pure; the text is passed in."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from alerts.checked_document import CheckedDocument
from alerts.escalation_policy import (
    LEVELS,
    PAGED_SEVERITIES,
    STEP_EXAMPLE,
    Policies,
    PolicyStep,
    SeverityPolicy,
    read_step,
)
from alerts.whole_number import parse_whole_number
from alerts.wire import Severity

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)")
_LONGEST = 500
_LONGEST_SHIFT_DAYS = 366
DEFAULT_CAP = 30
_MOST_STEPS = 20
_SHORTEST_REPEAT_S, _LONGEST_REPEAT_S = 60, 86_400
_LARGEST_CAP = 1_000
_CHANNELS = "file:PATH, command: [PROGRAM, …], apprise:env:NAME, apprise:file:/PATH, pagerduty:env:NAME"
DEFAULT_TEXT = """\
# Who is called: people, levels, and the numbers that every page and the console show.
#
# A channel is one of
#   file:PATH             a line a page; a path without / at its begin lies in the state folder
#   command: [PROGRAM]    the page comes as JSON on standard input; no shell
#   apprise:env:NAME      a URL of apprise (Slack, ntfy, e-mail, …) in a variable, or apprise:file:/PATH; by mail for
#                         instance mailto://mail.example.com:25/?from=ops@example.com&to=ana@example.com&mode=insecure
#   pagerduty:env:NAME    the routing key of PagerDuty's Events API v2
#
# A person has name, user (of the ops API), time_zone (where night is night for them) and cap, too: after so many
# messages an hour (30) what comes is gathered and goes as one message a minute.
#
# A level is a list of people, who are called together, or a rotation:
#   L1: {rotation: [ana, bo], starts: 2026-01-05, shift_days: 7, hand_over: "09:00", time_zone: Europe/Berlin}
people:
  local:
    name: whoever is at this machine
    channels: ["file:notifications.log"]
levels:
  L1: [local]
# When each level is called, by severity; times count from the detection. What stands here is what holds without it:
# policies:
#   critical:
#     untaken: [0s L1, 2m L1, 5m L1, 10m L2, 20m L3]   # while nobody has it
#     held: [30m L2, 1h L3]                            # somebody has it, and it is not mitigated
#     repeat: 15m                                      # then everybody, again and again
#   warning:
#     untaken: [50% L1, 100% L2]                       # of the alert's target to mitigate
#     held: [100% L2]
#
# Channels that hear of every change of an incident, in a line.
audiences:
  incidents: ["file:incidents.log"]
  # Who hears of maintenance and of what `ops announce` says: our own channel, and the customers.
  announcements: ["file:announcements.log"]
  customers: ["file:customers.log"]
# Shown in the console, in `ops oncall` and in every page:
# hotline: "+1 555 0100"
# emergency:
#   - {name: PagerDuty, reach: "https://example.pagerduty.com"}
"""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One way to reach somebody."""

    kind: Literal["file", "command", "apprise", "pagerduty"]
    target: str = ""
    """Of ``file`` a path; of ``apprise`` and ``pagerduty`` a reference to a secret, ``env:NAME`` or ``file:/PATH``."""
    argv: tuple[str, ...] = ()
    """Of ``command``: the program and its words; the message comes on its standard input."""

    @property
    def label(self) -> str:
        """What is shown and journalled of it: never a secret."""
        if self.kind == "command":
            return f"command {self.argv[0]}"
        return f"{self.kind} {self.target}"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be called."""

    id: str
    name: str
    channels: tuple[Channel, ...]
    """In the order in which they are tried."""
    user: str = ""
    """Name of the user under which this person calls the ops API."""
    time_zone: str = "UTC"
    cap: int = DEFAULT_CAP
    """Messages an hour; beyond that what comes is gathered, and goes as one message a minute."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns."""

    people: tuple[str, ...]
    starts: date
    """A day on which the first of them takes over."""
    shift_days: int = 7
    hand_over: time = time(9, 0)
    time_zone: str = "UTC"

    def on(self, now: datetime) -> str:
        """Whose turn it is. Shifts are days of the zone's own calendar: a change of the clocks makes one longer."""
        local = now.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)
        days = (local - datetime.combine(self.starts, self.hand_over)) // timedelta(days=1)
        return self.people[days // self.shift_days % len(self.people)]

    def ends_at(self, now: datetime) -> datetime:
        """When the next of them takes over."""
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone).replace(tzinfo=None)
        first = datetime.combine(self.starts, self.hand_over)
        shifts = (local - first) // timedelta(days=self.shift_days) + 1
        return (first + shifts * timedelta(days=self.shift_days)).replace(tzinfo=zone)


class EmergencyContact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside the rota: a hotline, a vendor."""

    name: str
    reach: str
    """A number, an address or a room, as a person reads it."""


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """The contacts file."""

    people: Mapping[str, Person]
    levels: Mapping[str, tuple[str, ...] | Rotation]
    policies: Policies = {}
    """When each level is called, by severity, where that is another than ours."""
    audiences: Mapping[str, tuple[Channel, ...]] = {}
    """Channels that hear of every change of state (``incidents``)."""
    hotline: str = ""
    emergency: tuple[EmergencyContact, ...] = ()
    from_file: bool = True
    """False of those that we come with."""

    def on_call(self, level: str, now: datetime) -> tuple[str, ...]:
        """Ids of who is on call at a level by the file alone."""
        members = self.levels.get(level, ())
        return (members.on(now),) if isinstance(members, Rotation) else tuple(members)

    @property
    def empty_levels(self) -> tuple[str, ...]:
        """Levels at which nobody is called."""
        return tuple(level for level in LEVELS if not self.levels.get(level))


class OnCallOverride(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes a level for a while."""

    level: str
    person: str
    until_at: datetime
    by: str


def parse_contacts(text: str) -> Contacts:
    """The contacts in a file's text. Raises ``DocumentError`` with all of its faults."""
    document = CheckedDocument(text)
    reader = _Reader(document)
    root = document.fields(
        document.root, "the file", ("people", "levels"), ("policies", "audiences", "hotline", "emergency")
    )
    people = dict(reader.people(root["people"])) if "people" in root else {}
    contacts = Contacts(
        people=people,
        levels=dict(reader.levels(root["levels"], people)) if "levels" in root else {},
        policies=dict(reader.policies(root["policies"])) if "policies" in root else {},
        audiences=dict(reader.audiences(root["audiences"])) if "audiences" in root else {},
        hotline=reader.short(root["hotline"], "hotline") if "hotline" in root else "",
        emergency=tuple(reader.emergency(root["emergency"])) if "emergency" in root else (),
    )
    if "levels" in root and not any(contacts.levels.values()):
        document.fault(
            root["levels"], "nobody is at any level, so nobody would be called; L1: [ana] for instance"
        )
    document.finish()
    return contacts


class _Reader:
    """Reads the members of the file; what is wrong is noted in the document and the reading goes on."""

    def __init__(self, document: CheckedDocument) -> None:
        self._document = document

    def people(self, node: yaml.Node) -> Iterable[tuple[str, Person]]:
        """Everybody by id."""
        for person_id, place, value in self._members(node, "people"):
            if not _NAME.fullmatch(person_id):
                self._document.fault(place, f"{person_id[:40]!r} is no id of a person; ana is one")
            fields = self._document.fields(
                value, f"the person {person_id}", ("channels",), ("name", "user", "time_zone", "cap")
            )
            channels = tuple(self._channels(fields["channels"])) if "channels" in fields else ()
            if "channels" in fields and not channels:
                self._document.fault(value, f"{person_id} has no channel; there are {_CHANNELS}")
            yield (
                person_id,
                Person(
                    id=person_id,
                    name=self.short(fields["name"], "name") if "name" in fields else person_id,
                    user=self.short(fields["user"], "user") if "user" in fields else person_id,
                    channels=channels,
                    time_zone=self._zone(fields),
                    cap=self._cap(fields),
                ),
            )

    def levels(
        self, node: yaml.Node, people: Mapping[str, Person]
    ) -> Iterable[tuple[str, tuple[str, ...] | Rotation]]:
        """Who is called at each level."""
        for level, place, value in self._members(node, "levels"):
            if level not in LEVELS:
                self._document.fault(
                    place, f"there is no level {level[:40]!r}; there are {', '.join(LEVELS)}"
                )
            elif isinstance(value, yaml.MappingNode):
                rotation = self._rotation(value, people)
                if rotation is not None:
                    yield level, rotation
            else:
                yield level, self._known(value, f"level {level}", people)

    def policies(self, node: yaml.Node) -> Iterable[tuple[Severity, SeverityPolicy]]:
        """When each level is called about incidents of a severity."""
        for name, place, value in self._members(node, "policies"):
            severity = next((one for one in PAGED_SEVERITIES if one == name), None)
            if severity is None:
                there = " and ".join(PAGED_SEVERITIES)
                self._document.fault(place, f"nobody is called about {name[:40]!r}; there are {there}")
                continue
            fields = self._document.fields(value, f"the policy {name}", ("untaken",), ("held", "repeat"))
            untaken = self._steps(fields["untaken"], "untaken") if "untaken" in fields else ()
            if "untaken" in fields and not untaken:
                self._document.fault(
                    fields["untaken"], f"untaken calls nobody; write for instance {STEP_EXAMPLE}"
                )
            yield (
                severity,
                SeverityPolicy(
                    untaken=untaken,
                    held=self._steps(fields["held"], "held") if "held" in fields else (),
                    repeat_s=self._repeat(fields),
                ),
            )

    def _steps(self, node: yaml.Node, what: str) -> tuple[PolicyStep, ...]:
        steps = []
        for text, place in self._document.texts(node, what):
            try:
                steps.append(read_step(text))
            except ValueError as error:
                self._document.fault(place, str(error))
        if len(steps) > _MOST_STEPS:
            self._document.fault(node, f"{what} has at most {_MOST_STEPS} steps")
        return tuple(dict.fromkeys(steps))

    def _repeat(self, fields: Mapping[str, yaml.Node]) -> int | None:
        if "repeat" not in fields:
            return None
        repeat_s = int(self._document.duration_s(fields["repeat"], "repeat"))
        if not _SHORTEST_REPEAT_S <= repeat_s <= _LONGEST_REPEAT_S:
            self._document.fault(fields["repeat"], "repeat is a duration from 1m to 1d, such as 15m")
            return None
        return repeat_s

    def audiences(self, node: yaml.Node) -> Iterable[tuple[str, tuple[Channel, ...]]]:
        """Channels that hear of every change."""
        for name, _, value in self._members(node, "audiences"):
            yield name, tuple(self._channels(value))

    def emergency(self, node: yaml.Node) -> Iterable[EmergencyContact]:
        """Whom to call besides."""
        for item in self._document.items(node, "emergency"):
            fields = self._document.fields(item, "an emergency contact", ("name", "reach"))
            if len(fields) == 2:
                yield EmergencyContact(
                    name=self.short(fields["name"], "name"), reach=self.short(fields["reach"], "reach")
                )

    def short(self, node: yaml.Node, what: str) -> str:
        """A text of one line."""
        text = self._document.text(node, what).strip()
        if len(text) > _LONGEST or not text.isprintable():
            self._document.fault(node, f"{what} is one line of at most {_LONGEST} characters")
            return ""
        return text

    def _members(self, node: yaml.Node, what: str) -> Iterable[tuple[str, yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._document.fault(node, f"{what} is a mapping, a NAME: and what belongs to it on each line")
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in seen:
                self._document.fault(key, f"{name[:40]!r} is there twice")
            seen.add(name)
            yield name, key, value

    def _channels(self, node: yaml.Node) -> Iterable[Channel]:
        for item in self._document.items(node, "channels"):
            if isinstance(item, yaml.MappingNode):
                fields = self._document.fields(item, "a channel", ("command",))
                if "command" in fields:
                    words = [word for word, _ in self._document.texts(fields["command"], "command")]
                    if words and all(words):
                        yield Channel(kind="command", argv=tuple(words))
                    elif not words:
                        self._document.fault(
                            item, "command is a program and its words, command: [/usr/local/bin/page]"
                        )
                continue
            text = self.short(item, "a channel")
            channel = _channel(text)
            if channel is not None:
                yield channel
            elif text.startswith(("apprise:", "pagerduty:")):
                kind = text.partition(":")[0]
                # The value itself may be a secret: it is not repeated.
                self._document.fault(
                    item,
                    f"what {kind} needs is a secret: name its place, {kind}:env:NAME or {kind}:file:/PATH",
                )
            elif text:
                # What stands behind the first colon may be a secret in the wrong place.
                kind = text.partition(":")[0][:20]
                self._document.fault(item, f"{kind!r} is no channel; there are {_CHANNELS}")

    def _known(self, node: yaml.Node, what: str, people: Mapping[str, Person]) -> tuple[str, ...]:
        known = []
        for name, place in self._document.texts(node, what):
            if name in people:
                known.append(name)
            elif name:
                there = ", ".join(people) or "nobody"
                self._document.fault(place, f"{what} names {name[:40]!r}, and people has {there}")
        return tuple(dict.fromkeys(known))

    def _rotation(self, node: yaml.Node, people: Mapping[str, Person]) -> Rotation | None:
        fields = self._document.fields(
            node, "a rotation", ("rotation", "starts"), ("shift_days", "hand_over", "time_zone")
        )
        members = self._known(fields["rotation"], "rotation", people) if "rotation" in fields else ()
        starts = self._starts(fields)
        if not members or starts is None:
            return None
        return Rotation(
            people=members,
            starts=starts,
            shift_days=self._shift_days(fields),
            hand_over=self._hand_over(fields),
            time_zone=self._zone(fields),
        )

    def _starts(self, fields: Mapping[str, yaml.Node]) -> date | None:
        if "starts" not in fields:
            return None
        try:
            return date.fromisoformat(self._document.text(fields["starts"], "starts"))
        except ValueError:
            self._document.fault(fields["starts"], "starts is the day of a first shift, such as 2026-01-05")
            return None

    def _shift_days(self, fields: Mapping[str, yaml.Node]) -> int:
        if "shift_days" not in fields:
            return 7
        days = parse_whole_number(self._document.text(fields["shift_days"], "shift_days"))
        if days is None or not 1 <= days <= _LONGEST_SHIFT_DAYS:
            self._document.fault(
                fields["shift_days"], f"shift_days is a number of days from 1 to {_LONGEST_SHIFT_DAYS}"
            )
            return 7
        return days

    def _cap(self, fields: Mapping[str, yaml.Node]) -> int:
        if "cap" not in fields:
            return DEFAULT_CAP
        cap = parse_whole_number(self._document.text(fields["cap"], "cap"))
        if cap is None or not 1 <= cap <= _LARGEST_CAP:
            self._document.fault(
                fields["cap"], f"cap is a number of messages an hour from 1 to {_LARGEST_CAP}"
            )
            return DEFAULT_CAP
        return cap

    def _hand_over(self, fields: Mapping[str, yaml.Node]) -> time:
        if "hand_over" not in fields:
            return time(9)
        try:
            return time.fromisoformat(self._document.text(fields["hand_over"], "hand_over")).replace(
                tzinfo=None
            )
        except ValueError:
            self._document.fault(fields["hand_over"], 'hand_over is a time of day in quotes, "09:00"')
            return time(9)

    def _zone(self, fields: Mapping[str, yaml.Node]) -> str:
        if "time_zone" not in fields:
            return "UTC"
        name = self._document.text(fields["time_zone"], "time_zone")
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._document.fault(fields["time_zone"], f"{name[:40]!r} is no time zone; Europe/Berlin is one")
            return "UTC"


def _channel(text: str) -> Channel | None:
    kind, _, target = text.partition(":")
    if kind == "file" and target and "\0" not in target:
        return Channel(kind="file", target=target)
    if kind == "apprise" and _REFERENCE.fullmatch(target):
        return Channel(kind="apprise", target=target)
    if kind == "pagerduty" and _REFERENCE.fullmatch(target):
        return Channel(kind="pagerduty", target=target)
    return None


DEFAULT = parse_contacts(DEFAULT_TEXT)
