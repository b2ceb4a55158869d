"""Many questions in one call: each answered for itself, equal ones once, the order kept."""

import asyncio
import traceback
from time import perf_counter, time
from typing import Any

import msgspec

from server.api.analyze.analyzer import Analyzer
from server.api.analyze.cache import Found
from server.api.analyze.question import ParsedRequest, RequestReader
from server.api.analyze.response import encoded
from server.api.analyze.xml import xml_of
from server.api.call import ApiCall
from server.api.clock import rfc3339
from server.api.errors import ApiError
from server.api.http.envelope import as_api_error
from server.api.telemetry.log import Log
from server.api.telemetry.request_recorder import RequestRecorder

_AT_ONCE = 16
_encoder = msgspec.json.Encoder()


class EncodedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``BatchItem`` with its response encoded."""

    index: int
    status: int
    response: msgspec.Raw | None = None
    response_xml: str | None = None
    error: dict[str, Any] | None = None


class Batch:
    """Answers the items of a batch."""

    def __init__(
        self, reader: RequestReader, analyzer: Analyzer, recorder: RequestRecorder, log: Log
    ) -> None:
        self._log = log
        self._reader = reader
        self._analyzer = analyzer
        self._recorder = recorder

    async def analyze_all(self, items: list[Any], call: ApiCall) -> list[EncodedItem]:
        """One outcome for each item, in their order."""
        places = asyncio.Semaphore(_AT_ONCE)
        shared: dict[tuple[bytes, int | None], asyncio.Task[Found]] = {}
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._item(index, item, call, places, shared))
                for index, item in enumerate(items)
            ]
        return [task.result() for task in tasks]

    async def _item(
        self,
        index: int,
        item: Any,
        batch: ApiCall,
        places: asyncio.Semaphore,
        shared: dict[tuple[bytes, int | None], "asyncio.Task[Found]"],
    ) -> EncodedItem:
        call = ApiCall(f"{batch.request_id}.{index}", batch.trace_id)
        call.api_key_id = batch.api_key_id
        outcome = EncodedItem(index=index, status=500)
        try:
            ask = await self._reader.parse(item)
            call.prompt = ask.prompt
            found = await self._found(ask, call, places, shared)
            outcome = _answered(index, ask, call, found)
        except Exception as error:  # noqa: BLE001  # the outermost loop of an item
            known = as_api_error(error) or self._unknown(error, call)
            call.error_type = known.type
            outcome = _failed(index, known)
        finally:
            ms = (perf_counter() - call.started) * 1000
            self._recorder.item(call, "POST", "/v1/analyze/batch", outcome.status, ms)
        return outcome

    def _unknown(self, error: Exception, call: ApiCall) -> ApiError:
        """A fault of ours: it is logged, and fails this item alone."""
        detail = "".join(traceback.format_exception(error))
        self._log.event("ERROR", "internal_error", f"{error!r} request_id: {call.request_id}", detail=detail)
        return ApiError(
            "internal_error", "Something went wrong on our side; the request id finds it in our log."
        )

    async def _found(
        self,
        ask: ParsedRequest,
        call: ApiCall,
        places: asyncio.Semaphore,
        shared: dict[tuple[bytes, int | None], "asyncio.Task[Found]"],
    ) -> Found:
        """The answer to ``ask``, which equal items of the batch wait for together."""
        key = (ask.identity, ask.cache_ttl)
        first = shared.get(key)
        if first is not None:
            found = await asyncio.shield(first)
            call.cache, call.answer = "COALESCED", found.entry.words
            call.provider, call.model = found.entry.provider, found.entry.model
            return Found(found.entry, "COALESCED")

        async def answer() -> Found:
            async with places:
                return await self._analyzer.analyze(ask, call.api_key_id, call)

        task = shared[key] = asyncio.ensure_future(answer())
        return await task


def _answered(index: int, ask: ParsedRequest, call: ApiCall, found: Found) -> EncodedItem:
    ms = (perf_counter() - call.started) * 1000
    body = _encoder.encode(encoded(call, ask, found, ms, rfc3339(time())))
    if ask.xml:
        return EncodedItem(index=index, status=200, response_xml=xml_of(msgspec.json.decode(body)).decode())
    return EncodedItem(index=index, status=200, response=msgspec.Raw(body))


def _failed(index: int, error: ApiError) -> EncodedItem:
    detail = {"type": error.type, "message": error.message, "field": error.field, "details": error.details}
    return EncodedItem(index=index, status=error.status, error=detail)
