"""The fixtures of paging serve here too."""

from tests.server.ops.paging.conftest import night

__all__ = ["night"]
