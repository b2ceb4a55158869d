"""`make attack`: everything that is tried, on a stack that is thrown away; exit code 1 where anything fell."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.attack.attempts import ATTEMPTS, Attempt, FellError, requests, slow_callbacks
from tests.attack.throwaway_stack import ThrowawayStack, throwaway_stack

_REQUESTS = 20_000


def attack(stack: ThrowawayStack, count: int) -> list[str]:
    """Tries everything and prints tried and held; what fell, in words."""
    began = time.time()
    attempts: Sequence[Attempt] = (
        *ATTEMPTS,
        Attempt(f"{count:,} odd requests over four processes", requests(count)),
        Attempt("callbacks of at most 50 ms of CPU time (ops, evaluator, status)", slow_callbacks(began)),
    )
    return [fallen for attempt in attempts if (fallen := _tried(stack, attempt)) is not None]


def _tried(stack: ThrowawayStack, attempt: Attempt) -> str | None:
    started = time.monotonic()
    fallen = None
    try:
        attempt.run(stack)
    except FellError as error:
        fallen = str(error)
    except Exception as error:  # noqa: BLE001 - an attempt that cannot be ended has not held
        fallen = f"{type(error).__name__}: {error}"
    took_s = time.monotonic() - started
    print(f"{'held' if fallen is None else 'FELL'}  {attempt.name}  ({took_s:.1f} s)", flush=True)
    if fallen is not None:
        print(f"      {fallen}", flush=True)
    return fallen


def main(words: Sequence[str] | None = None) -> int:
    """Brings the stack up, attacks it, takes it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("--requests", type=int, default=_REQUESTS, help="odd requests in all")
    parser.add_argument("--port-base", type=int, help="the first of four free ports")
    options = parser.parse_args(words)
    with throwaway_stack(options.port_base) as stack:
        print(f"tried on a throw-away stack, ports {stack.port_base} to {stack.port_base + 3}", flush=True)
        fallen = attack(stack, options.requests)
    print(f"{len(ATTEMPTS) + 2} tried, {len(ATTEMPTS) + 2 - len(fallen)} held", flush=True)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
