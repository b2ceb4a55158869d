"""Who is called in a drill: three people who are files, and what each of them got."""

from pathlib import Path

PEOPLE = {"L1": "engineer", "L2": "second", "L3": "third"}
"""By level, who is called in a drill."""


class DrillPages:
    """The contacts of a drill's stack: its pages go through the daemon's own pager, and reach nobody but files."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.contacts = state / "drill-contacts.yml"

    def write_contacts(self) -> None:
        """Makes the contacts file, before the stack comes up."""
        people = "".join(
            f'  {name}: {{channels: ["file:{self._state}/pages-{level}.log"]}}\n'
            for level, name in PEOPLE.items()
        )
        levels = "".join(f"  {level}: {name}\n" for level, name in PEOPLE.items())
        self.contacts.write_text(f"people:\n{people}levels:\n{levels}")

    def calls(self, level: str, incident_id: int) -> int:
        """How often somebody of a level was called about an incident, up to now."""
        return sum(
            f"  incident {incident_id}  " in line and "  recovery  " not in line for line in self._got(level)
        )

    def was_told_of_recovery(self, level: str, incident_id: int) -> bool:
        """Whether somebody of a level has heard that it is mitigated."""
        return any(f"  recovery  incident {incident_id}  " in line for line in self._got(level))

    def _got(self, level: str) -> list[str]:
        path = self._state / f"pages-{level}.log"
        return path.read_text().splitlines() if path.exists() else []
