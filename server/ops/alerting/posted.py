"""What senders post, read fast: an alert that was posted before is known by the bytes of its labels."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
import re2

from alerts.alert import Alert, said_alert
from alerts.fingerprint import fingerprints
from alerts.wire import PostableAlert
from server.http.half_characters import without_halves
from server.ops.alerting.foreign_alert import (
    LONGEST_URL,
    MOST_ANNOTATIONS,
    MOST_LABELS,
    AlertCleaner,
    OversizedAlertError,
    check_size,
    clean_text,
    cut,
)
from server.ops.executions.redactor import Redactor
from server.ops.state.events import AlertQuarantined

_LONGEST_QUARANTINED = 4_000
_LONGEST_READ = 4 * _LONGEST_QUARANTINED
_LONGEST_WHY = 500
_KNOWN_URLS = 2_000
_KNOWN = 200_000
"""Alerts whose labels are known by their bytes."""
_PLAIN = 8 * min(MOST_LABELS, MOST_ANNOTATIONS)
"""Bytes of texts that are not looked into one by one: eight are the least that one of them takes."""
_LARGE = 256 * 1024
"""Bytes from which a body is split in a thread."""
_SCANNED = 256 * 1024
"""The longest body whose items are told apart although one of them is nested too deeply to be read."""
_TOKEN = re2.compile(rb'"(?:[^"\\]|\\(?s:.))*"|[\[\]{},]')


class RawAlert(msgspec.Struct, frozen=True):
    """One posted alert whose labels and annotations have not been looked into; ``whole`` where it has another shape."""

    labels: msgspec.Raw
    annotations: msgspec.Raw = msgspec.Raw(b"{}")
    startsAt: datetime | None = None
    endsAt: datetime | None = None
    generatorURL: str = ""
    status: msgspec.Raw = msgspec.Raw(b"null")
    """``firing`` or ``resolved`` in a webhook's message; the API has no such member and what stands there is nobody's."""


class OddItem(NamedTuple):
    """An item that is no alert as it should be."""

    whole: bytes


class _Labelled:
    """What is known of alerts with these very bytes for labels, and of the annotations that came last."""

    __slots__ = ("annotations", "annotations_hash", "fingerprint", "labels")

    def __init__(self, fingerprint: str, labels: dict[str, str]) -> None:
        self.fingerprint = fingerprint
        self.labels = labels
        self.annotations: dict[str, str] = {}
        self.annotations_hash = 0


class PostedAlert(NamedTuple):
    """One good alert."""

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime | None
    ends_at: datetime | None
    generator_url: str
    resolved: bool | None = None
    """What a webhook's sender says itself; None in the API, where the end says it."""

    @property
    def alertname(self) -> str:
        """The label ``alertname``."""
        return self.labels.get("alertname", "")

    def episode(self, now: datetime, source: str) -> Alert:
        """As an episode of its own."""
        return said_alert(
            self.fingerprint,
            self.labels,
            self.annotations,
            self.starts_at,
            self.ends_at,
            now=now,
            source=source,
            generator_url=self.generator_url,
            resolved=self.resolved,
        )


class Posted(NamedTuple):
    """A batch, sorted out."""

    good: Sequence[PostedAlert]
    bad: Sequence[AlertQuarantined]


_BATCH = msgspec.json.Decoder(list[RawAlert])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ITEM = msgspec.json.Decoder(RawAlert)
_POSTABLE = msgspec.json.Decoder(PostableAlert)
_STATUS = msgspec.json.Decoder(Literal["firing", "resolved"])
_TEXTS = msgspec.json.Decoder(dict[str, str])


class PostedReader:
    """Reads batches of alerts."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._known: dict[bytes, _Labelled] = {}
        self._urls: dict[str, str] = {}
        self._redaction: object = None
        self._oversized: dict[bytes, OversizedAlertError] = {}
        """What is wrong with labels of the batch at hand."""

    async def split(self, body: bytes) -> Sequence[RawAlert | OddItem]:
        """The items of a body, unread; raises ``msgspec.DecodeError`` where it is no list."""
        try:
            return await asyncio.to_thread(_split, body) if len(body) > _LARGE else _split(body)
        except RecursionError:
            return await asyncio.to_thread(_split_by_hand, body)

    def read(self, items: Sequence[RawAlert | OddItem], *, by_status: bool = False) -> Posted:
        """The alerts of some items; a bad one is quarantined by itself. Texts are free of secrets and controls then.

        ``by_status``: each says itself whether it is resolved, as a webhook's alerts do.
        """
        self._forget_redacted()
        good: list[PostedAlert] = []
        bad: list[AlertQuarantined] = []
        keys = [_key(item.labels) if isinstance(item, RawAlert) else b"" for item in items]
        self._learn(items, keys)
        annotations = self._read_annotations(items, keys)
        for item, key, said in zip(items, keys, annotations, strict=True):
            known = self._known.get(key)
            try:
                if key in self._oversized:
                    raise self._oversized[key]
                if not isinstance(item, RawAlert) or known is None:
                    _explain(item)
                else:
                    good.append(self._posted(item, known, said, by_status=by_status))
            except (msgspec.ValidationError, ValueError) as error:
                bad.append(self._quarantined(item, str(error)))
            except RecursionError:
                bad.append(self._quarantined(item, "it is nested too deeply"))
        return Posted(good, bad)

    def _learn(self, items: Sequence[RawAlert | OddItem], keys: Sequence[bytes]) -> None:
        """Reads the labels that are new; the fingerprints of all of them are computed at once."""
        self._oversized.clear()
        raws = {
            key: bytes(item.labels)
            for item, key in zip(items, keys, strict=True)
            if isinstance(item, RawAlert) and key not in self._known
        }
        new: dict[bytes, dict[str, str]] = {}
        odd: list[bytes] = []
        for (key, raw), is_plain in zip(raws.items(), self._plain(list(raws.values())), strict=True):
            try:
                labels = _TEXTS.decode(raw)
                if not is_plain:
                    check_size(labels, {})
            except OversizedAlertError as error:
                self._oversized[key] = error
                continue
            except (msgspec.ValidationError, ValueError):
                continue
            if labels.get("alertname"):
                new[key] = labels
                if not is_plain:
                    odd.append(key)
        if len(self._known) + len(new) > _KNOWN:
            self._known.clear()
        prints = fingerprints(list(new.values()))
        new.update(zip(odd, self._cleaner.cleaned([new[key] for key in odd]), strict=True))
        for (key, labels), print_ in zip(new.items(), prints, strict=True):
            self._known[key] = _Labelled(print_, labels)

    def _read_annotations(
        self, items: Sequence[RawAlert | OddItem], keys: Sequence[bytes]
    ) -> list[dict[str, str] | None]:
        """The annotations of each item, None where they cannot be read; the last are those its labels are known with."""
        found: list[dict[str, str] | None] = [None] * len(items)
        new: list[tuple[int, _Labelled, bytes]] = []
        changed: set[bytes] = set()
        for n, (item, key) in enumerate(zip(items, keys, strict=True)):
            known = self._known.get(key)
            if known is None or not isinstance(item, RawAlert):
                continue
            raw = bytes(item.annotations)
            if hash(raw) == known.annotations_hash and key not in changed:
                found[n] = known.annotations
            else:
                new.append((n, known, raw))
                changed.add(key)
        odd: list[int] = []
        for (n, _, raw), is_plain in zip(new, self._plain([raw for *_, raw in new]), strict=True):
            with suppress(msgspec.ValidationError, ValueError):
                annotations = _TEXTS.decode(raw)
                if not is_plain:
                    check_size({}, annotations)
                    odd.append(n)
                found[n] = annotations
        cleaned = self._cleaner.cleaned([found[n] or {} for n in odd])
        for n, annotations in zip(odd, cleaned, strict=True):
            found[n] = annotations
        for n, known, raw in new:
            read = found[n]
            if read is not None:
                known.annotations, known.annotations_hash = read, hash(raw)
        return found

    def _plain(self, raws: Sequence[bytes]) -> list[bool]:
        """Of each JSON object of texts whether nothing in it can have to be cut, left out, written otherwise or hidden.

        It is told by its bytes: short, printable ASCII without escapes, no text empty; and none of all hides anything,
        which one look shows. Mostly one look shows the rest too.
        """
        together = b" ".join(raws)
        if self._redactor.redaction.hides_in(together):
            return [False] * len(raws)
        if _is_simple(together):
            return [len(raw) <= _PLAIN for raw in raws]
        return [len(raw) <= _PLAIN and _is_simple(raw) for raw in raws]

    @property
    def _cleaner(self) -> AlertCleaner:
        return AlertCleaner(self._redactor.redaction)

    def _posted(
        self, item: RawAlert, known: _Labelled, annotations: dict[str, str] | None, *, by_status: bool
    ) -> PostedAlert:
        for at in (item.startsAt, item.endsAt):
            if at is not None and at.tzinfo is None:
                raise ValueError("its times have no time zone")
        if annotations is None:
            check_size({}, _TEXTS.decode(item.annotations))
            raise ValueError("its annotations cannot be read")
        return PostedAlert(
            known.fingerprint,
            known.labels,
            annotations,
            item.startsAt,
            item.endsAt,
            self._clean_url(item.generatorURL),
            _STATUS.decode(item.status) == "resolved" if by_status else None,
        )

    def _clean_url(self, url: str) -> str:
        """The address of the rule, which all alerts of a rule share: each is cleaned once."""
        cleaned = self._urls.get(url)
        if cleaned is None:
            cleaned = clean_text(cut(url, LONGEST_URL), self._redactor.redacted) if url else ""
            if len(self._urls) >= _KNOWN_URLS:
                self._urls.clear()
            self._urls[url] = cleaned
        return cleaned

    def _forget_redacted(self) -> None:
        """Annotations that were read before a secret became known are read again."""
        redaction = self._redactor.redaction
        if redaction is not self._redaction:
            self._redaction = redaction
            self._known.clear()
            self._urls.clear()

    def _quarantined(self, item: RawAlert | OddItem, why: str) -> AlertQuarantined:
        raw = item.whole if isinstance(item, OddItem) else msgspec.json.encode(item)
        text = raw[:_LONGEST_READ].decode(errors="replace")
        text = clean_text(text, self._redactor.redacted)[:_LONGEST_QUARANTINED]
        return AlertQuarantined(why=clean_text(why, self._redactor.redacted)[:_LONGEST_WHY], raw=text)


def _split(body: bytes) -> Sequence[RawAlert | OddItem]:
    try:
        return _BATCH.decode(body)
    except msgspec.ValidationError:
        return [_item(bytes(raw)) for raw in _ITEMS.decode(body)]
    except msgspec.DecodeError:
        if (whole := without_halves(body)) == body:
            raise
        return _split(whole)


def _split_by_hand(body: bytes) -> Sequence[RawAlert | OddItem]:
    """As ``_split``, where an item is nested too deeply for the decoder: it is an odd one. Raises ``DecodeError``."""
    if len(body) > _SCANNED or not body.lstrip().startswith(b"["):
        raise msgspec.DecodeError("something in it is nested too deeply")
    return [_item(raw) for raw in _pieces(body)]


def _pieces(body: bytes) -> Iterator[bytes]:
    """The items of a list as they are written, found by brackets alone. Raises ``msgspec.DecodeError``."""
    depth = begin = 0
    for token in _TOKEN.finditer(body):
        mark = token.group()
        if depth == 1 and mark in (b",", b"]"):
            yield body[begin : token.start()].strip()
            begin = token.end()
        elif depth == 0:
            begin = token.end()
        depth += (mark in (b"[", b"{")) - (mark in (b"]", b"}"))
    if depth != 0 or body[begin:].strip():
        raise msgspec.DecodeError("it is nested too deeply, and its brackets do not match")


def _item(raw: bytes) -> RawAlert | OddItem:
    try:
        return _ITEM.decode(raw)
    except (msgspec.ValidationError, RecursionError):
        return OddItem(raw)


def _explain(item: RawAlert | OddItem) -> None:
    """Raises what is wrong with an item that could not be read."""
    alert = _POSTABLE.decode(item.whole if isinstance(item, OddItem) else msgspec.json.encode(item))
    if not alert.labels.get("alertname"):
        raise ValueError("it has no alertname")
    raise ValueError("it cannot be read")


def _is_simple(raw: bytes) -> bool:
    """Whether JSON has only printable ASCII in it, no escapes and no text that is empty."""
    return raw.isascii() and not (b"\\" in raw or b'""' in raw or b"\x7f" in raw)


def _key(labels: msgspec.Raw) -> bytes:
    return hashlib.blake2b(labels, digest_size=16).digest()
