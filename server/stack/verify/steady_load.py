"""`python -m server.stack.verify.steady_load --rate 500`: calls at a steady pace for as long as you like, every failure counted."""

import os
import sys
from pathlib import Path

import click
import msgspec
import uvloop

from server.stack.local.lifecycle import working_state
from server.stack.verify.constant_rate import PATIENCE_S, CallCount, ConstantRate, drive
from server.stack.verify.verify import VerificationFailedError, service_of


@click.command()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.option("--url", help="Address of the API; else that of the stack.")
@click.option(
    "--rate", type=click.FloatRange(0.1, 5000), default=500.0, show_default=True, help="Calls a second."
)
@click.option("--seconds", type=click.FloatRange(0.1), help="How long; without it, until Ctrl-C.")
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=PATIENCE_S,
    show_default=True,
    help="Seconds after which an answer counts as lost.",
)
@click.option("--json", "as_json", is_flag=True, help="A line of JSON twice a second, and one at the end.")
def main(
    state: Path, url: str | None, rate: float, seconds: float | None, patience: float, as_json: bool
) -> None:
    """Call the API, and end with 0 when every answer was good. The key is in API_KEY, else ops-load-test."""
    service = service_of(state)
    try:
        key = os.environ.get("API_KEY") or service.load_key()
    except (VerificationFailedError, OSError) as error:
        click.echo(f"ops: no load is made: {error}", err=True)
        sys.exit(1)
    address = url or service.url

    def tell(count: CallCount) -> None:
        click.echo(msgspec.json.encode(count).decode())

    count = uvloop.run(drive(ConstantRate(address, key, rate, patience), seconds, tell if as_json else None))
    if as_json:
        tell(count)
    else:
        click.echo(in_words(count))
    sys.exit(0 if count.good == count.sent > 0 else 1)


def in_words(count: CallCount) -> str:
    """The count on one line, its failures below."""
    failed = count.sent - count.good
    first = (
        f"{count.sent} requests in {count.seconds:.1f} s ({count.sent / max(count.seconds, 0.1):.0f}/s, "
        f"{count.new_connections} over new connections, {count.hits} cache hits), {failed} failed, "
        f"P50 {count.p50_ms:.0f} ms, P95 {count.p95_ms:.0f} ms, worst {count.worst_ms:.0f} ms"
    )
    return "\n".join([first, *(f"  {times} × {what}" for what, times in sorted(count.failures.items()))])


if __name__ == "__main__":
    main()
