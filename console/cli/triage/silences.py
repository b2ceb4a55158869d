"""`ops silences`: what rings nobody for a while, and making, changing and ending it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from alerts.wire import AlertView, MatcherView, SilenceView
from console.cli.answer import say, show_while
from console.cli.columns import listed, tabular
from console.cli.completions import label_matchers, silence_ids
from console.cli.last_deed import remember
from console.cli.meant import begun_with
from console.cli.moments import end_of, local_times, moment_of, stamp
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, reaches_ops, say_json, watched
from console.ops_api.client import OpsClient
from console.ops_api.deed import silence_made, silences_changed
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import clock, left, one_line

_SHOWN = 8
"""Characters of an id that a table shows; any part that is nobody else's is enough to name it."""


@click.group(cls=NounGroup, invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@watched
@local_times
@tabular
@as_json
@reaches_ops
@click.pass_context
def silences(ctx: click.Context, everything: bool, watch: bool, as_json: bool) -> None:
    """What is silenced and until when; `add`, `extend` and `end` change it.

    A silence keeps people from being called. The alerts stay on the board, and the public page follows them.

    \b
    Examples:
      ops silences add service=api --for 1h --comment 'fix at 15:00'
      ops silences add 'instance=~db-.*' --from 22:00 --for 8h --comment disks
      ops silences extend 1f3c --for 30m
    """
    if ctx.invoked_subcommand is not None:
        return
    client = client_of(ctx.obj)

    def found() -> Sequence[SilenceView]:
        there = (one for one in client.silences() if everything or one.status.state != "expired")
        return sorted(there, key=lambda one: (one.status.state == "expired", one.ends_at))

    if as_json:
        say_json(found())
        return
    show_while(lambda: _listed(found(), client.alerts(everything=True), everything=everything), watch=watch)


@silences.command("show")
@click.argument("silence", shell_complete=silence_ids)
@local_times
@as_json
@reaches_ops
@click.pass_obj
def show_silence(which: DaemonChoice, silence: str, as_json: bool) -> None:
    """One SILENCE: its matchers, who set it and why, and which alerts it fits now.

    \b
    Examples:
      ops silences show 4f1c
    """
    client = client_of(which)
    one = silence_meant(client, silence)
    if as_json:
        say_json(one)
        return
    fitting = [alert for alert in client.alerts(everything=True) if one.id in alert.silenced_by]
    lines = [
        f"{one.id}  {one.status.state}",
        *(f"  {one_line(str(matcher))}" for matcher in one.matchers),
        f"from {stamp(one.starts_at)} to {stamp(one.ends_at)}",
        f"by {one_line(one.created_by)}: {one_line(one.comment) or 'no comment'}",
        *(f"  silences {one_line(a.alertname)} of {one_line(a.service)} ({a.state})" for a in fitting),
        *([] if fitting else ["it silences no alert now"]),
    ]
    say("\n".join(lines), one.id)


@silences.command()
@click.argument("matchers", nargs=-1, required=True, metavar="LABEL=VALUE...", shell_complete=label_matchers)
@click.option("--for", "for_", metavar="1h", help="For how long.")
@click.option("--from", "from_", metavar="TIME", help="When it begins (now).")
@click.option("--until", metavar="TIME", help="When it ends, in the place of --for.")
@local_times
@click.option("--comment", required=True, metavar="WHY", help="Why; others read it.")
@as_json
@reaches_ops
@click.pass_obj
def add(
    which: DaemonChoice,
    matchers: tuple[str, ...],
    for_: str | None,
    from_: str | None,
    until: str | None,
    comment: str,
    as_json: bool,
) -> None:
    """Silence alerts that fit all of LABEL=VALUE (also !=, =~ and !~ with a whole-text RE2 pattern).

    TIME is 02:00, 'tomorrow 06:00' or 2026-01-31T09:00Z, in UTC where --local is not given.

    \b
    Examples:
      ops silences add service=api --for 1h --comment 'the disk is exchanged'
    """
    wanted = [_matcher(text) for text in matchers]
    now = datetime.now(UTC)
    begins = moment_of(from_, "--from") if from_ else now
    ends = _end(for_, until, begins, now)
    if not comment.strip():
        raise InvalidRequestError("--comment must say why")
    client = client_of(which)
    made = silence_meant(client, client.set_silence(wanted, begins, ends, comment))
    remember(which, client.access, silence_made(made))
    _say_set(client, made, as_json=as_json)


@silences.command()
@click.argument("silence", shell_complete=silence_ids)
@click.option("--for", "for_", metavar="1h", help="For how long from now.")
@click.option("--until", metavar="TIME", help="When it ends, in the place of --for.")
@local_times
@as_json
@reaches_ops
@click.pass_obj
def extend(which: DaemonChoice, silence: str, for_: str | None, until: str | None, as_json: bool) -> None:
    """Give SILENCE another end, an earlier one or a later one; one that is over begins anew.

    \b
    Examples:
      ops silences extend 4f1c --for 30m
    """
    client = client_of(which)
    one = silence_meant(client, silence)
    now = datetime.now(UTC)
    begins = now if one.status.state == "expired" else one.starts_at
    ends = _end(for_, until, max(now, begins), now)
    changed = silence_meant(client, client.set_silence(one.matchers, begins, ends, one.comment, one.id))
    # One that was over began anew under another id: the way back is to end that.
    deed = silences_changed((one,), (changed,)) if changed.id == one.id else silence_made(changed)
    remember(which, client.access, deed)
    _say_set(client, changed, as_json=as_json)


@silences.command("end")
@click.argument("silences_", nargs=-1, required=True, metavar="SILENCE...", shell_complete=silence_ids)
@as_json
@reaches_ops
@click.pass_obj
def end_silences(which: DaemonChoice, silences_: tuple[str, ...], as_json: bool) -> None:
    """End each SILENCE now; whoever it kept from being called is called again.

    \b
    Examples:
      ops silences end 4f1c
    """
    client = client_of(which)
    meant = [silence_meant(client, text) for text in silences_]
    ended: list[SilenceView] = []
    over: list[SilenceView] = []
    for one in meant:
        client.end_silence(one.id)
        over.append(silence_meant(client, one.id))
        ended += [one] if one.status.state != "expired" else []
        if ended:
            remember(which, client.access, silences_changed(ended, over))
    if as_json:
        say_json(over)
    else:
        for one in meant:
            was_over = one.status.state == "expired"
            say(f"{one.id} was over before" if was_over else f"{one.id} is over now", one.id)


def silence_meant(client: OpsClient, text: str) -> SilenceView:
    """The silence whose id begins with ``text``. Raises ``NotThereError`` where that is none, or several."""
    there = {one.id: one for one in client.silences()}
    return there[begun_with(there, text, "silence", "ops silences --all")]


def _matcher(text: str) -> MatcherView:
    from alerts.matcher import MatcherError, parse_matcher

    try:
        parsed = parse_matcher(text)
    except MatcherError as error:
        raise InvalidRequestError(str(error)) from error
    return MatcherView(
        name=parsed.name, value=parsed.value, is_regex=parsed.is_regex, is_equal=parsed.is_equal
    )


def _end(for_: str | None, until: str | None, begins: datetime, now: datetime) -> datetime:
    ends = end_of(begins, until, for_)
    if ends <= max(begins, now):
        raise InvalidRequestError(f"--until {until} is over before it begins")
    return ends


def _say_set(client: OpsClient, one: SilenceView, *, as_json: bool) -> None:
    if as_json:
        say_json(one)
        return
    fitting = sum(one.id in alert.silenced_by for alert in client.alerts())
    words = ", ".join(one_line(str(matcher)) for matcher in one.matchers)
    say(
        f"{one.id} silences {words} until {stamp(one.ends_at)}\n"
        f"it fits {fitting} unresolved alert{'s' * (fitting != 1)} now; end it with ops silences end {one.id[:_SHOWN]}",
        one.id,
    )


def _left(silence: SilenceView, now: datetime) -> str:
    """How long it lasts; of one to come when it begins, of one that is over when it ended."""
    if silence.status.state == "active":
        return left(silence.ends_at, now)
    return clock(silence.starts_at if silence.status.state == "pending" else silence.ends_at)


def _listed(found: Sequence[SilenceView], alerts: Sequence[AlertView], *, everything: bool) -> str:
    now = datetime.now(UTC)
    fits = {one.id: sum(one.id in alert.silenced_by for alert in alerts) for one in found}
    rows = (
        (
            one.id[:_SHOWN], one.status.state, _left(one, now),
            str(fits[one.id]), one.created_by, " ".join(map(str, one.matchers)), one.comment,
        )
        for one in found
    )  # fmt: skip
    empty = "there was never a silence" if everything else "nothing is silenced"
    head = ("ID", "STATE", "LEFT", "ALERTS", "BY", "WHAT", "WHY")
    return listed(head, rows, names=(one.id for one in found), empty=empty)


COMMANDS = {"silences": silences}
