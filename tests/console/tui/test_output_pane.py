"""Facts about the pane of a step's output: its lines are what was printed, however it came in pieces."""

import msgspec
from textual.app import App, ComposeResult
from textual.widgets import Log

from console.tui.widgets.output_pane import OutputPane
from runbooks.wire import Output


class PaneApp(App[None]):
    """The pane alone."""

    def compose(self) -> ComposeResult:
        yield OutputPane(id="output")


def _output(text: str, offset: int = 0) -> Output:
    stdout = {"data": text, "offset": offset, "next_offset": offset + len(text)}
    stderr = {"data": "", "offset": 0, "next_offset": 0}
    fields = {"execution_id": "x", "state": "running", "stdout": stdout, "stderr": stderr, "done": False}
    return msgspec.convert(fields, Output)


async def test_lines_that_come_in_pieces_are_put_together() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        pane = app.query_one(OutputPane)
        pane.begin("a step")
        for piece in ("one\ntw", "o", "\n\nfour\n", "\nsix", "\nseven\n"):
            pane.more(_output(piece))
        await pilot.pause()
        assert list(app.query_one(Log).lines) == ["one", "two", "", "four", "", "six", "seven"]


async def test_whoever_has_scrolled_back_stays_there_while_more_is_printed() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 20)) as pilot:
        pane, log = app.query_one(OutputPane), app.query_one(Log)
        pane.begin("a step")
        await pilot.pause()
        pane.more(_output("".join(f"line {n}\n" for n in range(10_000))))
        await pilot.pause()
        assert log.is_vertical_scroll_end
        log.scroll_to(y=40, animate=False, immediate=True)
        pane.more(_output("and more\nwithout an end"))
        pane.more(_output(" yet\n"))
        await pilot.pause()
        assert log.scroll_offset.y == 40
        assert log.lines[-1] == "without an end yet"
