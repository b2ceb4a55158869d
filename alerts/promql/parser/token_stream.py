"""A cursor over tokens, and the errors a parser raises at it."""

from alerts.promql.error import PromQLError
from alerts.promql.parser.lexer import Token


class TokenStream:
    """Peek at, take or demand the next token."""

    def __init__(self, tokens: list[Token], text: str) -> None:
        self._tokens = tokens
        self._next = 0
        self.text = text

    @property
    def peek(self) -> Token:
        return self._tokens[self._next]

    def take(self) -> Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def ended(self) -> bool:
        return self.peek.kind == "end"

    def operator(self) -> str:
        """The next token as an operator's name, empty where it is a string or a number."""
        return self.peek.text.lower() if self.peek.kind in ("op", "word") else ""

    def at_op(self, text: str) -> bool:
        return self.peek.kind == "op" and self.peek.text == text

    def word_is(self, word: str) -> bool:
        return self.peek.kind == "word" and self.peek.text.lower() == word

    def skip_op(self, text: str) -> bool:
        found = self.at_op(text)
        if found:
            self.take()
        return found

    def skip_word(self, word: str) -> bool:
        found = self.word_is(word)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        if not self.skip_op(text):
            raise self.unexpected(f", expected {text!r}")

    def label_name(self, *, quoted: bool) -> str:
        """A label name; Prometheus 3 allows any text between quotes."""
        token = self.peek
        if (token.kind == "word" and ":" not in token.text) or (
            quoted and token.kind == "string" and token.text
        ):
            return self.take().text
        raise self.unexpected(", expected label")

    def unexpected(self, expected: str) -> PromQLError:
        token = self.peek
        what = "unexpected end of input" if token.kind == "end" else f"unexpected {token.kind} {token.text!r}"
        return PromQLError(what + expected, token.position, self.text)

    def error(self, reason: str, token: Token | None = None) -> PromQLError:
        return PromQLError(reason, (token or self.peek).position, self.text)
