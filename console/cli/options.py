"""What many commands share: the options for which daemon, JSON output, and the client made from them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from click.core import ParameterSource

from alerts.visible_text import visible_json
from console.cli.last_deed import forget
from console.model.filter import FilterError, keys_in
from console.ops_api.client import OpsClient
from console.ops_api.which_daemon import DaemonChoice

_QUIET = "console.quiet"
COLUMNS = "console.columns"
"""Where a command keeps what ``--columns`` has."""
FILTER_KEYS: Mapping[str, Sequence[str]] = {
    "alerts": ("sev", "severity", "svc", "service", "is"),
    "incidents": ("sev", "severity", "svc", "service", "by", "is"),
    "executions": ("by", "kind", "is"),
    "audit": ("by", "kind"),
}
"""What may stand before a colon in a filter of each kind; of alerts every label too."""
_WHICH = ("state", "url", "token", "profile", "ssh")
F = TypeVar("F", bound=Callable[..., Any])
P = TypeVar("P")


def reaches_ops(command: F) -> F:
    """Let ``--state``, ``--url``, ``--token``, ``--profile`` and ``--ssh`` stand after the command's name too."""
    options = (
        click.option("--state", type=click.Path(path_type=Path, readable=False), expose_value=False, callback=_again, help="State folder of a local stack."),
        click.option("--url", expose_value=False, callback=_again, help="A remote ops daemon."),
        click.option("--token", expose_value=False, callback=_again, help="Token for it."),
        click.option("--profile", expose_value=False, callback=_again, help="A daemon by name: see ops profile."),
        click.option("--ssh", metavar="HOST", expose_value=False, callback=_again, help="Reach it through HOST."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _again(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is None:
        return
    given: dict[str, Any] = ctx.meta.setdefault("console.which", {})
    given[param.name or ""] = value
    ctx.obj = daemon_meant(ctx, given)


def daemon_meant(ctx: click.Context, given: Mapping[str, Any]) -> DaemonChoice:
    """The daemon that a line means; ``given`` is what stands after the command's name.

    What is typed counts before the environment: beside a typed ``--state`` alone, ``OPS_URL`` and its ``OPS_TOKEN``
    mean another daemon and are left out, and beside a typed ``--profile`` any address of the environment.
    """
    root = ctx.find_root()
    typed = {
        name for name in _WHICH if root.get_parameter_source(name) is ParameterSource.COMMANDLINE
    } | given.keys()
    words = {name: given.get(name, root.params.get(name)) for name in _WHICH}
    left_out: set[str] = set()
    if "profile" in typed:
        left_out = {"url", "state"}
    elif "state" in typed and "url" not in typed and words["url"] is not None:
        left_out = set(_WHICH)
    words = {name: None if name in left_out - typed else word for name, word in words.items()}
    return DaemonChoice(*(words[name] for name in _WHICH))


def as_json(command: F) -> F:
    """``--json``: one JSON document on standard output, for scripts; and ``--quiet``: nothing but names."""
    command = quiet(command)
    return click.option(
        "--json", "as_json", is_flag=True, callback=_alone, help="One JSON document, for scripts."
    )(command)


def _alone(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    """JSON has every field: columns that would be passed over in silence are refused."""
    only_one({"--json": value, "--columns": ctx.meta.get(COLUMNS)})
    return value


def only_one(options: Mapping[str, object]) -> None:
    """Raises ``click.UsageError`` where more than one is given of options of which only one can be had."""
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other: give one of them")


def quiet(command: F) -> F:
    """``--quiet``: nothing but the names of what was found or done, or nothing; see ``answer.told``."""
    return click.option(
        "--quiet", "-q", is_flag=True, expose_value=False, callback=_keep_quiet, help="Nothing but ids, or nothing at all."
    )(command)  # fmt: skip


def _keep_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_QUIET] = True


def is_quiet() -> bool:
    """Whether the command that runs was asked for nothing but names."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def filtered(words: str, kind: str) -> Callable[[F], F]:
    """``--filter``: show only what passes. ``words`` are examples of what may be written about things of ``kind``."""

    def offer(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        # Imported when a shell asks: no command needs it.
        from console.cli.completions import filter_words

        return filter_words(kind)(ctx, param, incomplete)

    return click.option(
        "--filter", "wanted", default="", metavar="WORDS", shell_complete=offer, help=f"Only what passes, as {words}."
    )  # fmt: skip


def understood(parse: Callable[[str], P], text: str) -> P:
    """The filter in an option's text; what cannot be understood is wrong usage."""
    try:
        return parse(text)
    except FilterError as error:
        raise click.BadParameter(str(error), param_hint="--filter") from error


def odd_key(kind: str, wanted: str) -> str:
    """What is to be said of a word of a filter that is written like ``sev:x`` and is none; empty where all are known.

    Of alerts any label may stand before the colon: there it is odd only where it is nearly another one.
    """
    # Imported where nothing passes: whatever is found does without.
    import difflib

    for name in keys_in(wanted):
        near = difflib.get_close_matches(name, FILTER_KEYS[kind], 1, 0.6)
        if name in FILTER_KEYS[kind] or (kind == "alerts" and not near):
            continue
        meant = near or (["is"] if name == "state" and "is" in FILTER_KEYS[kind] else FILTER_KEYS[kind])
        taken = "a label" if kind == "alerts" else "text"
        return f"{name}: is taken for {taken}; do you mean {' or '.join(f'{key}:' for key in meant)}?"
    return ""


def nothing_passes(kind: str, thing: str, wanted: str) -> str:
    """That nothing of a kind passes, and what may be wrong with the filter."""
    return ": ".join(filter(None, (f"no {thing} passes the filter", odd_key(kind, wanted))))


def watched(command: F) -> F:
    """``--watch``: show it anew every two seconds, until Ctrl-C."""
    return click.option("--watch", is_flag=True, help="Anew every two seconds, until Ctrl-C.")(command)


def client_of(which: DaemonChoice) -> OpsClient:
    """A client for the daemon that is meant; whatever it changes takes the place of what could be undone."""
    client = OpsClient(which.access())
    client.on_write = lambda: forget(which)
    return client


def say_json(value: Any) -> None:
    """Print a value of the wire as JSON, with what a terminal would obey as ``\\uXXXX``."""
    click.echo(visible_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))
