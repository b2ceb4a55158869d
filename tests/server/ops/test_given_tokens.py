"""Facts about the daemon's own tokens when they come from outside, as they do in a container."""

from pathlib import Path

import pytest

from server.ops.config import OpsConfig, OpsConfigError
from tests.server.ops.conftest import Start

GIVEN = "ops_given-from-outside"


async def test_a_given_token_counts_and_is_not_written_to_the_state_folder(
    start: Start, tmp_path: Path
) -> None:
    async with start(given_tokens={"metrics": GIVEN}) as house:
        assert (await house.get("/v1/me", token=GIVEN))["name"] == "metrics"
        assert not (tmp_path / "var" / "tokens" / "metrics").exists()
        assert (tmp_path / "var" / "tokens" / "admin").exists()


async def test_a_token_that_is_given_later_takes_the_place_of_the_one_in_the_file(
    start: Start, tmp_path: Path
) -> None:
    async with start() as house:
        before = house.built.tokens["metrics"]
    async with start(given_tokens={"metrics": GIVEN}) as house:
        assert (await house.ask("GET", "/v1/me", token=before))[0] == 401
        assert (await house.get("/v1/me", token=GIVEN))["name"] == "metrics"


async def test_a_given_token_is_not_rotated_here_since_the_next_start_would_bring_it_back(
    start: Start,
) -> None:
    async with start(given_tokens={"metrics": GIVEN}) as house:
        status, answer = await house.ask("POST", "/v1/users/metrics/rotate", {})
        assert status == 409
        assert "OPS_METRICS_TOKEN_FILE" in answer["error"]["message"]
        assert (await house.get("/v1/me", token=GIVEN))["name"] == "metrics"
        assert (await house.ask("POST", "/v1/users/admin/rotate", {}))[0] == 200


def test_a_file_in_the_daemons_own_folder_is_its_own_to_make(tmp_path: Path) -> None:
    env = {"OPS_STATE": str(tmp_path), "OPS_INGEST_TOKEN_FILE": str(tmp_path / "tokens" / "ingest")}
    assert OpsConfig.from_env(env).given_tokens == {}


def test_a_file_elsewhere_must_be_there(tmp_path: Path) -> None:
    env = {"OPS_STATE": str(tmp_path), "OPS_INGEST_TOKEN_FILE": "/nowhere/ingest"}
    with pytest.raises(OpsConfigError, match="OPS_INGEST_TOKEN_FILE: /nowhere/ingest cannot be read"):
        OpsConfig.from_env(env)


def test_a_value_in_the_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    config = OpsConfig.from_env({"OPS_STATE": str(tmp_path), "OPS_METRICS_TOKEN": GIVEN})
    assert config.given_tokens == {"metrics": GIVEN}
    assert GIVEN in config.secrets
