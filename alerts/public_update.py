"""One entry of what the public is told about an incident or a maintenance window: a person's words, and what became of them."""

import msgspec

from alerts.wire import Moment


class AffectedComponent(msgspec.Struct, frozen=True, kw_only=True):
    """How the state of one component changed with an update."""

    code: str
    """The component's id."""
    name: str
    old_status: str
    new_status: str


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """That words were changed after they were published; what they said before stays readable."""

    at: Moment
    by: str
    before: str


class PublicUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One update as it was published."""

    id: str
    """12 lower-case letters and digits, as Statuspage has them."""
    status: str
    """Of the incident or window from this update on."""
    body: str
    """Markdown."""
    at: Moment
    by: str
    affected: tuple[AffectedComponent, ...] = ()
    corrections: tuple[Correction, ...] = ()
    """The earliest first."""


def corrected(
    updates: tuple[PublicUpdate, ...], update_id: str, body: str, at: Moment, by: str
) -> tuple[PublicUpdate, ...]:
    """The updates, one of them with other words; all of them as they were where there is none of that id."""
    return tuple(
        msgspec.structs.replace(
            update,
            body=body,
            corrections=(*update.corrections, Correction(at=at, by=by, before=update.body)),
        )
        if update.id == update_id
        else update
        for update in updates
    )
