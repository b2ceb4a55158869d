"""The whole diagnosis: every section asked in turn, a failure of one never hiding the others."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from server.stack.diagnosis import api, postgres, redis
from server.stack.diagnosis.request import request
from server.stack.diagnosis.section import Section, away
from server.stack.diagnosis.slow import slowlog
from server.stack.diagnosis.sources import Sources
from server.store.postgres import PostgresDownError, PostgresRefusedError
from server.store.redis import RedisDownError


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a section is to look at."""

    longer_than_s: float = 5.0
    """From when on a query is long."""
    within_s: float = 300.0
    """How far back errors and refusals are counted."""
    request_id: str = ""


Look = Callable[[Sources, Asked], Awaitable[Section]]


async def _connections(sources: Sources, _: Asked) -> Section:
    return await postgres.connections(await sources.postgres())


async def _queries(sources: Sources, asked: Asked) -> Section:
    return await postgres.queries(await sources.postgres(), asked.longer_than_s)


async def _locks(sources: Sources, _: Asked) -> Section:
    return await postgres.locks(await sources.postgres())


async def _tables(sources: Sources, _: Asked) -> Section:
    return await postgres.tables(await sources.postgres())


async def _memory(sources: Sources, _: Asked) -> Section:
    return await redis.memory(await sources.redis())


async def _keys(sources: Sources, _: Asked) -> Section:
    return await redis.keys(await sources.redis())


LOOKS: dict[str, Look] = {
    "connections": _connections,
    "queries": _queries,
    "locks": _locks,
    "tables": _tables,
    "memory": _memory,
    "keys": _keys,
    "slowlog": lambda sources, _: slowlog(sources),
    "errors": lambda sources, asked: api.errors(sources, asked.within_s),
    "clients": lambda sources, asked: api.clients(sources, asked.within_s),
    "providers": lambda sources, asked: api.providers(sources, asked.within_s),
    "request": lambda sources, asked: request(sources, asked.request_id),
}
EVERYTHING = tuple(name for name in LOOKS if name != "request")


async def diagnose(sources: Sources, names: Sequence[str], asked: Asked) -> list[Section]:
    """The sections of these names, in this order."""
    return [await _one(sources, name, asked) for name in names]


async def _one(sources: Sources, name: str, asked: Asked) -> Section:
    try:
        return await LOOKS[name](sources, asked)
    except PostgresDownError as error:
        return away(name, "PostgreSQL", str(error), "ops act start-postgres")
    except RedisDownError as error:
        return away(name, "Redis", str(error), "ops act start-redis")
    except PostgresRefusedError as error:
        said = " ".join(str(error).split())
        return Section(name=name, state="wrong", verdict="not answered in time" if "timeout" in said else "refused",
            notes=(f"PostgreSQL did not tell: {said}; ops diag locks shows who is in the way",), figures={"refused": said})  # fmt: skip
