"""Pages for tests."""

from datetime import UTC, date, datetime

from web.components import DEFAULT, ComponentState, ComponentStatus
from web.page import Page, build_page

SINCE = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


def page_of(status: ComponentStatus, *, name: str = "Structured Prompt Service") -> Page:
    """A page on which every component has this status."""
    states = {c.id: ComponentState(component_id=c.id, status=status, since=SINCE) for c in DEFAULT.components}
    return build_page(states, (), name=name, url="https://status.example", today=date(2026, 3, 1))
