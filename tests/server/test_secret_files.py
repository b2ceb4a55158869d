"""Facts about secrets that an environment names as files."""

from pathlib import Path

import pytest

from server.api.config import ApiConfig, ApiConfigError
from server.evaluator.config import EvaluatorConfig, EvaluatorConfigError
from server.ops.config import OpsConfig, OpsConfigError
from server.secret_files import SECRETS, SecretFileError, with_secret_files


def kept(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.mark.parametrize("name", [*SECRETS, "OPENAI_API_KEY"])
def test_a_secret_may_lie_in_a_file(tmp_path: Path, name: str) -> None:
    assert with_secret_files({f"{name}_FILE": kept(tmp_path, "secret", "hush\n")})[name] == "hush"


def test_a_value_that_is_given_directly_wins(tmp_path: Path) -> None:
    env = {"ADMIN_TOKEN": "here", "ADMIN_TOKEN_FILE": str(tmp_path / "missing")}
    assert with_secret_files(env)["ADMIN_TOKEN"] == "here"


def test_other_files_are_left_alone() -> None:
    env = {"SCRAPE_TARGETS_FILE": "/nowhere", "API_ADMIN_TOKEN_FILE": "/nowhere", "ADMIN_TOKEN_FILE": ""}
    assert with_secret_files(env) == env


def test_every_file_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    env = {"ADMIN_TOKEN_FILE": str(tmp_path / "away"), "DATABASE_URL_FILE": kept(tmp_path, "empty", "\n")}
    with pytest.raises(SecretFileError) as caught:
        with_secret_files(env)
    assert str(caught.value) == (
        f"ADMIN_TOKEN_FILE: {tmp_path}/away cannot be read: No such file or directory; "
        f"DATABASE_URL_FILE: {tmp_path}/empty is empty"
    )


def test_a_folder_and_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "bytes"):
        with pytest.raises(SecretFileError, match=r"ADMIN_TOKEN_FILE: .* cannot be read"):
            with_secret_files({"ADMIN_TOKEN_FILE": str(path)})


def test_the_api_reads_its_secrets_from_files(tmp_path: Path) -> None:
    config = ApiConfig.from_env(
        {
            "DATABASE_URL_FILE": kept(tmp_path, "database", "postgresql://a:b@db/p\n"),
            "ADMIN_TOKEN_FILE": kept(tmp_path, "admin", "admin-token"),
            "LLM_PROVIDERS": '[{"name": "m", "kind": "openai", "model": "x", "base_url": "http://m", "api_key_env": "M_API_KEY"}]',
            "M_API_KEY_FILE": kept(tmp_path, "key", "model-key"),
        }
    )
    assert config.database_url == "postgresql://a:b@db/p"
    assert config.admin_token == "admin-token"
    assert config.llm_providers[0].api_key == "model-key"


def test_each_process_names_a_missing_file_and_starts_not(tmp_path: Path) -> None:
    env = {"DATABASE_URL_FILE": str(tmp_path / "away"), "API_URL": "http://127.0.0.1:1"}
    with pytest.raises(ApiConfigError, match="DATABASE_URL_FILE"):
        ApiConfig.from_env(env)
    with pytest.raises(OpsConfigError, match="DATABASE_URL_FILE"):
        OpsConfig.from_env(env)
    with pytest.raises(EvaluatorConfigError, match="DATABASE_URL_FILE"):
        EvaluatorConfig.from_env(env)


def test_what_came_from_a_file_is_never_shown(tmp_path: Path) -> None:
    config = OpsConfig.from_env(
        {
            "DATABASE_URL_FILE": kept(tmp_path, "database", "postgresql://a:database-word@db/p"),
            "OPS_INGEST_TOKEN_FILE": kept(tmp_path, "ingest", "ingest-word"),
        }
    )
    assert {"database-word", "ingest-word"} <= set(config.secrets)
