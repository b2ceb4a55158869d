"""Measures what an action was for, before and after it, on the live metric."""

import asyncio
from collections.abc import Awaitable, Callable

from runbooks.engine.action import Verify, meets
from runbooks.wire import Verification
from server.ops.prometheus import PrometheusUnreachableError
from server.runner.execution import Execution

_EVERY_S = 1.0
_BEFORE_S = 2.0
Measure = Callable[[str], Awaitable[float | None]]


class LiveVerification:
    """Asks the source of metrics until the expectation is met or its time is up."""

    def __init__(self, measure: Measure, every_s: float = _EVERY_S) -> None:
        self._measure = measure
        self._every_s = every_s

    async def before(self, verify: Verify | None) -> str:
        """The value before the action, as text; empty where there is nothing to measure or nobody to ask."""
        if verify is None:
            return ""
        try:
            async with asyncio.timeout(_BEFORE_S):
                return _text(await self._measure(verify.query))
        except (PrometheusUnreachableError, TimeoutError):
            return ""

    async def after(self, execution: Execution) -> Verification:
        """What the metric says once the action is done."""
        verify = execution.verify
        if verify is None:
            return Verification(query="", passed=None)
        loop = asyncio.get_running_loop()
        began = loop.time()
        passed, value, trouble = False, "", ""
        await asyncio.sleep(verify.settle_s)
        while True:
            try:
                measured = await self._measure(verify.query)
                passed, value, trouble = meets(verify.expect, measured), _text(measured), ""
            except PrometheusUnreachableError as error:
                trouble = str(error)
            took_s = loop.time() - began
            if passed or took_s >= verify.within_s:
                break
            await asyncio.sleep(min(self._every_s, max(0.0, verify.within_s - took_s)))
        result = None if trouble else passed
        return Verification(
            query=verify.query,
            passed=result,
            before=execution.before,
            after=value,
            text=_words(verify, execution.before, value, took_s, result, trouble),
            took_s=round(took_s, 1),
            rollback=execution.rollback if result is False else None,
        )


def _words(verify: Verify, before: str, after: str, took_s: float, passed: bool | None, trouble: str) -> str:
    what = verify.text or verify.query
    if passed is None:
        return f"{what}: could not be measured ({trouble})"
    change = f"{before or '?'} → {after}" if before != after else after
    verdict = f"in {took_s:.0f} s" if passed else f"and not {verify.expect} after {took_s:.0f} s"
    return f"{what} {change} {verdict}"


def _text(value: float | None) -> str:
    return "no data" if value is None else f"{value:.4g}"
