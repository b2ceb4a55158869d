"""Texts of people as they may be published: bounded, without secrets, their controls written out."""

from server.http.call import BadRequestError
from server.ops.alerting.foreign_alert import clean_text
from server.ops.executions.redactor import Redactor

LONGEST_LINE = 200
LONGEST_TEXT = 5_000


class PublishedText:
    """Cleans and checks. Each call raises ``BadRequestError`` for what is too long, or empty where it must not be."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def markdown(self, text: str) -> str:
        """A text of any lines, perhaps empty."""
        cleaned = clean_text(text.strip().replace("\r\n", "\n"), self._redactor.redacted)
        if len(cleaned) > LONGEST_TEXT:
            raise BadRequestError(f"text has at most {LONGEST_TEXT} characters", "text")
        return cleaned

    def words(self, text: str) -> str:
        """A text that says something."""
        words = self.markdown(text)
        if not words:
            raise BadRequestError("say something: text is empty", "text")
        return words

    def optional(self, text: str, name: str) -> str:
        """One line, perhaps empty."""
        line = clean_text(" ".join(text.split()), self._redactor.redacted)
        if len(line) > LONGEST_LINE:
            raise BadRequestError(f"{name} has at most {LONGEST_LINE} characters", name)
        return line

    def line(self, text: str, name: str) -> str:
        """One line that says something."""
        line = self.optional(text, name)
        if not line:
            raise BadRequestError(f"{name} has 1 to {LONGEST_LINE} characters", name)
        return line
