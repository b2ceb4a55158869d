"""The inhibition table: which alerts are only symptoms of others, by their labels."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
import yaml

from alerts.checked_document import CheckedDocument
from alerts.label_selector import LabelSelector, read_selector

DEFAULT_TEXT = """\
# Causes and their symptoms. While an alert that fits `cause` fires, alerts that fit one of `symptoms` are muted and
# open no incident of their own. `cause` and each of `symptoms` is a matcher as amtool writes it, or a list of them, all
# of which must fit. `equal` names labels that must have the same value on both sides. A symptom stays muted after the
# cause's end for as long as its own rule looks back; `tail: 10m` gives that time instead.
inhibition:
  - cause: alertname="APIDown"
    symptoms:
      - alertname="APIHighErrorRate"
      - alertname="HighLatencyP95"
      - alertname="NoRecentRequests"
  - cause: alertname="DatabaseDown"
    symptoms:
      - alertname="APIHighErrorRate"
      - alertname="HighLatencyP95"
      - alertname="DatabasePoolExhausted"
      - alertname="RequestLogRowsDropped"
  - cause: alertname="RedisDown"
    symptoms:
      - alertname="LowCacheHitRate"
      - alertname="CacheEmpty"
      - alertname="HighLatencyP95"
  - cause: alertname="LLMProviderSlowdown"
    symptoms:
      - alertname="HighLatencyP95"
"""


class InhibitionRule(msgspec.Struct, frozen=True, kw_only=True):
    """One cause and its symptoms."""

    cause: LabelSelector
    symptoms: tuple[LabelSelector, ...]
    """An alert that fits one of them is a symptom."""
    equal: tuple[str, ...] = ()
    """Labels that cause and symptom must have in common; one that is missing on both sides is the same."""
    tail_s: float | None = None
    """Seconds for which a symptom stays muted after its cause; None for as long as the symptom's rule looks back."""

    def makes_symptom(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is a symptom."""
        return any(symptom.fits(labels) for symptom in self.symptoms)

    def common(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The values that cause and symptom must share."""
        return tuple(labels.get(name, "") for name in self.equal)

    def tail(self, alertname: str, windows: Mapping[str, timedelta], unknown: timedelta) -> timedelta:
        """How long a symptom of that name stays muted after the cause; ``unknown`` where nobody has said how far it looks back."""
        if self.tail_s is not None:
            return timedelta(seconds=self.tail_s)
        return windows.get(alertname, unknown)


class InhibitionTable(msgspec.Struct, frozen=True):
    """All causes, in the order of the file."""

    rules: tuple[InhibitionRule, ...]


def parse_inhibition(text: str) -> InhibitionTable:
    """The table in a file's text. Raises ``DocumentError`` with all of its faults."""
    document = CheckedDocument(text)
    fields = document.fields(document.root, "the file", ("inhibition",))
    listed = document.items(fields["inhibition"], "inhibition") if fields else []
    rules = tuple(_rule(document, node) for node in listed)
    document.finish()
    return InhibitionTable(rules)


def _rule(document: CheckedDocument, node: yaml.Node) -> InhibitionRule:
    fields = document.fields(node, "an entry of inhibition", ("cause", "symptoms"), ("equal", "tail"))
    symptoms = document.items(fields.get("symptoms"), "symptoms") if "symptoms" in fields else []
    if "symptoms" in fields and isinstance(fields["symptoms"], yaml.SequenceNode) and not symptoms:
        document.fault(fields["symptoms"], "symptoms is empty; name at least one matcher")
    return InhibitionRule(
        cause=read_selector(document, fields["cause"], "cause") if "cause" in fields else LabelSelector(()),
        symptoms=tuple(read_selector(document, symptom, "a symptom") for symptom in symptoms),
        equal=tuple(word for word, _ in document.texts(fields["equal"], "equal"))
        if "equal" in fields
        else (),
        tail_s=document.duration_s(fields["tail"], "tail") if "tail" in fields else None,
    )


DEFAULT = parse_inhibition(DEFAULT_TEXT)
