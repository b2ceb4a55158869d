"""``/v1/api-keys``: key management behind the admin token."""

import uuid

from aiohttp import web

from alerts.whole_number import parse_whole_number
from server.api.analyze.question import convert, read_object
from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.auth.key_cache import KeyCache
from server.api.auth.key_table import KeyStore
from server.api.call import CALL
from server.api.errors import ApiError
from server.api.http.body import read_body
from server.api.settings import LiveSettings
from server.api.wire import KeyPatch, KeyRequest


class KeyRoutes:
    """Keys for operators."""

    def __init__(
        self, access: Authenticator, store: KeyStore, ring: KeyCache, settings: LiveSettings
    ) -> None:
        self._access = access
        self._store = store
        self._ring = ring
        self._settings = settings

    async def create(self, request: web.BaseRequest) -> web.Response:
        """POST /v1/api-keys/"""
        self._access.admin(request)
        wanted = convert(read_object(await read_body(request)), KeyRequest)
        return json_response(await self._store.create(wanted, self._default), status=201)

    async def list(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/api-keys/"""
        self._access.admin(request)
        query = request.query
        after = _uuid(query["after"], "after") if "after" in query else None
        limit = parse_whole_number(query.get("limit", "100"))
        if limit is None or not 1 <= limit <= 1000:
            raise ApiError("validation_error", "Write 1 to 1000.", field="limit")
        revoked = query.get("revoked", "0")
        if revoked not in ("0", "1", "false", "true"):
            raise ApiError("validation_error", "Write 0, 1, false or true.", field="revoked")
        return json_response(
            await self._store.list(self._default, after=after, limit=limit, revoked=revoked in ("1", "true"))
        )

    async def get(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/api-keys/{id}"""
        self._access.admin(request)
        return json_response(await self._store.get(_id(request), self._default))

    async def change(self, request: web.BaseRequest) -> web.Response:
        """PATCH /v1/api-keys/{id}"""
        self._access.admin(request)
        patch = convert(read_object(await read_body(request)), KeyPatch)
        view = await self._store.change(_id(request), patch, self._default)
        self._ring.forget(view.id)
        return json_response(view)

    async def revoke(self, request: web.BaseRequest) -> web.Response:
        """DELETE /v1/api-keys/{id}"""
        self._access.admin(request)
        id = _id(request)
        await self._store.revoke(id)
        self._ring.forget(id)
        return web.Response(status=204)

    async def rotate(self, request: web.BaseRequest) -> web.Response:
        """POST /v1/api-keys/{id}/rotate"""
        self._access.admin(request)
        view = await self._store.rotate(_id(request), self._default)
        self._ring.forget(view.id)
        return json_response(view)

    async def activate(self, request: web.BaseRequest) -> web.Response:
        """POST /v1/api-keys/{id}/activate"""
        self._access.admin(request)
        view = await self._store.activate(_id(request), self._default)
        self._ring.forget(view.id)
        return json_response(view)

    @property
    def _default(self) -> int:
        return self._settings.now.default_rate_limit


def _id(request: web.BaseRequest) -> str:
    return request[CALL].path_id


def _uuid(text: str, field: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ApiError("validation_error", "Write the id of a key.", field=field) from None
