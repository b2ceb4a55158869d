"""Which version of the service this code is: that of the release that it stands in, else the package's."""

from importlib.metadata import version
from pathlib import Path

from server.api.release import about

_HOME = Path(__file__).resolve().parents[2]
_RELEASE = about(_HOME)
VERSION = version("structured-prompt-service") if _RELEASE is None else _RELEASE.version
