"""JSON in which half of a surrogate pair stands alone, made readable as Go's decoder reads it."""

import re2

_ESCAPE = re2.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|(?s:.))"
)
_UNKNOWN = rb"\ufffd"


def without_halves(body: bytes) -> bytes:
    """The JSON with every lone half as U+FFFD; whole pairs, and backslashes that are escaped, stay as they are.

    JavaScript writes such halves where a text was cut within a character, and Alertmanager takes them.
    """
    parts, end = [], 0
    for found in _ESCAPE.finditer(body):
        if found.group(1) is not None:
            parts += [body[end : found.start()], _UNKNOWN]
            end = found.end()
    return b"".join(parts) + body[end:]
