"""From an answered call to a row of the request log."""

from time import time

from aiohttp import web

from server.api.call import ApiCall
from server.api.clock import rfc3339
from server.api.ids import new_id
from server.api.telemetry.request_log import LogRow, RequestLog


class RequestRecorder:
    """Writes down what was answered, off the path."""

    def __init__(self, log: RequestLog) -> None:
        self._log = log

    def request(self, request: web.BaseRequest, call: ApiCall, status: int, ms: float) -> None:
        """One answered request; only those that ask for it leave a row."""
        if call.logged:
            self.item(call, request.method, request.path, status, ms)

    def item(self, call: ApiCall, method: str, path: str, status: int, ms: float) -> None:
        """One answered question."""
        if self._log.full:
            self._log.drop()
            return
        words = call.answer
        self._log.add(
            LogRow(
                id=call.row_id or new_id(),
                created_at=call.answered_at or rfc3339(time()),
                request_id=None if call.row_id else call.request_id,
                api_key_id=call.api_key_id or None,
                method=method,
                path=path,
                status=status,
                error_type=call.error_type or None,
                prompt=self._log.shown(call.prompt),
                intent=words.get("intent"),
                subject=words.get("subject"),
                output_format=words.get("output_format"),
                original_language=words.get("original_language"),
                provider=call.provider or None,
                model=call.model or None,
                tokens_used=call.input_tokens + call.output_tokens,
                input_tokens=call.input_tokens,
                output_tokens=call.output_tokens,
                cache=call.cache or None,
                latency_ms=round(ms, 3),
            )
        )
