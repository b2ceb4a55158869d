"""Facts about platforms that give a process one PORT and nothing else."""

import pytest

from server.api.config import ApiConfig
from server.status.__main__ import StatusConfig


@pytest.mark.parametrize(
    ("own", "given", "bind", "port"),
    [
        ({}, {"PORT": "5000"}, "0.0.0.0", 5000),
        ({"BIND": "127.0.0.1"}, {"PORT": "5000"}, "127.0.0.1", 5000),
        ({"PORT": "8123"}, {"PORT": "5000"}, "127.0.0.1", 8123),
        ({"PORT": "8123"}, {}, "127.0.0.1", 8123),
        ({}, {"PORT": ""}, "127.0.0.1", None),
    ],
    ids=["only PORT", "PORT and a bind", "both ports", "only its own port", "an empty PORT"],
)
def test_a_platforms_port_is_listened_on_from_outside(
    own: dict[str, str], given: dict[str, str], bind: str, port: int | None
) -> None:
    api = ApiConfig.from_env(given | {f"API_{name}": value for name, value in own.items()})
    status = StatusConfig.from_env(given | {f"STATUS_{name}": value for name, value in own.items()})
    assert (api.api_bind, api.api_port) == (bind, port or 8000)
    assert (status.bind, status.port) == (bind, port or 8080)


def test_metrics_ask_for_a_token_where_the_port_is_a_platforms() -> None:
    assert not ApiConfig.from_env({"PORT": "5000"}).loopback_only
