"""A selector of alerts: matchers on labels, all of which must fit."""

from collections.abc import Mapping

import msgspec
import yaml

from alerts.checked_document import CheckedDocument
from alerts.matcher import Matcher, MatcherError, check_matchers, parse_matcher


class LabelSelector(msgspec.Struct, frozen=True):
    """Matchers, all of which must fit."""

    matchers: tuple[Matcher, ...]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is meant."""
        return all(matcher.matches(labels) for matcher in self.matchers)

    @property
    def alertname(self) -> str | None:
        """The one name of all alerts that are meant; None where no matcher names one."""
        for matcher in self.matchers:
            if matcher.name == "alertname" and matcher.is_equal and not matcher.is_regex and matcher.value:
                return matcher.value
        return None


def read_selector(document: CheckedDocument, node: yaml.Node | None, what: str) -> LabelSelector:
    """A matcher, or a list of matchers all of which must fit; what is wrong with them is noted in the document."""
    matchers = []
    for text, place in document.texts(node, what):
        try:
            if text:
                matchers.append(parse_matcher(text))
        except MatcherError as error:
            document.fault(place, f"{what}: {error}")
            return LabelSelector(())
    try:
        check_matchers(matchers)
    except MatcherError as error:
        document.fault(node, f"{what}: {error}")
    return LabelSelector(tuple(matchers))
