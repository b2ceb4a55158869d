"""What a sender may put into an alert: bounded, free of secrets and of control characters, once and for all uses."""

from collections.abc import Callable, Mapping, Sequence

from alerts.visible_text import visible_text
from server.runner.redaction import MASK, Redaction

MOST_LABELS = 128
MOST_ANNOTATIONS = 128
LONGEST_NAME = 1_024
LONGEST_LABEL = 4_096
LONGEST_ANNOTATION = 16_384
LONGEST_LABELS = 32_768
"""Characters of all labels together; what is longer than a few screens is no name of anything."""
LONGEST_ANNOTATIONS = 65_536
"""Characters of all annotations together."""
LONGEST_URL = 4_096
_PLAIN = LONGEST_ANNOTATION
"""Characters of all texts of an alert up to which none of them can need cutting."""


class OversizedAlertError(ValueError):
    """An alert that is larger than one may be; the message says in what."""


def check_size(labels: Mapping[str, str], annotations: Mapping[str, str]) -> None:
    """Raises ``OversizedAlertError``. Labels are never cut, for they are the alert; annotations are, by ``cut``."""
    for kind, values, most in (
        ("labels", labels, MOST_LABELS),
        ("annotations", annotations, MOST_ANNOTATIONS),
    ):
        if not values:
            continue
        if len(values) > most:
            raise OversizedAlertError(f"it has {len(values)} {kind}; at most {most} are taken")
        name = max(values, key=len)
        if len(name) > LONGEST_NAME:
            raise OversizedAlertError(
                f"the name {name[:20]}… has {len(name)} characters; at most {LONGEST_NAME} are taken"
            )
    if (length := sum(map(len, labels.values()))) > LONGEST_LABELS:
        raise OversizedAlertError(f"its labels have {length} characters; at most {LONGEST_LABELS} are taken")
    if length > LONGEST_LABEL:
        for name, value in labels.items():
            if len(value) > LONGEST_LABEL:
                raise OversizedAlertError(
                    f"the label {name} has {len(value)} characters; at most {LONGEST_LABEL} are taken"
                )


def cut(text: str, longest: int = LONGEST_ANNOTATION) -> str:
    """The text, or its first part with a mark that says how much is missing."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} characters cut)"


class AlertCleaner:
    """Cleans the texts of many alerts: one look for all of them, a closer one only where it is needed."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    def cleaned(self, many: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """Labels, or annotations, as everything but the fingerprint uses them; those that are empty are none."""
        # By a blank: whatever spans two of them only costs a closer look.
        texts = [" ".join([*values, *values.values()]) for values in many]
        short = [text for text in texts if len(text) <= _PLAIN]
        hidden = self._redaction.hides(" ".join(short))
        return [
            dict(values)
            if all(values.values())
            and len(text) <= _PLAIN
            and text.isprintable()
            and not (hidden and self._redaction.hides(text))
            else self._closer(values)
            for values, text in zip(many, texts, strict=True)
        ]

    def _closer(self, values: Mapping[str, str]) -> dict[str, str]:
        cleaned, left = {}, LONGEST_ANNOTATIONS
        for name, value in values.items():
            if value:
                kept = cut(value, min(LONGEST_ANNOTATION, left))
                left = max(0, left - len(value))
                cleaned[clean_text(name, self._redaction.of)] = clean_text(kept, self._redaction.of)
        return cleaned


def clean_text(text: str, redacted: Callable[[str], str]) -> str:
    """One text with its controls written out; where it hides a secret, without them, or they would break it in two."""
    without = redacted(text)
    return visible_text(without if MASK.decode() in without else text)
