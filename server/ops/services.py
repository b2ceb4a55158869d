"""The target's services and their logs, asked of the target's own program."""

import asyncio
import contextlib

import msgspec

from alerts.wire import SERVICES, ServiceView
from server.http.call import NotFoundError
from server.ops.executions.redactor import Redactor
from server.ops.executions.step_environment import StepEnvironment
from server.ops.prometheus import PrometheusUnreachableError

_TIMEOUT_S = 10.0
_KEPT_S = 1.0
_LARGEST = 16 * 1024 * 1024


class TargetServices:
    """Lists services and reads logs through ``python -m server.stack``."""

    def __init__(self, environment: StepEnvironment, redactor: Redactor) -> None:
        self._environment = environment
        self._redactor = redactor
        self._services: list[ServiceView] = []
        self._asked_at = -_KEPT_S
        self._asking = asyncio.Lock()

    async def services(self) -> list[ServiceView]:
        """The services as they are now, at most a second old; raises ``PrometheusUnreachableError``."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now - self._asked_at >= _KEPT_S:
                out = await self._ask("ps", "--json")
                try:
                    self._services = msgspec.json.decode(out, type=list[ServiceView])
                except msgspec.DecodeError as error:
                    raise PrometheusUnreachableError(
                        f"the target's list of services could not be read: {error}"
                    ) from error
                self._asked_at = now
        return self._services

    async def logs(self, service: str, *, tail: int, grep: str, request_id: str, count_by: str = "") -> str:
        """The end of a service's log, only the lines that have the given texts in them; or counts of these lines."""
        if service not in SERVICES:
            raise NotFoundError(f"there is no service {service}; there are {', '.join(SERVICES)}")
        wanted = [text for text in (grep, request_id) if text]
        if count_by:
            asked = {"--grep": grep, "--request-id": request_id, "--count-by": count_by}
            words = [f"{name}={text}" for name, text in asked.items() if text]
            return (await self._ask("logs", service, *words)).decode(errors="replace")
        out = await self._ask("logs", service, "--tail", str(100_000 if wanted else tail))
        lines = out.decode(errors="replace").splitlines(keepends=True)
        return "".join(
            [line for line in lines if all(text in line for text in wanted)][-tail:] if tail else []
        )

    async def _ask(self, *words: str) -> bytes:
        python = self._environment.words["python"]
        process = await asyncio.create_subprocess_exec(
            python,
            "-m",
            "server.stack",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._environment.cwd,
            env=self._environment.environment(None),
            limit=_LARGEST,
        )
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                out, complaint = await process.communicate()
        except TimeoutError as error:
            raise PrometheusUnreachableError(
                f"the target did not answer within {_TIMEOUT_S:.0f} s"
            ) from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            said = self._redactor.redacted(complaint.decode(errors="replace")).strip()[-500:]
            raise PrometheusUnreachableError(
                f"the target could not tell: {said or f'exit code {process.returncode}'}"
            )
        return out
