"""Causing the faults for real, with powers that only a drill has: its stack's own tokens and files."""

import asyncio
import secrets
from typing import Any

import aiohttp

from server.stack.drill.responder import DrillFailedError, until
from server.stack.drill.scenario import (
    CUSTOMER,
    DrillFault,
    ErrorBurst,
    LimitAbuse,
    Load,
    RefusedKey,
    ShortTTL,
    SlowProvider,
    StoppedService,
    WrongKeys,
)
from server.stack.drill.traffic import Traffic
from server.stack.layout import Layout
from server.stack.local.supervisord import operate
from server.stack.tokens import read_token


class FaultInjector:
    """Whoever causes the fault: behind everyone's back, so that nothing of it is journalled."""

    def __init__(
        self, layout: Layout, session: aiohttp.ClientSession, drill_token: str, traffic: Traffic
    ) -> None:
        self._layout, self._session, self._traffic = layout, session, traffic
        self._drill_token = drill_token

    async def let_customer_ask(self, load: Load) -> None:
        """The good customer begins to ask; its limit is never in the way."""

        async def can_make_keys() -> bool:
            try:
                self._traffic.begin(CUSTOMER, await self._new_key(CUSTOMER, 1_000_000), load)
            except DrillFailedError:
                return False
            return True

        await until("the API making a key", 30, can_make_keys)

    async def inflict(self, fault: DrillFault) -> str:
        """Cause ``fault``; what was done, in words."""
        match fault:
            case StoppedService(service):
                await asyncio.to_thread(operate, self._layout, "stop", service)
                return f"{service} is stopped behind everyone's back"
            case ErrorBurst(share):
                return await self._spoil_process(share)
            case SlowProvider(provider, delay_ms):
                await self._set_faults({"provider": provider, "provider_delay_ms": delay_ms})
                return f"every call of the provider {provider} takes {delay_ms / 1000:g} s longer"
            case RefusedKey(provider):
                return await self._refuse_key(provider)
            case WrongKeys(client, per_s):
                self._traffic.begin(client, "sp_" + secrets.token_hex(32), Load(per_s=per_s))
                return f"{client} asks {per_s:g} times a second with a key that nobody has"
            case ShortTTL(seconds):
                await self._admin("PATCH", "/v1/settings", {"cache_default_ttl": seconds})
                return f"answers stay in the cache for {seconds} s only"
            case LimitAbuse(client, per_hour, per_s):
                self._traffic.begin(client, await self._new_key(client, per_hour), Load(per_s=per_s))
                return f"{client}, who may ask {per_hour} times an hour, asks {per_s:g} times a second"

    async def give_good_key(self, client: str) -> str:
        """Play ``client`` after it was told of its wrong key; what it did, in words."""
        self._traffic.clients[client].key = await self._new_key(client, 1_000_000)
        return f"the drill played {client}: told of its wrong key, it went over to a good one"

    async def _spoil_process(self, share: float) -> str:
        """The fault is to live in the process alone, as a bad state does: its copy on disk would outlive a restart."""
        await self._set_faults({"error_rate": share})
        (self._layout.state / "api" / "faults.json").unlink(missing_ok=True)
        return f"the API's process answers {share:.0%} of its calls with 500"

    async def _refuse_key(self, provider: str) -> str:
        """The fault is to live in the processes alone, which hold the old key: those that follow read the new one."""
        await self._set_faults({"provider": provider, "provider_key_refused": True})
        (self._layout.state / "api" / "faults.json").unlink(missing_ok=True)
        return f"the provider {provider} has a new key, and the API's processes hold the old one"

    async def _set_faults(self, faults: dict[str, Any]) -> None:
        await self._call("POST", "/v1/drill/faults", faults, self._drill_token)

    async def _new_key(self, name: str, per_hour: int) -> str:
        made = await self._admin("POST", "/v1/api-keys/", {"name": name, "rate_limit_per_hour": per_hour})
        return str(made["key"])

    async def _admin(self, method: str, path: str, body: object) -> Any:
        return await self._call(method, path, body, read_token(self._layout.tokens / "api-admin"))

    async def _call(self, method: str, path: str, body: object, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self._layout.url('api')}{path}"
        try:
            async with self._session.request(method, url, json=body, headers=headers) as answer:
                if answer.status >= 400:
                    raise DrillFailedError(
                        f"{method} {path} was answered {answer.status}: {(await answer.text())[:300]}"
                    )
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DrillFailedError(f"the API did not answer {method} {path}: {error}") from error
