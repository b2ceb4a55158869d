"""What every event of the journal is: a frozen value that carries its kind."""

import msgspec


class JournalEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One thing that was decided or that happened. Its tag is written in journals and never changes."""
