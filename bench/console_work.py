"""What a person does in the console beside its list: a long runbook, graphs, a step that prints much, a daemon that restarts."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.evaluator import real_prometheus
from bench.ingest import alerts, ours, post, send
from bench.processes import free_port
from bench.terminal import Terminal, console

_RUNBOOKS = Path(__file__).parent.parent / "runbooks"
_LONG_BYTES, _LINES = 100_000, 10_000
_SPAN_S = 3 * 3_600
_GRAPHS = 6
_CALLER = {"job": "api", "instance": "a", "handler": "/v1/analyze"}
_SERIES: tuple[dict[str, str], ...] = (
    {"__name__": "http_requests_total", **_CALLER, "method": "POST", "status": "200"},
    {"__name__": "http_requests_total", **_CALLER, "method": "POST", "status": "500"},
    {"__name__": "cache_hits_total", "job": "api"},
    {"__name__": "cache_misses_total", "job": "api"},
    *(
        {"__name__": "http_request_duration_seconds_bucket", **_CALLER, "le": le}
        for le in ("0.1", "1", "+Inf")
    ),
)
"""What the six graphs of callers are made of."""
_PARAGRAPH = (
    "**Look** at the `queue` first: what waits there is *late*, and what is late is asked for again. " * 4
)
_HEAD = "---\nowner: platform\n---\n# {title}\n\n## Overview\n\nMade by a measurement.\n\n## Diagnosis\n\n"
_STEP = '```bash {{"name":"{name}","kind":"read","timeout":"60s","title":"{name}"}}\n{command}\n```\n\n'
_PRINTS = f'for n in $(seq {_LINES}); do echo "line $n of what it prints"; done'


def measure_work(many: int) -> Mapping[str, tuple[float, float]]:
    """Each figure beside its bar, with so many alerts on the board."""
    with tempfile.TemporaryDirectory() as name, _prometheus() as prometheus, ExitStack() as daemon:
        folder = Path(name)
        port, shelf = free_port(), _shelf(folder / "runbooks")
        settings = {"PROMETHEUS_URL": prometheus, "RUNBOOKS_DIR": str(shelf)}
        to = daemon.enter_context(ours(folder / "state", port, **settings))
        send(to, [post(to, alerts(n, 1_000)) for n in range(0, many, 1_000)], 2)
        with console(to) as terminal:
            terminal.until(lambda text: f"{many} alerts" in text)
            terminal.read_for(8.0)
            figures = {
                "runbook of 100 KB, ms": (_opened_ms(terminal, "Long", "Made by a measurement"), 150.0),
                **_print(terminal),
                **_graphs(terminal),
            }
            terminal.press("1")
            terminal.settle()
            terminal.press("jjj")
            terminal.settle()
            row = _what(terminal)
            daemon.close()
            terminal.until(lambda text: "live" not in text.split("\n")[0])
            with ours(folder / "state", port, **settings):
                back_s = terminal.until(lambda text: "live" in text.split("\n")[0])
                terminal.until(lambda text: f"{many} alerts" in text)
                terminal.settle()
                kept = _what(terminal) == row
    return figures | {"reconnect, ms": (back_s * 1_000, 2_000.0), "cursor lost": (float(not kept), 0.0)}


@contextmanager
def _prometheus() -> Iterator[str]:
    """A real one that knows the last three hours of callers."""
    now = int(time.time())
    with real_prometheus(list(_SERIES), now - _SPAN_S, now, rules=False) as url:
        yield url


def _shelf(folder: Path) -> Path:
    """Our runbooks, one of 100 KB and one whose step prints 10,000 lines."""
    shutil.copytree(_RUNBOOKS, folder, ignore=shutil.ignore_patterns("*.py", "engine", "__pycache__"))
    prose = "\n\n".join(itertools.repeat(_PARAGRAPH, _LONG_BYTES // len(_PARAGRAPH)))
    long = _HEAD.format(title="A long one") + prose + "\n\n" + _STEP.format(name="last", command="ops ps")
    (folder / "Long.md").write_text(long)
    steps = _STEP.format(name="prints", command=_PRINTS) + _STEP.format(name="second", command="ops ps")
    (folder / "Prints.md").write_text(_HEAD.format(title="Much output") + steps)
    return folder


def _opened_ms(terminal: Terminal, runbook: str, words: str) -> float:
    """Milliseconds from Enter until the first lines of a runbook are there."""
    terminal.press(":")
    terminal.until(lambda text: "go where?" in text)
    terminal.press(f"runbook {runbook}")
    terminal.settle()
    return terminal.shown_ms("\r", words)


def _print(terminal: Terminal) -> dict[str, tuple[float, float]]:
    """The longest that a key waits while a step prints; milliseconds from Enter until all of it is in a run's log."""
    terminal.press("q")
    _opened_ms(terminal, "Prints", "Much output")
    terminal.settle()
    last = f"line {_LINES} of"
    terminal.press("r")
    stalls: list[float] = []
    for key, step in itertools.cycle((("j", "second"), ("k", "prints"))):
        stalls.append(terminal.marked_ms(key, f"{step}  [read]"))
        if last in "\n".join(terminal.screen.display):
            break
    terminal.press("3")
    terminal.settle()
    took_ms = terminal.shown_ms("\r", last)
    return {
        "10,000 lines of output, ms": (took_ms, 300.0),
        "longest stall meanwhile, ms": (max(stalls), 30.0),
    }


def _graphs(terminal: Terminal) -> dict[str, tuple[float, float]]:
    """Milliseconds until six figures of three hours are painted."""
    terminal.press("6")
    terminal.until(lambda text: text.count("30 m, top") >= _GRAPHS)
    terminal.settle()
    begun = time.perf_counter()
    terminal.press("]")
    terminal.until(lambda text: text.count("3 h, top") >= _GRAPHS)
    return {"six graphs of three hours, ms": ((terminal.read_at - begun) * 1_000, 400.0)}


def _what(terminal: Terminal) -> str:
    """What is wrong in the marked row: the columns that no clock moves."""
    return terminal.screen.display[terminal.marked()][-45:]
