"""Everything on the shelf: the runbooks and the actions that they may use."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from runbooks.engine.action import Action, ActionFileError, load_actions
from runbooks.engine.parser import parse_runbook
from runbooks.wire import RunbookView

_KEPT = 512
"""Texts of runbooks whose reading is remembered."""
NOT_RUNBOOKS = ("README.md", "MONITORING_GUIDE.md")


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """Runbooks by id and actions by name."""

    runbooks: Mapping[str, RunbookView]
    actions: Mapping[str, Action]
    faults: tuple[str, ...] = ()
    """What is wrong with ``actions.yml``, where it could not be read."""

    def runbook_for_url(self, url: str) -> RunbookView | None:
        """The runbook whose file a rule's ``runbook_url`` ends in."""
        path = url.partition("#")[0].removesuffix(".md")
        for runbook_id, runbook in self.runbooks.items():
            if path == runbook_id or path.endswith(f"/{runbook_id}"):
                return runbook
        return None


# Reading one file again must not cost what reading all of them does: the daemon does it between two requests.
_parsed = lru_cache(_KEPT)(parse_runbook)
_actions_in = lru_cache(2)(load_actions)


def build_catalogue(files: Mapping[str, str]) -> Catalogue:
    """The catalogue of the files below ``runbooks/`` (path to text); a broken one hides no other."""
    runbooks = {
        path.removesuffix(".md"): _parsed(text, path.removesuffix(".md"))
        for path, text in sorted(files.items())
        if path.endswith(".md") and path not in NOT_RUNBOOKS
    }
    try:
        return Catalogue(runbooks=runbooks, actions=_actions_in(files.get("actions.yml", "{}")))
    except ActionFileError as error:
        return Catalogue(runbooks=runbooks, actions={}, faults=(f"actions.yml: {error}",))
