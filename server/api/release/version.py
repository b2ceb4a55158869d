"""Which version of the service this code is: that of the release that it stands in, else the package's."""

from importlib.metadata import version

from server.api.release.release import about
from server.paths import CHECKOUT

_RELEASE = about(CHECKOUT)
VERSION = version("structured-prompt-service") if _RELEASE is None else _RELEASE.version
