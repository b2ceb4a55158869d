"""An alert's identity: FNV-1a 64 over its labels, the same as Alertmanager's."""

from collections.abc import Mapping, Sequence

import numpy as np

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_WORTH_IT = 8
"""Label sets from which computing them at once pays."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 hex digits over the labels sorted by name, each as ``name 0xff value 0xff``, empty values dropped.

    Source: prometheus/common, ``model.LabelSet.Fingerprint``.
    """
    value = _OFFSET
    for byte in _text(labels):
        value = ((value ^ byte) * _PRIME) & _MASK
    return f"{value:016x}"


def fingerprints(many: Sequence[Mapping[str, str]]) -> list[str]:
    """The fingerprint of each; of more than a few all at once, byte by byte over all of them."""
    if len(many) < _WORTH_IT:
        return [fingerprint(labels) for labels in many]
    texts = [_text(labels) for labels in many]
    order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
    longest = len(texts[order[0]])
    padded = b"".join(texts[n].ljust(longest, b"\0") for n in order)
    columns = np.frombuffer(padded, np.uint8).reshape(len(texts), longest).T.astype(np.uint64, order="C")
    lengths = np.array([len(texts[n]) for n in order])
    # In the order of their length those that have an n-th byte stand at the front.
    reaching = np.searchsorted(-lengths, -np.arange(longest), side="left")
    values = np.full(len(texts), _OFFSET, np.uint64)
    prime = np.uint64(_PRIME)
    shortest = int(lengths[-1])
    for column in columns[:shortest]:
        np.bitwise_xor(values, column, out=values)
        np.multiply(values, prime, out=values)
    for column, reach in zip(columns[shortest:], reaching[shortest:], strict=True):
        values[:reach] ^= column[:reach]
        values[:reach] *= prime
    found = [""] * len(texts)
    for n, value in zip(order, values.tolist(), strict=True):
        found[n] = f"{value:016x}"
    return found


def _text(labels: Mapping[str, str]) -> bytes:
    parts: list[str] = []
    for name in sorted(labels):
        if value := labels[name]:
            parts.append(name)
            parts.append(value)
    text = "\0".join(parts).encode()
    if text.count(0) != max(0, len(parts) - 1):
        # One of them has the mark itself.
        return b"".join([b"%b\xff" % part.encode() for part in parts])
    return text.replace(b"\0", b"\xff") + b"\xff" if parts else b""
