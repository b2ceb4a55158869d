"""What the public reads, written from the console: nothing is published that was not shown to the byte before."""

from collections.abc import Callable, Mapping

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.text.plain import harmless, one_line
from console.tui.calls import Fetched
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog
from console.tui.screens.cockpit_screen import CockpitScreen
from web.public_incident import PublicDraft, PublicIncidentView

Given = Mapping[str, str]
Shown = Mapping[str, str]
_STATUSES = ("investigating", "identified", "monitoring")
_TELL = Field("tell", "audiences that get the same text, with commas between", required=False)


class PreviewDialog(YesDialog):
    """The text exactly as it would go out; ``y`` publishes it, anything else does not."""

    def __init__(self, read: Callable[[OpsClient], Shown], screen: CockpitScreen) -> None:
        super().__init__("what would be published", [])
        self._read, self._desk = read, screen.desk.for_screen(self)
        self.shown: Shown | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="change") as box:
            box.border_title = self._title
            with VerticalScroll(id="preview"):
                yield Static("loading …", markup=False, id="preview-text")
            yield Static("\ny  publish exactly this      anything else  cancel", markup=False, id="choice")

    def on_mount(self) -> None:
        self._desk.fetch(self._read)

    def on_fetched(self, message: Fetched) -> None:
        """Show it; a person cannot agree to what could not be shown."""
        if isinstance(message.found, Mapping):
            self.shown = message.found
            text = f"{message.found['subject']}\n\n{message.found['body']}"
            self.query_one("#preview-text", Static).update(harmless(text))
        else:
            self.query_one("#preview-text", Static).update(f"this cannot be published: {message.trouble}")

    @property
    def may_agree(self) -> bool:
        return self.shown is not None

    def scrolled(self, key: str) -> bool:
        lines = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10}.get(key, 0)
        self.query_one("#preview").scroll_relative(y=lines, animate=False)
        return lines != 0


def ask_published(
    screen: CockpitScreen, read: Callable[[OpsClient], Shown], publish: Callable[[OpsClient, Shown], str]
) -> None:
    """Show what ``read`` says would go out, and ``publish`` it where the person agrees."""
    dialog = PreviewDialog(read, screen)

    def decided(yes: bool | None) -> None:
        shown = dialog.shown
        if yes and shown is not None:
            screen.desk.do(lambda client: publish(client, shown))
        else:
            screen.say("nothing was published")

    screen.app.push_screen(dialog, decided)


class PublicKey(msgspec.Struct, frozen=True):
    """One thing that is done to an entry."""

    name: str
    words: str
    done: str
    fields: tuple[Field, ...]
    has_preview: bool = True


VERBS = (
    PublicKey(
        "update", "more words", "is updated",
        (Field("text", "what the public is told"), Field("status", f"where it stands: {', '.join(_STATUSES)}", required=False), _TELL),
    ),
    PublicKey(
        "resolve", "it is over", "is resolved",
        (
            Field("text", "what the public is told"),
            Field("reason", "why although a component is in trouble, for ourselves", required=False), _TELL,
        ),
    ),
    PublicKey("correct", "correct words", "is corrected", (Field("text", "what the latest update says instead"),), has_preview=False),
    PublicKey(
        "postmortem", "post-mortem", "has its post-mortem",
        (Field("text", "what the public is told"), Field("url", "where it can be read")), has_preview=False,
    ),
)  # fmt: skip


def choose_public_verb(screen: CockpitScreen, entry: PublicIncidentView) -> None:
    """All that may be done to an entry, to choose from; what the role may not do is said before."""
    if not screen.may():
        return
    verbs = {verb.name: verb for verb in VERBS}

    def chosen(name: str | None) -> None:
        if name is not None:
            _ask(screen, verbs[name], entry)

    choices = [(verb.name, verb.words) for verb in VERBS]
    screen.app.push_screen(ChoiceDialog(f"public {entry.id} · {one_line(entry.title)}", choices), chosen)


def ask_publication(screen: CockpitScreen, draft: PublicDraft, incident_id: int | None) -> None:
    """Tell the public of trouble: a rule's words to begin with, a person's in the end."""
    if not screen.may():
        return
    fields = (
        Field("title", "title", draft.title), Field("text", "what the public is told", draft.body),
        Field("status", f"where it stands: {', '.join(_STATUSES)}", "investigating"),
        Field("components", "components, with commas between", ", ".join(draft.components), required=False),
        _TELL,
    )  # fmt: skip

    def given(form: dict[str, str] | None) -> None:
        if form is not None:
            body = {**_body(form), "impact": None, "incident_id": incident_id}
            _ask_body(screen, "/v1/public", body, "is published")

    screen.app.push_screen(FormDialog("tell the public", fields, _fault), given)


class DraftAbout(msgspec.Struct, frozen=True):
    """Words to begin with, and the incident that they are about."""

    incident_id: int | None
    draft: PublicDraft


def read_draft(client: OpsClient, incident_id: int | None) -> PublicDraft:
    """Words to begin with; empty ones where no rule has any, for a person writes what goes out."""
    try:
        return client.public_draft(incident_id)
    except OpsError:
        return PublicDraft(title="", status="investigating", body="", components=(), impact="none")


def _ask(screen: CockpitScreen, verb: PublicKey, entry: PublicIncidentView) -> None:
    path = f"/v1/public/{entry.id}/{verb.name}"

    def given(form: dict[str, str] | None) -> None:
        if form is None:
            return
        body = _body(form)
        if verb.name == "correct":
            body["update"] = ""
        if verb.has_preview:
            _ask_body(screen, path, body, verb.done)
        else:
            lines = [f"public {entry.id} {verb.words}:", "", *harmless(form["text"]).splitlines()]
            _ask_yes(screen, path, body, lines, verb.done)

    screen.app.push_screen(FormDialog(f"{verb.words} · public {entry.id}", verb.fields, _fault), given)


def _ask_body(screen: CockpitScreen, path: str, body: Mapping[str, object], done: str) -> None:
    """The very body that was previewed is the one that is published."""

    def publish(client: OpsClient, shown: Shown) -> str:
        return f"public {client.publish(path, body).id} {done}"

    ask_published(screen, lambda client: client.preview_public(path, body), publish)


def _ask_yes(
    screen: CockpitScreen, path: str, body: Mapping[str, object], lines: list[str], done: str
) -> None:
    def call(client: OpsClient) -> str:
        return f"public {client.publish(path, body).id} {done}"

    screen.app.push_screen(
        YesDialog("what would be published", lines), lambda yes: screen.desk.do(call) if yes else None
    )


def _body(form: Given) -> dict[str, object]:
    body: dict[str, object] = dict(form)
    for name in ("components", "tell"):
        if name in form:
            body[name] = [one.strip() for one in form[name].split(",") if one.strip()]
    if "status" in form:
        body["status"] = form["status"] or None
    return body


def _fault(form: Given) -> str:
    status = form.get("status", "")
    return f"{status!r} is no state: {', '.join(_STATUSES)}" if status and status not in _STATUSES else ""
