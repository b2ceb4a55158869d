"""In a process under attack: notes every callback of the event loop that takes more than 50 ms of its own CPU time.

Python imports this by its name where the folder is in ``PYTHONPATH``. The loop is asyncio's own then, since uvloop's
callbacks cannot be seen; the API's workers keep uvloop, which they need, and are not measured.
"""

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from pathlib import Path

LONGEST_S = 0.05
_folder = Path(os.environ.get("ATTACK_WATCH", "/nonexistent"))
_run = asyncio.events.Handle._run


_LOOK_EVERY_S = 0.01
_FRAMES = 7


class _Callback:
    """The callback that the loop runs now, and where it was seen last."""

    began: float | None = None
    seen: str = ""
    collected: str = ""
    """Which collections of garbage it held, and how long they took."""


class _Collection:
    """The collection of garbage that runs now."""

    began: float = 0.0


_PROGRAM = Path("/proc/self/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[-60:].strip()


def _measured(handle: asyncio.events.Handle) -> None:
    began = time.thread_time()
    _Callback.began, _Callback.seen, _Callback.collected = time.monotonic(), "", ""
    _run(handle)
    _Callback.began = None
    took_s = time.thread_time() - began
    if took_s > LONGEST_S:
        with (_folder / f"{os.getpid()}").open("a") as file:
            place = f"{_PROGRAM}{_Callback.collected}: {_Callback.seen or repr(handle)[:300]}"
            file.write(f"{time.time():.3f} {took_s * 1000:.0f} ms {place}\n")


def _collecting(phase: str, about: dict[str, int]) -> None:
    if phase == "start":
        _Collection.began = time.thread_time()
    else:
        took_ms = (time.thread_time() - _Collection.began) * 1000
        _Callback.collected += f", {took_ms:.0f} ms of it collecting generation {about['generation']}"


def _watch(loop_thread: int) -> None:
    """Notes where a callback is while it lasts too long, which nobody could tell afterwards."""
    while True:
        time.sleep(_LOOK_EVERY_S)
        began = _Callback.began
        frame = sys._current_frames().get(loop_thread)
        if began is None or frame is None or time.monotonic() - began < LONGEST_S - 2 * _LOOK_EVERY_S:
            continue
        places = traceback.extract_stack(frame)[-_FRAMES:]
        _Callback.seen = " > ".join(f"{Path(p.filename).name}:{p.lineno} {p.name}" for p in places)


if _folder.is_dir() and b"server.api" not in Path("/proc/self/cmdline").read_bytes():
    gc.callbacks.append(_collecting)
    asyncio.events.Handle._run = _measured  # type: ignore[method-assign,assignment]  # this is how it is seen
    threading.Thread(target=_watch, args=(threading.get_ident(),), daemon=True).start()
    try:
        import uvloop
    except ImportError:
        pass
    else:
        uvloop.run = asyncio.run  # type: ignore[assignment]  # it is called with a coroutine alone
