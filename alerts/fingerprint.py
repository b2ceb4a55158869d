"""An alert's identity: FNV-1a 64 over its labels, the same as Alertmanager's."""

from collections.abc import Mapping

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 hex digits over the labels sorted by name, each as ``name 0xff value 0xff``, empty values dropped.

    Source: prometheus/common, ``model.LabelSet.Fingerprint``.
    """
    value = _OFFSET
    for name in sorted(labels):
        if not labels[name]:
            continue
        for byte in name.encode() + b"\xff" + labels[name].encode() + b"\xff":
            value = ((value ^ byte) * _PRIME) & _MASK
    return f"{value:016x}"
