"""What the colours that are named in strips look like: dark, light and full contrast, or the terminal's own sixteen."""

from collections.abc import Mapping

import msgspec
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme


class Palette(msgspec.Struct, frozen=True):
    """One set of colours as ``#rrggbb``; every text is readable on ``ground`` and on ``bar``."""

    ground: str
    text: str
    quiet: str
    frame: str
    accent: str
    critical: str
    warning: str
    well: str
    drill: str
    bar: str
    dark: bool = True


PALETTES: Mapping[str, Palette] = {
    "dark": Palette(
        "#0f1218", "#d5dae3", "#949eb0", "#3b4456", "#7aa2f7", "#ff6b7d", "#e8b563", "#8fd18b", "#d8a0f0", "#22304a"
    ),
    "light": Palette(
        "#fbfbf9", "#24292f", "#565e66", "#c5ccd3", "#0550ae", "#b3122d", "#7d5200", "#176128", "#7a1fa2", "#dfe8f7",
        dark=False,
    ),
    "contrast": Palette(
        "#000000", "#ffffff", "#d0d0d0", "#ffffff", "#8cc8ff", "#ff8f8f", "#ffd75f", "#87ff87", "#ffafff", "#00406a"
    ),
}  # fmt: skip
_KEPT = 1_000
TERMINAL = "terminal"
"""The theme that leaves all colours to the terminal."""
THEMES = (*PALETTES, TERMINAL)


def fitting_theme(colorterm: str) -> str:
    """Ours where ``COLORTERM`` says that the terminal has all colours, else the terminal's own."""
    return "dark" if colorterm in ("truecolor", "24bit") else TERMINAL


def theme_of(name: str) -> Theme:
    """A palette as Textual's theme, for frames, dialogs and inputs."""
    palette = PALETTES[name]
    return Theme(
        name=f"ops-{name}",
        primary=palette.accent,
        secondary=palette.accent,
        accent=palette.accent,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.ground,
        panel=palette.frame,
        boost=palette.bar,
        warning=palette.warning,
        error=palette.critical,
        success=palette.well,
        dark=palette.dark,
    )


def terminal_theme_of(name: str) -> TerminalTheme:
    """A palette as the sixteen colours by which strips name theirs; blue is the bar, bright black what is quiet."""
    p = PALETTES[name]
    names = (p.ground, p.critical, p.well, p.warning, p.bar, p.drill, p.accent, p.text)
    normal = [Color.parse(one).rgb for one in names]
    return TerminalTheme(
        Color.parse(p.ground).rgb, Color.parse(p.text).rgb, normal, [Color.parse(p.quiet).rgb, *normal[1:]]
    )


class TerminalColours(LineFilter):
    """What of the terminal's sixteen colours can be relied on.

    The bar of the chosen row is reversed: the terminal's own blue may stand behind its own colours. What is quiet is
    dimmed and not bright black, which some palettes (Solarized) have on the very ground.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, the bar in the terminal's two colours and what is quiet in its text's."""
        return [Segment(s.text, _relied_on(s.style), s.control) for s in segments]


def _relied_on(style: Style | None) -> Style | None:
    if style is None:
        return None
    if style.bgcolor is not None and style.bgcolor.name == "blue":
        return Style(reverse=True, bold=style.bold)
    if style.color is not None and style.color.name == "bright_black":
        return Style(dim=True, bold=style.bold, bgcolor=style.bgcolor)
    return style


class Ground(LineFilter):
    """Paints ground and text of a palette where a line names none: one ground under all that is drawn."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._plain = Style(color=PALETTES[name].text, bgcolor=PALETTES[name].ground)
        self._known: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, each with a colour of its own for text and ground."""
        return [Segment(s.text, self._grounded(s.style), s.control) for s in segments]

    def _grounded(self, style: Style | None) -> Style:
        if style is None:
            return self._plain
        known = self._known.get(style)
        if known is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            known = self._known[style] = self._plain + style
        return known


class AsciiOnly(LineFilter):
    """Puts characters that every terminal has in the place of those that the console draws; foreign text stays."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without our own characters outside ASCII."""
        return [Segment(s.text.translate(_ASCII), s.style, s.control) for s in segments]


_ASCII = str.maketrans(
    "╭╮╰╯─│┌┐└┘━┃┏┓┗┛╴▌▸▶✓✗…·→←↑↓●○»⏎▁▂▃▄▅▆▇█–×┆▐▔▊▎◆",
    "++++-|++++-|++++- >>" "+x~.><^v*o><_.,-=+*#-x:|-||*",
)  # fmt: skip
