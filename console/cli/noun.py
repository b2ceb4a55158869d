"""A command with verbs, which answers a verb that it has not by the one that is meant."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

MEANT_VERBS: Mapping[str, Sequence[str]] = {
    "create": ("add", "new", "schedule", "publish", "set"), "new": ("add", "schedule", "publish", "create"),
    "add": ("create", "set", "schedule", "publish", "new"), "set": ("add",), "plan": ("schedule",), "make": ("add", "create", "new"),
    "delete": ("end", "remove", "revoke", "unset", "cancel"), "remove": ("end", "revoke", "unset", "cancel"), "rm": ("remove", "end", "revoke", "unset"),
    "expire": ("end",), "stop": ("end", "cancel"), "unset": ("remove", "end"), "revoke": ("remove", "end"), "end": ("complete", "resolve", "revoke"),
    "ls": ("list",), "get": ("show",), "view": ("show",), "info": ("show",), "describe": ("show",), "cat": ("show",), "print": ("show", "export"),
    "begin": ("check-in",), "start": ("check-in",), "finish": ("complete",), "done": ("complete", "resolve"), "close": ("complete", "resolve"), "resolve": ("complete",),
    "move": ("reschedule", "extend"), "prolong": ("extend",), "edit": ("correct", "update", "extend"), "change": ("correct", "update", "extend"), "fix": ("correct",),
    "settle": ("clear",), "free": ("clear",), "unlock": ("clear",),
    "validate": ("check", "lint", "verify"), "verify": ("check",), "lint": ("check",), "dump": ("export",), "save": ("export",), "write": ("note", "new"),
    "who": ("show",), "renew": ("rotate",), "reset": ("rotate",), "try": ("test",),
}  # fmt: skip
"""Verbs that people try, and those of ours that may be meant, the likeliest first."""


class NounGroup(click.Group):
    """A noun with its verbs; ``alone`` is the verb that is meant where none is given."""

    def __init__(self, *args: Any, alone: str | None = None, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._alone = alone
        if alone is not None:
            self.subcommand_metavar = "[COMMAND] [ARGS]..."

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options of the noun alone are those of its verb."""
        is_alone = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        if self._alone and is_alone and not ctx.resilient_parsing:
            args = [self._alone, *args]
        return super().parse_args(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The text, and what the noun does alone."""
        super().format_help_text(ctx, formatter)
        if self._alone:
            with formatter.indentation():
                formatter.write_paragraph()
                formatter.write_text(f"{ctx.command_path} alone is {ctx.command_path} {self._alone}.")

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The verb. Raises ``click.UsageError`` that names the verbs which may be meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = self._hint(ctx, *args[:2])
            raise click.UsageError(f"{ctx.command_path} has no verb {args[0]!r}. {hint}", ctx) from error

    def _hint(self, ctx: click.Context, word: str, after: str = "") -> str:
        import difflib

        verbs = self.list_commands(ctx)
        if after in verbs:
            return f"You may mean {ctx.command_path} {after} {word}."
        meant = [verb for verb in MEANT_VERBS.get(word, ()) if verb in verbs][:2]
        near = meant or difflib.get_close_matches(word, verbs, 2, 0.6)
        if not near and self._shows_one(ctx) and (word in ("last", ".") or any(c.isdigit() for c in word)):
            return f"You may mean {ctx.command_path} show {word}."
        if near:
            return f"You may mean {' or '.join(f'{ctx.command_path} {verb}' for verb in near)}."
        return f"There are {', '.join(verbs)}."

    def _shows_one(self, ctx: click.Context) -> bool:
        show = self.get_command(ctx, "show")
        return show is not None and any(isinstance(param, click.Argument) for param in show.params)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs, each with its first sentence, whole."""
        verbs = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.get_short_help_str(1000)) for name, verb in verbs if verb])
