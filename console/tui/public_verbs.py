"""What the public reads, written from the console: nothing is published that was not shown to the byte before."""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.text.plain import harmless, one_line
from console.tui.calls import Fetched
from console.tui.dialogs import ChoiceDialog, YesDialog
from console.tui.form_dialog import Field, FormDialog, FormFault, Given, first_fault, one_of
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.scroll_mark import mark_hidden_lines
from console.tui.send_dialog import hidden_fault
from web.public_incident import PublicDraft, PublicIncidentView

Shown = Mapping[str, str]
_STATUSES = ("investigating", "identified", "monitoring")
_TELL = Field("tell", "audiences that get the same text, with commas between", required=False)


class PreviewDialog(YesDialog):
    """The text exactly as it would go out; ``y`` publishes it, anything else does not.

    What cannot be published is told in the ``form`` that it came of, where there is one.
    """

    FOOT = "y  publish exactly this      anything else  cancel"

    def __init__(
        self,
        read: Callable[[OpsClient], Shown],
        publish: Callable[[OpsClient, Shown], str],
        screen: CockpitScreen,
        form: FormDialog | None = None,
    ) -> None:
        super().__init__("what would be published", [], self._publish)
        self._read, self._do_publish, self._below, self._form = read, publish, screen, form
        self._desk = screen.desk.for_screen(self)
        self._text_shown: Shown | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="change") as box:
            box.border_title = self._title
            with VerticalScroll(id="preview"):
                yield Static("loading …", markup=False, id="preview-text")
            yield Static("")
            yield hidden_fault()
            yield Static(self.FOOT, markup=False, id="foot")

    def on_mount(self) -> None:
        self.watch(self.query_one("#preview"), "scroll_y", self._mark_hidden, init=False)
        self._desk.fetch(self._read)

    def on_fetched(self, message: Fetched) -> None:
        """Show it; a person cannot agree to what could not be shown."""
        if isinstance(message.found, Mapping):
            self._text_shown = message.found
            text = f"{message.found['subject']}\n\n{message.found['body']}"
            self.query_one("#preview-text", Static).update(harmless(text))
            self.call_after_refresh(self._mark_hidden)
        elif self._form is not None and self.is_active:
            form = self._form
            self.dismiss(None)
            form.call_later(form.refused, message.trouble, message.field)
        else:
            self.query_one("#preview-text", Static).update(f"this cannot be published: {message.trouble}")

    def _mark_hidden(self) -> None:
        mark_hidden_lines(self.query_one("#preview"), self.query_one("#dialog"))

    def _publish(self, dialog: YesDialog) -> None:
        shown = self._text_shown
        if shown is not None:
            self._below.desk.do(lambda client: self._do_publish(client, shown), dialog)

    @property
    def may_agree(self) -> bool:
        return self._text_shown is not None

    def scrolled(self, key: str) -> bool:
        lines = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10}.get(key, 0)
        self.query_one("#preview").scroll_relative(y=lines, animate=False)
        return lines != 0


def ask_published(
    screen: CockpitScreen,
    read: Callable[[OpsClient], Shown],
    publish: Callable[[OpsClient, Shown], str],
    form: FormDialog | None = None,
) -> None:
    """Show what ``read`` says would go out, and ``publish`` it where the person agrees; else the ``form`` is there again."""
    screen.app.push_screen(PreviewDialog(read, publish, screen, form), partial(_decided, screen, form))


def _decided(screen: CockpitScreen, form: FormDialog | None, done: bool | None) -> None:
    if form is not None and done:
        form.answered()
    elif form is not None:
        form.again("nothing was published")
    elif not done:
        screen.say("nothing was published")


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

    def given(form: Given, dialog: FormDialog) -> None:
        body = {**_body(form), "impact": None, "incident_id": incident_id}
        _ask_body(screen, "/v1/public", body, "is published", dialog)

    screen.app.push_screen(FormDialog("tell the public", fields, given, _fault))


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

    def given(form: Given, dialog: FormDialog) -> None:
        body = _body(form)
        if verb.name == "correct":
            body["update"] = ""
        if verb.has_preview:
            _ask_body(screen, path, body, verb.done, dialog)
        else:
            lines = [f"public {entry.id} {verb.words}:", "", *harmless(form["text"]).splitlines()]
            _ask_yes(screen, path, body, lines, verb.done, dialog)

    screen.app.push_screen(FormDialog(f"{verb.words} · public {entry.id}", verb.fields, given, _fault))


def _ask_body(
    screen: CockpitScreen, path: str, body: Mapping[str, object], done: str, form: FormDialog
) -> None:
    """The very body that was previewed is the one that is published."""

    def publish(client: OpsClient, shown: Shown) -> str:
        return f"public {client.publish(path, body).id} {done}"

    form.again()
    ask_published(screen, lambda client: client.preview_public(path, body), publish, form)


def _ask_yes(
    screen: CockpitScreen,
    path: str,
    body: Mapping[str, object],
    lines: list[str],
    done: str,
    form: FormDialog,
) -> None:
    def call(client: OpsClient) -> str:
        return f"public {client.publish(path, body).id} {done}"

    form.again()
    dialog = YesDialog("what would be published", lines, lambda dialog: screen.desk.do(call, dialog))
    screen.app.push_screen(dialog, partial(_decided, screen, form))


def _body(form: Given) -> dict[str, object]:
    body: dict[str, object] = dict(form)
    for name in ("components", "tell"):
        if name in form:
            body[name] = [one.strip() for one in form[name].split(",") if one.strip()]
    if "status" in form:
        body["status"] = form["status"] or None
    return body


def _fault(form: Given) -> FormFault | None:
    return first_fault(form, status=one_of(("", *_STATUSES), f"{{}} is no state: {', '.join(_STATUSES)}"))
