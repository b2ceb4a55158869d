"""What the API process is told by its environment, read once."""

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from server.api.providers.provider_config import ProviderConfig, read_providers
from server.config import EnvironmentReader
from server.http.host_guard import host_names

MIB = 1024 * 1024
EVERYWHERE = "0.0.0.0"  # noqa: S104 - where a platform gives the port, its router comes from outside


class ApiConfigError(ValueError):
    """The environment is wrong; the message names every fault."""


class ApiConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one API process; names in the environment are the same in capitals."""

    api_bind: str = "127.0.0.1"
    """``0.0.0.0`` where it is missing and the port is a platform's ``PORT``."""
    api_port: int = 8000
    """``PORT`` where ``API_PORT`` is missing."""
    allowed_hosts: str = ""
    """Names for which it answers beside addresses and those of this machine, separated by commas."""
    database_url: str = "postgresql://structured_prompt@localhost/structured_prompt_db"
    redis_url: str = "redis://localhost:6379/0"
    admin_token: str = ""
    """Without one, every admin path answers 401."""
    metrics_token: str = ""
    cache_default_ttl: int = 3600
    """Seconds."""
    cache_local_entries: int = 10_000
    """Answers that one process holds beside Redis."""
    default_rate_limit: int = 1000
    """Requests an hour for keys without a limit of their own."""
    environment: str = "local"
    api_state: str = "var/api"
    api_releases: str = ""
    """Folder of releases; without one, workers run the code that the master runs."""
    workers: int = 1
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_prompts: Literal["full", "redacted", "none"] = "full"
    """What the request log keeps of a prompt."""
    request_log_retention_months: int = 13
    llm_providers: tuple[ProviderConfig, ...] = (ProviderConfig(name="local", kind="local"),)
    request_deadline_s: float = 60.0
    """Longest time for one analyze call, every provider and retry included."""
    drain_timeout_s: float = 25.0
    drill_token: str = ""
    """Opens ``/v1/drill/faults``; set in a drill stack only."""

    @property
    def loopback_only(self) -> bool:
        """Whether nobody but this machine can reach the listener."""
        if self.api_bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.api_bind).is_loopback
        except ValueError:
            return False

    @property
    def state(self) -> Path:
        """The directory for the last known good settings and the metric files."""
        return Path(self.api_state)

    @property
    def releases(self) -> Path | None:
        """The folder of releases."""
        return Path(self.api_releases).absolute() if self.api_releases else None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "ApiConfig":
        """Read the environment. Raises ``ApiConfigError`` naming every fault at once."""
        reader = EnvironmentReader(env)
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            name = field.name.upper()
            if field.name == "llm_providers":
                values |= _providers(reader)
            elif field.name == "api_port":
                values[field.name] = reader.read(reader.first(name, "PORT"), _parser(field), field.default)
            else:
                values[field.name] = reader.read(name, _parser(field), field.default)
        config = cls(**values)
        reader.faults += _bounds(config)
        reader.stop_at_faults(ApiConfigError)
        if reader.text("PORT") and not (reader.text("API_PORT") or reader.text("API_BIND")):
            config = msgspec.structs.replace(config, api_bind=EVERYWHERE)
        return config


def _providers(reader: EnvironmentReader) -> dict[str, Any]:
    """The list of providers, where there is one; a fault never shows its text, which may hold secrets."""
    text = reader.text("LLM_PROVIDERS")
    if not text:
        return {}
    try:
        return {"llm_providers": read_providers(text, reader.env)}
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        reader.faults.append(f"LLM_PROVIDERS: {error}")
        return {}


def _parser(field: msgspec.structs.FieldInfo) -> Callable[[str], Any]:
    """What reads a variable of the field's type. Raises ``ValueError``."""

    def parse(text: str) -> Any:
        try:
            return msgspec.convert(
                text.upper() if field.name == "log_level" else text, field.type, strict=False
            )
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error

    return parse


def _bounds(config: ApiConfig) -> list[str]:
    faults = []
    for name, low, high in (
        ("api_port", 0, 65_535),
        ("cache_default_ttl", 0, 86_400),
        ("cache_local_entries", 0, 10_000_000),
        ("default_rate_limit", 1, 10**9),
        ("workers", 1, 256),
        ("request_log_retention_months", 1, 1200),
        ("request_deadline_s", 0.1, 3600),
        ("drain_timeout_s", 0, 3600),
    ):
        if not low <= getattr(config, name) <= high:
            faults.append(f"{name.upper()}: must be {low} to {high}, not {getattr(config, name)}")
    try:
        host_names(config.allowed_hosts)
    except ValueError as error:
        faults.append(f"ALLOWED_HOSTS: {error}")
    return faults
