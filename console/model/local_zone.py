"""This machine's zone, with the offset that held at each time and not the one that holds now."""

from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The zone that ``TZ`` or the machine has; the clock's own rules say which offset held when."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        """The offset at a time of this zone; where the clocks were set back, ``fold`` says which of both it is."""
        return self._known(at).utcoffset() or timedelta()

    def dst(self, at: datetime | None) -> timedelta | None:
        """Unknown: the offset is all that is asked of it."""
        return None

    def tzname(self, at: datetime | None) -> str | None:
        """The zone's name then, as CET or CEST."""
        return self._known(at).tzname()

    def fromutc(self, at: datetime) -> datetime:
        """The time of this zone at a moment of UTC."""
        wall = at.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
        earlier = wall.astimezone().astimezone(UTC)
        return wall.replace(tzinfo=self, fold=int(earlier != at.replace(tzinfo=UTC)))

    @staticmethod
    def _known(at: datetime | None) -> datetime:
        # A time without a zone is read by the machine's own rules.
        return (at or datetime.now()).replace(tzinfo=None).astimezone()


LOCAL_ZONE = LocalZone()
