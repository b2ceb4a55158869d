"""Facts about the pane of a step's output: its lines are what was printed, however it came in pieces."""

import msgspec
from textual.app import App, ComposeResult
from textual.widgets import Log

from console.tui.widgets.header import OneLine
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


async def test_beside_another_step_the_pane_is_empty_and_keeps_its_place() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        pane, log = app.query_one(OutputPane), app.query_one(Log)
        pane.begin("first")
        pane.more(_output("printed\n"))
        await pilot.pause()
        begun = pane.region
        pane.stand_beside("second")
        await pilot.pause()
        assert "second: no output here" in said(pane)
        assert (log.visible, pane.border_subtitle) == (False, "")
        pane.more(_output("and more\n"))
        assert not log.visible
        pane.stand_beside(None)
        await pilot.pause()
        assert "first" in said(pane)
        assert (pane.region, log.visible, list(log.lines)) == (begun, True, ["printed", "and more"])


async def test_trouble_and_a_cure_are_said_whichever_step_is_looked_at() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        pane = app.query_one(OutputPane)
        pane.begin("first")
        for say, words in ((pane.trouble, "nobody knows"), (pane.resolved, "APIDown is over")):
            pane.stand_beside("second")
            say(words)
            await pilot.pause()
            assert words in said(pane)
            assert app.query_one(Log).visible


def said(pane: OutputPane) -> str:
    """The pane's title line."""
    return pane.query_one("#run-title", OneLine).render_line(0).text
