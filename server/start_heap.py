"""What a process has made at its start, kept out of the garbage collector's way."""

import gc


def keep_start_heap() -> None:
    """Leave what is there now to itself: it lives as long as the process.

    Modules, templates and rules are a few hundred thousand objects; a full collection that walks over them holds the
    process's loop for 30 to 50 ms, at a moment that nobody chose.
    """
    gc.collect()
    gc.freeze()
