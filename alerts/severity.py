"""The severity map: what the words of foreign senders mean here."""

from collections.abc import Mapping
from typing import get_args

import msgspec

from alerts.checked_document import CheckedDocument
from alerts.wire import Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
UNKNOWN: Severity = "warning"
"""What a word that the map does not have counts as, so that it is not overlooked."""
DEFAULT_TEXT = """\
# What the label `severity` of senders' alerts means here, whatever its case. A word that is not here counts as a
# warning and is shown as it was sent.
severities:
  critical: [critical, crit, page, fatal, emergency, emerg, disaster, error, err, high, major, p0, p1, sev0, sev1, s1]
  warning: [warning, warn, average, medium, minor, ticket, p2, p3, sev2, sev3, s2, s3]
  info: [info, information, informational, notice, low, debug, p4, p5, sev4, sev5, s4, s5]
  none: [none]
"""


class SeverityMap(msgspec.Struct, frozen=True):
    """Words in lower case, and what each of them means."""

    words: Mapping[str, Severity]

    def meaning(self, sent: str) -> Severity | None:
        """What a sender's word means; None where the map does not have it."""
        return self.words.get(sent) or self.words.get(sent.strip().lower())


def parse_severities(text: str) -> SeverityMap:
    """The map in a file's text; our own four words always mean themselves. Raises ``DocumentError`` with all faults."""
    document = CheckedDocument(text)
    fields = document.fields(document.root, "the file", ("severities",))
    listed = document.fields(fields["severities"], "severities", (), SEVERITIES) if fields else {}
    words: dict[str, Severity] = {severity: severity for severity in SEVERITIES}
    for severity in SEVERITIES:
        for word, node in document.texts(listed[severity], severity) if severity in listed else ():
            known = words.setdefault(word.strip().lower(), severity)
            if known != severity:
                document.fault(node, f"{word!r} means {known} already; leave it in one of the two")
    document.finish()
    return SeverityMap(words)


DEFAULT = parse_severities(DEFAULT_TEXT)
