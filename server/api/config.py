"""What the API process is told by its environment, read once."""

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from server.secret_files import SecretFileError, with_secret_files

MIB = 1024 * 1024
EVERYWHERE = "0.0.0.0"  # noqa: S104 - where a platform gives the port, its router comes from outside


class ApiConfigError(ValueError):
    """The environment is wrong; the message names every fault."""


class ProviderConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of ``LLM_PROVIDERS``."""

    name: str
    kind: Literal["local", "openai", "anthropic"]
    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    """Name of the variable that holds its key, so that the list itself holds no secret."""
    api_key: str = ""
    """Filled from ``api_key_env``; never written in the list."""
    timeout_s: float = 30.0
    """Longest time for one call."""
    concurrency: int = 64
    """Calls in flight at once; one more is refused at once."""
    structured: Literal["json_schema", "json_object", "tool", "prompt"] = "json_schema"
    """How the provider is asked for JSON."""


class ApiConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one API process; names in the environment are the same in capitals."""

    api_bind: str = "127.0.0.1"
    """``0.0.0.0`` where it is missing and the port is a platform's ``PORT``."""
    api_port: int = 8000
    """``PORT`` where ``API_PORT`` is missing."""
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
        faults: list[str] = []
        try:
            env = with_secret_files(env)
        except SecretFileError as error:
            faults.append(str(error))
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            text = env.get(field.name.upper(), "")
            if field.name == "api_port":
                text = text or env.get("PORT", "")
            if text == "":
                continue
            try:
                values[field.name] = _READERS.get(field.name, _read)(text, field.type)
            except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
                faults.append(f"{field.name.upper()}: {error}")
        config = cls(**values)
        faults += _bounds(config)
        if faults:
            raise ApiConfigError("; ".join(faults))
        if env.get("PORT") and not (env.get("API_PORT") or env.get("API_BIND")):
            config = msgspec.structs.replace(config, api_bind=EVERYWHERE)
        return msgspec.structs.replace(
            config, llm_providers=tuple(_keyed(p, env) for p in config.llm_providers)
        )


def _read(text: str, kind: Any) -> Any:
    return msgspec.convert(text, kind, strict=False)


def _read_providers(text: str, kind: Any) -> Any:
    return msgspec.json.decode(text, type=kind)


def _read_level(text: str, kind: Any) -> Any:
    return msgspec.convert(text.upper(), kind)


_READERS: dict[str, Callable[[str, Any], Any]] = {"llm_providers": _read_providers, "log_level": _read_level}


def _keyed(provider: ProviderConfig, env: Mapping[str, str]) -> ProviderConfig:
    return msgspec.structs.replace(
        provider, api_key=env.get(provider.api_key_env, "") if provider.api_key_env else ""
    )


def _bounds(config: ApiConfig) -> list[str]:
    faults = []
    for name, low, high in (
        ("api_port", 0, 65_535),
        ("cache_default_ttl", 0, 86_400),
        ("cache_local_entries", 0, 10_000_000),
        ("default_rate_limit", 1, 10**9),
        ("workers", 1, 256),
        ("request_log_retention_months", 1, 1200),
    ):
        if not low <= getattr(config, name) <= high:
            faults.append(f"{name.upper()}: must be {low} to {high}, not {getattr(config, name)}")
    names = [provider.name for provider in config.llm_providers]
    for provider in config.llm_providers:
        if provider.kind != "local" and not provider.model:
            faults.append(f"LLM_PROVIDERS: {provider.name} needs a model")
        if provider.kind == "openai" and not provider.base_url.startswith(("http://", "https://")):
            faults.append(f"LLM_PROVIDERS: {provider.name} needs a base_url that begins with http")
    if not names:
        faults.append("LLM_PROVIDERS: must name at least one provider")
    if len(set(names)) != len(names) or "auto" in names:
        faults.append("LLM_PROVIDERS: names must differ, and none may be 'auto'")
    return faults
