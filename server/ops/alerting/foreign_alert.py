"""What a sender may put into an alert: bounded, free of secrets and of control characters, once and for all uses."""

from collections.abc import Callable, Mapping

from alerts.visible_text import visible_text
from server.runner.redaction import MASK

MOST_LABELS = 128
MOST_ANNOTATIONS = 128
LONGEST_NAME = 1_024
LONGEST_LABEL = 4_096
LONGEST_ANNOTATION = 16_384
LONGEST_URL = 4_096


class OversizedAlertError(ValueError):
    """An alert that is larger than one may be; the message says in what."""


def check_size(labels: Mapping[str, str], annotations: Mapping[str, str]) -> None:
    """Raises ``OversizedAlertError``. Labels are never cut, for they are the alert; annotations are, by ``cut``."""
    for kind, values, most in (
        ("labels", labels, MOST_LABELS),
        ("annotations", annotations, MOST_ANNOTATIONS),
    ):
        if len(values) > most:
            raise OversizedAlertError(f"it has {len(values)} {kind}; at most {most} are taken")
        for name in values:
            if len(name) > LONGEST_NAME:
                raise OversizedAlertError(
                    f"the name {name[:20]}… has {len(name)} characters; at most {LONGEST_NAME} are taken"
                )
    for name, value in labels.items():
        if len(value) > LONGEST_LABEL:
            raise OversizedAlertError(
                f"the label {name} has {len(value)} characters; at most {LONGEST_LABEL} are taken"
            )


def cut(text: str, longest: int = LONGEST_ANNOTATION) -> str:
    """The text, or its first part with a mark that says how much is missing."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} characters cut)"


def clean(values: Mapping[str, str], redacted: Callable[[str], str]) -> dict[str, str]:
    """Names and values as everything but the fingerprint uses them; those that are empty are none."""
    return {
        clean_text(name, redacted): clean_text(cut(value), redacted)
        for name, value in values.items()
        if value
    }


def clean_text(text: str, redacted: Callable[[str], str]) -> str:
    """One text with its controls written out; where it hides a secret, without them, or they would break it in two."""
    without = redacted(text)
    return visible_text(without if MASK.decode() in without else text)


def is_clean(values: Mapping[str, str]) -> bool:
    """Whether nothing in it has to be written out or cut; whether anything is secret is asked elsewhere."""
    return all(
        name.isprintable() and value.isprintable() and len(value) <= LONGEST_ANNOTATION
        for name, value in values.items()
    )
