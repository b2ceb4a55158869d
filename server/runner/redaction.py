"""Keeps secrets out of everything that is shown, stored or sent: by value in every usual form, and by pattern."""

import base64
import json
import re
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import re2

from server.runner.control_sequences import sequence_start_before, strip_control

MASK = b"[redacted]"
SHORTEST_SECRET = 6
"""Shorter values are words, and masking them everywhere would hide the output itself."""
_SHORTEST_LINE = 4
_LONGEST_TOKEN = 8192
_LONGEST_LINE = 64 * 1024
_MARGIN = 2 * _LONGEST_TOKEN
_KEY_BLOCK_LINES = 500
_MOST_AT_ONCE = 100
"""Forms of secrets that are looked for by one pattern."""


class _Pattern(NamedTuple):
    """What a kind of secret looks like; ``before`` and ``after`` are shown, ``anchor`` is in every text that has one."""

    anchor: bytes
    secret: bytes
    before: bytes = b""
    after: bytes = b""

    @property
    def whole(self) -> bytes:
        """With what is shown around it."""
        return b"(?:" + self.before + self.secret + self.after + b")"


_ASSIGNED = rb"[\"']?[=:][ \t]?[\"']?[^\s\"']+"
_KINDS = (
    _Pattern(b"earer", rb"(?i:bearer)[ \t]+[A-Za-z0-9._~+/=-]{6,}"),
    _Pattern(b"EARER", rb"(?i:bearer)[ \t]+[A-Za-z0-9._~+/=-]{6,}"),
    _Pattern(b"asic ", rb"(?i:basic)[ \t]+[A-Za-z0-9+/=_-]{8,}"),
    _Pattern(b"sp_", rb"sp_[A-Za-z0-9_-]{12,}"),
    _Pattern(b"ops_", rb"ops_[A-Za-z0-9_-]{32,}"),
    _Pattern(b"://", rb"[^\s/@:\"'<>]*:[^\s/@\"'<>]+", before=rb"://", after=rb"@"),
    _Pattern(b"AKIA", rb"AKIA[0-9A-Z]{16}"),
    _Pattern(b"ASIA", rb"ASIA[0-9A-Z]{16}"),
    _Pattern(b"aws_", rb"aws_secret_access_key[ \t\"':=]{1,8}[A-Za-z0-9/+=]{30,64}"),
    _Pattern(b"AIza", rb"AIza[0-9A-Za-z_-]{30,64}"),
    _Pattern(b"ya29.", rb"ya29\.[0-9A-Za-z_-]{20,}"),
    _Pattern(b"gh", rb"gh[pousr]_[A-Za-z0-9]{30,255}"),
    _Pattern(b"github_pat_", rb"github_pat_[A-Za-z0-9_]{30,255}"),
    _Pattern(b"xox", rb"xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
    _Pattern(b"sk-", rb"sk-[A-Za-z0-9_-]{20,512}"),
    _Pattern(b"sk_", rb"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    _Pattern(b"rk_", rb"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    _Pattern(b"eyJ", rb"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    _Pattern(b"AccountKey=", rb"[A-Za-z0-9+/=]{40,128}", before=rb"AccountKey="),
    _Pattern(b"PASSWORD", _ASSIGNED, before=rb"PASSWORD"),
    *(
        _Pattern(b"_" + name, rb"=[\"']?[^\s\"']+", before=rb"[A-Z0-9]_" + name)
        for name in (b"KEY", b"PASS", b"PASSWD", b"DSN", b"SECRET", b"TOKEN")
    ),
    _Pattern(b"-----BEGIN", rb"-----BEGIN[^-\n]{0,64}PRIVATE KEY-----.*?-----END[^-\n]{0,64}-----"),
)
_PATTERNS = tuple(
    (kind.anchor, re2.compile(b"(" + kind.before + b")" + kind.secret + b"(" + kind.after + b")"))
    for kind in _KINDS
)
_SHOWN_AROUND = rb"\1" + MASK + rb"\2"
_KEY_BEGINS = re2.compile(rb"-----BEGIN[^-\n]{0,64}PRIVATE KEY(?: BLOCK)?-----[^\n]*")
_KEY_ENDS = re2.compile(rb"-----END[^-\n]{0,64}-----")


@cache
def any_kind() -> Any:
    """Whatever looks like a secret as one pattern, for a text of which only is asked whether it has one.

    Takes some 15 ms when it is first asked for; the same for every redaction.
    """
    return re2.compile(b"|".join((_KEY_BEGINS.pattern, *(kind.whole for kind in _KINDS))))


class Redaction:
    """What is secret; ``of`` masks whole texts and ``stream`` a text that arrives in pieces."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in forms_of(secret)}
        plain = {form for form in forms if b"%" not in form}
        self.forms = tuple(sorted(plain, key=lambda form: (-len(form), form)))
        self._escaped = tuple(
            _any_case(form) for form in sorted(forms - plain, key=lambda form: (-len(form), form))
        )

    def of(self, text: str) -> str:
        """The text with every secret masked and without control sequences."""
        stream = self.stream()
        raw = text.encode(errors="replace")
        return (stream.feed(raw) + stream.finish()).decode(errors="replace")

    def hides(self, text: str) -> bool:
        """Whether anything in the text is secret; soon seen, and cheaper than to mask it."""
        return self.hides_in(strip_control(text.encode(errors="replace")))

    def hides_in(self, raw: bytes) -> bool:
        """As ``hides``, of a text that has no control sequences."""
        if any_kind().search(raw) is not None:
            return True
        if self._known is not None:
            return self._known.search(raw) is not None
        return any(form in raw for form in self.forms) or (
            b"%" in raw and any(pattern.search(raw) is not None for pattern in self._escaped)
        )

    @cached_property
    def _known(self) -> Any:
        """Every form of every secret as one pattern: one pass over a text, and soon made when a secret comes.

        None where there is none, or so many that the pattern would cost more than a pass for each of them.
        """
        forms = (*map(re2.escape, self.forms), *(pattern.pattern for pattern in self._escaped))
        return re2.compile(b"|".join(forms)) if 0 < len(forms) <= _MOST_AT_ONCE else None

    def stream(self) -> "RedactedStream":
        """A stream of its own; what was fed to one never shows in another."""
        return RedactedStream(self.forms, self._escaped)


class RedactedStream:
    """Masks a stream line by line: a line is let go when its end is there, so no split can hide a secret.

    The result is the same however the stream was cut into pieces. Of a line longer than 64 KB the first part is let
    go earlier, with an overlap of twice the longest token.
    """

    def __init__(self, forms: tuple[bytes, ...], escaped: tuple[Any, ...]) -> None:
        self._forms = forms
        self._patterns = (*((b"%", pattern) for pattern in escaped), *_PATTERNS)
        self._held = b""
        self._key_lines = 0

    def feed(self, piece: bytes) -> bytes:
        """What may be shown now that ``piece`` has come."""
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, len(piece) - 1)) + 1
        if not end:
            self._held += piece
            return self._overlong()
        block, self._held = self._held + piece[:end], piece[end:]
        return self._mask(strip_control(block)) + self._overlong()

    def finish(self) -> bytes:
        """The rest, when no more will come."""
        rest, self._held = self._held, b""
        return self._mask(strip_control(rest))

    def _overlong(self) -> bytes:
        if len(self._held) <= _LONGEST_LINE:
            return b""
        plain = strip_control(self._held)
        if len(plain) <= _MARGIN:
            return b""
        cut = sequence_start_before(self._held, len(self._held) - _MARGIN)
        head, rest = strip_control(self._held[:cut]), self._held[cut:]
        apart = self._secret_start_before(head + strip_control(rest), len(head))
        self._held = head[apart:] + rest
        return self._mask(head[:apart])

    def _secret_start_before(self, text: bytes, cut: int) -> int:
        """``cut``, or where the secret begins that it would cut in two; never further back than the margin.

        The patterns look once, however many secrets touch each other: a look for each of them took half a minute
        for 80 KB of one repeated prefix.
        """
        first = max(0, cut - _MARGIN)
        tokens = sorted(self._tokens(text, first, cut + _MARGIN), reverse=True)
        moved = True
        while moved and cut > first:
            moved = False
            for start, end in (*self._known_across(text, cut), *tokens):
                if start < cut < end:
                    cut, moved = start, True
        return cut

    def _known_across(self, text: bytes, cut: int) -> Iterable[tuple[int, int]]:
        for form in self._forms:
            at = text.find(form, max(0, cut - len(form) + 1), cut + len(form) - 1)
            if at >= 0:
                yield at, at + len(form)

    def _tokens(self, text: bytes, first: int, last: int) -> Iterable[tuple[int, int]]:
        for anchor, pattern in self._patterns:
            if text.find(anchor, first, last) >= 0:
                yield from (match.span() for match in pattern.finditer(text, first, last))

    def _mask(self, block: bytes) -> bytes:
        if self._key_lines or b"-----BEGIN" in block:
            block = self._mask_keys(block)
        for form in self._forms:
            if form in block:
                block = block.replace(form, MASK)
        for anchor, pattern in self._patterns:
            if anchor in block:
                block = pattern.sub(_SHOWN_AROUND, block)
        return block

    def _mask_keys(self, block: bytes) -> bytes:
        return b"".join(self._mask_key_line(line) for line in block.splitlines(keepends=True))

    def _mask_key_line(self, line: bytes) -> bytes:
        if self._key_lines:
            ended = _KEY_ENDS.search(line)
            self._key_lines = 0 if ended else (self._key_lines + 1) % _KEY_BLOCK_LINES
            return line[ended.end() :] if ended else b""
        begun = _KEY_BEGINS.search(line)
        if begun is None or _KEY_ENDS.search(line, begun.start()) is not None:
            return line
        self._key_lines = 1
        return line[: begun.start()] + MASK + b"\n"


def _any_case(form: bytes) -> Any:
    """A form with percent escapes, whose hexadecimal digits may be written in either case (RFC 3986, 2.1).

    With groups for what is shown before and after it, of which it has nothing.
    """
    first, *rest = form.split(b"%")
    words = [re2.escape(first)]
    for part in rest:
        words += [b"(?i:%" + re2.escape(part[:2]) + b")", re2.escape(part[2:])]
    return re2.compile(b"()" + b"".join(words) + b"()")


def forms_of(secret: str) -> set[bytes]:
    """The secret as it may appear in a text: raw, base64 at any alignment and wrapped, URL- and JSON-escaped."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    texts = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    texts |= {json.dumps(text)[1:-1] for text in list(texts)}
    texts |= {text.replace("/", "\\/") for text in list(texts)}
    texts |= {
        text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") for text in list(texts)
    }
    texts |= {re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m[0][2:].upper(), text) for text in list(texts)}
    texts |= {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    forms = {text.encode() for text in texts} | _base64_forms(secret.encode())
    forms |= {secret.encode().hex().encode(), secret.encode().hex().upper().encode()}
    lines = {line.strip() for form in forms if b"\n" in form for line in form.splitlines()}
    whole = {form for form in forms if b"\n" not in form and len(form) >= SHORTEST_SECRET}
    return whole | {line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith(b"-----")}


def _base64_forms(raw: bytes) -> set[bytes]:
    forms = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            encoded = encode(bytes(shift) + raw)
            begin, end = (0, 2, 3)[shift], len(encoded)
            remainder = (shift + len(raw)) % 3
            end -= (0, 3, 2)[remainder]
            if end - begin >= SHORTEST_SECRET:
                forms.add(encoded[begin:end])
        whole = encode(raw)
        forms |= {whole, whole.rstrip(b"=")}
        for width in (64, 76):
            lines = [whole[at : at + width] for at in range(0, len(whole), width)]
            forms |= {line for line in lines if len(lines) > 1 and len(line) >= SHORTEST_SECRET}
    return forms
