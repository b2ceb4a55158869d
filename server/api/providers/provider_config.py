"""The list of providers as operators write it (``LLM_PROVIDERS``): read with its presets, every fault named at once."""

import re
import ssl
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from server.api.providers.preset import PRESETS

Parameter = Literal["temperature", "max_tokens", "max_completion_tokens"]
Structured = Literal["json_schema", "json_object", "tool", "prompt"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = frozenset({"model", "messages", "system", "stream"})
"""Fields of the request's body that ``extra_body`` may not change: the answer is made from what we put there."""
_REASONING = re.compile(r"(?:.*/)?(?:o\d|gpt-5)(?:[.-]|$)")
"""Models that take ``max_completion_tokens`` and no temperature (OpenAI's API reference, chat completions)."""


class ProviderConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of ``LLM_PROVIDERS``."""

    name: str
    kind: Literal["local", "openai", "anthropic"]
    preset: str = ""
    """Name of a preset that fills in what the entry leaves out."""
    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    """Name of the variable that holds its key, so that the list itself holds no secret."""
    api_key: str = ""
    """Filled from ``api_key_env``; never written in the list."""
    key_header: str = ""
    """Header that carries the key as it is; without one OpenAI's ``Authorization: Bearer`` or Anthropic's ``x-api-key``."""
    needs_key: bool = False
    """Whether the provider answers nobody without a key."""
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=600)] = 30.0
    """Longest time for one call."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 64
    """Calls in flight at once; one more is refused at once."""
    structured: Structured = "json_schema"
    """How the provider is asked for JSON."""
    takes: tuple[Parameter, ...] | None = None
    """Parameters that the model takes; None: those that are known of it."""
    extra_body: dict[str, Any] = {}
    """Fields added to the body of every call; null leaves one of ours out."""
    extra_headers: dict[str, str] = {}
    proxy: str = ""
    """URL of an HTTP proxy for the calls."""
    ca_file: str = ""
    """PEM file of the authorities that may have signed its certificate; empty: those of the system."""
    fallback_for_schemas: bool = False
    """Local kind only: whether it may fill a caller's schema where every provider before it failed."""

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters to send."""
        if self.takes is not None:
            return frozenset(self.takes)
        if self.kind == "openai" and _REASONING.match(self.model):
            return frozenset({"max_completion_tokens"})
        return frozenset({"temperature", "max_tokens"})


_FIELDS = {field.name: field for field in msgspec.structs.fields(ProviderConfig)}
_WRITTEN = frozenset(_FIELDS) - {"api_key"}


class ProviderListError(ValueError):
    """The list is wrong; the message names every fault."""


def read_providers(text: str, env: Mapping[str, str]) -> tuple[ProviderConfig, ...]:
    """The providers in ``text``, each with its key from ``env``. Raises ``ProviderListError``."""
    try:
        entries = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProviderListError(f"must be a JSON list of objects: {error}") from None
    if not isinstance(entries, list):
        raise ProviderListError(
            'must be a JSON list of objects, such as [{"name": "local", "kind": "local"}]'
        )
    faults: list[str] = []
    if not entries:
        faults.append("must name at least one provider")
    found = [_read(number, entry, env, faults) for number, entry in enumerate(entries, 1)]
    faults += _clashes([entry.get("name") for entry in entries if isinstance(entry, dict)])
    if faults:
        raise ProviderListError("; ".join(faults))
    return tuple(provider for provider in found if provider is not None)


def _read(number: int, entry: Any, env: Mapping[str, str], faults: list[str]) -> ProviderConfig | None:
    if not isinstance(entry, dict):
        faults.append(f"entry {number}: must be an object, not {msgspec.json.encode(entry)[:40].decode()}")
        return None
    name = entry.get("name")
    place = f"entry {number}" + (f" ({name[:64]})" if isinstance(name, str) and name else "")
    preset = entry.get("preset", "")
    if preset and (not isinstance(preset, str) or preset not in PRESETS):
        faults.append(f"{place}: there is no preset {preset!r}; there are {', '.join(PRESETS)}")
        preset = ""
    merged = {**PRESETS.get(preset, {}), **entry}
    values: dict[str, Any] = {}
    own = _field_faults(merged, values)
    own += _value_faults(values, env)
    faults += [f"{place}: {fault}" for fault in own]
    if own:
        return None
    key = env.get(values.get("api_key_env", ""), "")
    return ProviderConfig(**values, api_key=key)


def _field_faults(entry: Mapping[str, Any], values: dict[str, Any]) -> list[str]:
    """What is wrong with each field for itself; ``values`` takes those that are right."""
    faults = []
    for name, value in entry.items():
        if name == "api_key":
            faults.append(
                "api_key: a key never stands in the list; put it in a variable and write its name as api_key_env"
            )
        elif name not in _WRITTEN:
            faults.append(f"{name[:40]}: there is no such field; there are {', '.join(sorted(_WRITTEN))}")
        else:
            try:
                values[name] = msgspec.convert(value, _FIELDS[name].type)
            except msgspec.ValidationError as error:
                faults.append(f"{name}: {error}")
    faults += [
        f"{name}: is missing"
        for name, field in _FIELDS.items()
        if name not in entry
        and field.default is msgspec.NODEFAULT
        and field.default_factory is msgspec.NODEFAULT
    ]
    return faults


def _value_faults(values: Mapping[str, Any], env: Mapping[str, str]) -> list[str]:
    """What is wrong with the values beside each other; a field that is wrong for itself is passed over."""
    faults = []
    name, kind = values.get("name"), values.get("kind")
    if name is not None and not _NAME.fullmatch(name):
        faults.append(
            f"name: must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit, not {name[:64]!r}"
        )
    if kind == "local":
        return faults + _faults_of_local(values)
    if kind is not None and not values.get("model"):
        faults.append("model: is missing")
    base_url = values.get("base_url", "")
    if base_url or kind == "openai":
        faults += _url_faults("base_url", base_url)
    if values.get("proxy"):
        faults += _url_faults("proxy", values["proxy"])
    return faults + _key_faults(values, env) + _extra_faults(values) + _certificate_faults(values)


def _faults_of_local(values: Mapping[str, Any]) -> list[str]:
    remote = ("base_url", "model", "api_key_env", "proxy", "extra_body", "extra_headers", "ca_file", "takes")
    return [f"{name}: means nothing to a local provider" for name in remote if values.get(name)]


def _key_faults(values: Mapping[str, Any], env: Mapping[str, str]) -> list[str]:
    variable = values.get("api_key_env", "")
    if variable and not env.get(variable):
        return [f"api_key_env: the variable {variable[:80]} is not set"]
    if variable and not env[variable].isprintable():
        return [f"api_key_env: the variable {variable[:80]} holds a line break or another control character"]
    if not variable and values.get("needs_key"):
        return ["api_key_env: is missing; write the name of the variable that holds the key"]
    return []


def _extra_faults(values: Mapping[str, Any]) -> list[str]:
    faults = [
        f"extra_body: {name} is ours to set" for name in sorted(_OURS & set(values.get("extra_body", {})))
    ]
    for name, value in {**values.get("extra_headers", {}), **_key_header(values)}.items():
        if not _HEADER.fullmatch(name):
            faults.append(f"extra_headers: {name[:40]!r} is no header's name")
        if not value.isprintable():
            faults.append(
                f"extra_headers: the value of {name[:40]} holds a line break or another control character"
            )
    takes = values.get("takes") or ()
    if {"max_tokens", "max_completion_tokens"} <= set(takes):
        faults.append("takes: a model takes max_tokens or max_completion_tokens, not both")
    return faults


def _key_header(values: Mapping[str, Any]) -> dict[str, str]:
    return {values["key_header"]: ""} if values.get("key_header") else {}


def _certificate_faults(values: Mapping[str, Any]) -> list[str]:
    file = values.get("ca_file")
    if not file:
        return []
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError, ValueError) as error:
        return [f"ca_file: {file[:200]} holds no certificates: {error}"]
    return []


def _url_faults(field: str, url: str) -> list[str]:
    right = "write it as http://HOST[:PORT][/PATH] or https://…"
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isprintable() or " " in url:
        return [f"{field}: {url[:100]!r} is no address; {right}" if url else f"{field}: is missing; {right}"]
    if parts.query or parts.fragment:
        return [f"{field}: {url[:100]!r} has a query or a fragment; {right}"]
    return []


def _clashes(names: list[Any]) -> list[str]:
    written = [name for name in names if isinstance(name, str)]
    faults = [
        f"the name {name[:64]!r} stands twice" for name in dict.fromkeys(written) if written.count(name) > 1
    ]
    if "auto" in written:
        faults.append("no provider may be named 'auto': callers write it for the first that answers")
    return faults
