"""Deploys of the local target: `python -m server.stack.actions.deploy mark VERSION|roll|back|show`."""

import json
import sys
import urllib.request
from pathlib import Path

import click

from server.api.cluster.master_client import MasterAwayError, Roll, standing
from server.api.release import release
from server.paths import CHECKOUT
from server.stack.actions.master_orders import fail, give_order, give_order_or_exit
from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.stack.local.polling import wait_until

_SHOWS_S = 10.0


@click.group()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """Releases of the API: mark the code in place, run it, go back."""
    context.obj = Layout.of_running(state) or Layout.at(state)


_check = click.option("--check", is_flag=True, help="Only say what it would do.")


@main.command()
@click.argument("version")
@_check
@click.pass_obj
def mark(layout: Layout, version: str, check: bool) -> None:
    """Copy the code in place as release VERSION and mark it; it runs once the workers are rolled."""
    if check:
        _say_marked(layout)
        if (layout.releases / version).exists() and not release.whole(layout.releases, version):
            fail(f"a release {version} is kept and is not whole; choose another name")
        click.echo(f"the code in place would be kept as {version}")
        return

    def in_use() -> set[str]:
        try:
            return {worker.version for worker in standing(layout.api_state).workers}
        except MasterAwayError:
            return set()

    try:
        made = release.take(layout.releases, CHECKOUT, version, in_use=in_use)
    except release.NoSuchReleaseError as fault:
        fail(str(fault))
    before = f"; before it: {', '.join(made.before)}" if made.before else "; it is the first"
    click.echo(f"deployed {version}: the code in place is kept and marked{before}")
    click.echo("it runs once the workers are replaced: ops act roll-api")


@main.command()
@_check
@click.pass_obj
def roll(layout: Layout, check: bool) -> None:
    """Replace the workers by those of the marked release, without losing a request."""
    if check:
        _say_marked(layout)
        _must_answer(layout)
        return
    give_order_or_exit(layout, Roll())


@main.command()
@_check
@click.pass_obj
def back(layout: Layout, check: bool) -> None:
    """Go back to the release before the marked one. The database's schema stays as it is."""
    _must_answer(layout)
    if check:
        try:
            now, to = release.way_back(layout.releases)
        except release.NoSuchReleaseError as fault:
            fail(str(fault))
        click.echo(f"it would go back from {now.version} to {to[0]}")
        return
    was = release.marked(layout.releases)
    try:
        left, back_to = release.step_back(layout.releases)
    except release.NoSuchReleaseError as fault:
        fail(str(fault))
    click.echo(f"going back from {left} to {back_to}; the database's schema stays as it is")
    for line in release.changed_libraries(layout.releases / back_to):
        click.echo(f"note: not the same library as when {back_to} was taken: {line}")
    done = give_order(layout, Roll())
    if not done.ok:
        assert was is not None
        release.put_back(layout.releases, was)
        fail(f"{done.text}; {left} is marked again")
    click.echo(done.text)
    if not wait_until(lambda: _shown(layout) == back_to, timeout_s=_SHOWS_S):
        fail(f"the API says that it is version {_shown(layout) or '(no answer)'}, not {back_to}")
    click.echo(f"rolled back from {left} to {back_to}: /v1/health says version {back_to}")


@main.command()
@click.pass_obj
def show(layout: Layout) -> None:
    """Which release is marked, which run, and where the way back leads."""
    marked = release.marked(layout.releases)
    click.echo(f"marked: {marked.version}" if marked else "marked: none; workers run the code in place")
    for each in marked.before if marked else ():
        known = release.about(layout.releases / each)
        click.echo(
            f"before it: {each}" + (f", taken {known.taken_at:%Y-%m-%d %H:%MZ}" if known else ", gone")
        )
    try:
        for worker in standing(layout.api_state).workers:
            click.echo(f"runs: {worker.version} (pid {worker.pid})")
    except MasterAwayError as error:
        fail(str(error))


def _say_marked(layout: Layout) -> None:
    """Which release is marked; fails where the one that is marked cannot be run."""
    now = release.marked(layout.releases)
    if now is not None and not release.whole(layout.releases, now.version):
        fail(f"the marked release {now.version} is not whole: no worker could run it")
    click.echo(f"marked now: {now.version}" if now else "marked now: none; workers run the code in place")


def _must_answer(layout: Layout) -> None:
    try:
        workers = standing(layout.api_state).workers
    except MasterAwayError as error:
        fail(f"{error}; start it first: ops act start-api")
    click.echo(f"{len(workers)} workers run: {', '.join(sorted({worker.version for worker in workers}))}")


def _shown(layout: Layout) -> str:
    try:
        with urllib.request.urlopen(f"{layout.url('api')}/v1/health", timeout=2) as answer:  # noqa: S310  (loopback)
            return str(json.loads(answer.read())["version"])
    except (OSError, ValueError, KeyError):
        return ""


if __name__ == "__main__":
    sys.exit(main(prog_name="python -m server.stack.actions.deploy"))
