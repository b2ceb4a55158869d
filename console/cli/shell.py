"""How each shell is made to complete: click's own way for zsh and fish, and one for bash that knows where bash cuts words."""

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    split_arg_string,
)

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local line response nospace=1
    line="${COMP_LINE:0:COMP_POINT}"
    response=$(env COMP_LINE="$line" COMP_WORDBREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete $1)
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case "$type" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *[=:] ]] || nospace=0 ;;
        esac
    done
    [[ ${#COMPREPLY[@]} -gt 0 && $nospace == 1 ]] && compopt -o nospace
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class WholeLineBash(BashComplete):
    """Bash, with words as a shell means them: ``alertname=API`` is one, although bash cuts it at the sign.

    Click's own script hands over the words as bash cuts them, so that nothing with ``=`` or ``:`` is completed.
    """

    source_template = _BASH

    @staticmethod
    def _check_version() -> None:
        """Nothing: what the script uses is in bash 4.4, which is asked for where it is used."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one that is being typed."""
        if "COMP_LINE" not in os.environ:
            # A script that was installed before this one hands over the words as bash cuts them.
            return super().get_completion_args()
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        if not words or (line[-1:].isspace() and not _is_inside_quotes(line)):
            return words[1:], ""
        return words[1:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """The completions, without the part that stands before the last place where bash cuts."""
        found = super().get_completions(args, incomplete)
        line = os.environ.get("COMP_LINE", "")
        if _has_quotes(line):
            # Bash takes a word with quotes, closed or not, as one.
            cut = 0
        else:
            breaks = os.environ.get("COMP_WORDBREAKS", "")
            cut = max((incomplete.rfind(mark) for mark in breaks if mark in "=:@"), default=-1) + 1
        for item in found:
            if item.type == "plain":
                item.value = item.value[cut:]
        return found


def _is_inside_quotes(line: str) -> bool:
    """Whether a quote is open at the end of the line."""
    quote = ""
    for mark in line:
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
    return bool(quote)


def _has_quotes(line: str) -> bool:
    """Whether the word at the end of the line has a quote in it."""
    quote, has_any = "", False
    for mark in line:
        if quote:
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote, has_any = mark, True
        elif mark.isspace():
            has_any = False
    return has_any


def know_shells() -> None:
    """Have click use our way for bash."""
    add_completion_class(WholeLineBash, "bash")
