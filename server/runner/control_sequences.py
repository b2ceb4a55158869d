"""Takes out of a step's output everything that a terminal would obey."""

import re

_STRING = rb"[^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?"
_C1_STRING = rb"[^\x07\x1b\n\xc2]{0,4096}(?:\x07|\x1b\\|\xc2\x9c)?"
_SEQUENCES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    rb"|\x1b[\]PX^_]" + _STRING + rb"|\xc2\x9b[0-?]*[ -/]*[@-~]"
    rb"|\xc2[\x90\x98\x9d-\x9f]" + _C1_STRING + rb"|\x1b[ -/]*[0-~]?"
    rb"|\xc2[\x80-\x9f]"
    rb"|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]"  # marks that turn the direction of the text
    rb"|[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n") + b"\x7f"


def strip_control(text: bytes) -> bytes:
    """UTF-8 text without escape sequences and control characters; a carriage return becomes a line's end.

    Sequences are those of ECMA-48 (CSI, OSC, DCS, APC, PM, SOS, C0 and C1). None of them reaches over a line's end,
    so whole lines may be given in any portions.
    """
    if text.isascii() and len(text.translate(None, _CONTROLS)) == len(text):
        return text
    text = text.replace(b"\r\n", b"\n")
    return _SEQUENCES.sub(b"", text).replace(b"\r", b"\n")


def sequence_start_before(text: bytes, cut: int) -> int:
    """``cut``, or where the sequence begins that it would cut in two."""
    for match in _SEQUENCES.finditer(text, max(0, cut - 4200)):
        if match.start() >= cut:
            break
        if match.end() > cut:
            return match.start()
    return cut
