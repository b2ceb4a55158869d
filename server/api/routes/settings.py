"""``/v1/settings``: the settings that operators change while the service runs."""

from aiohttp import web

from server.api.analyze.question import convert, read_object
from server.api.analyze.response import json_response
from server.api.auth.access import Authenticator
from server.api.http.body import read_body
from server.api.http.route import ApiRoute
from server.api.settings import LiveSettings, SettingsPatch, SettingsView

_ERRORS = (400, 408, 413, 415, 422, 503)


class SettingsRoutes:
    """Showing and changing them, with the admin token."""

    def __init__(self, access: Authenticator, settings: LiveSettings) -> None:
        self._access = access
        self._settings = settings

    def routes(self) -> tuple[ApiRoute, ...]:
        """The paths and what openapi.json says of them."""
        return (
            ApiRoute(
                method="GET", path="/v1/settings", handler=self.show, summary="The live settings",
                auth="admin", answer=SettingsView,
            ),
            ApiRoute(
                method="PATCH", path="/v1/settings", handler=self.change, summary="Change live settings, with an end or without",
                auth="admin", body=SettingsPatch, answer=SettingsView, errors=_ERRORS,
            ),
        )  # fmt: skip

    async def show(self, request: web.BaseRequest) -> web.Response:
        """GET /v1/settings"""
        self._access.admin(request)
        return json_response(self._settings.view())

    async def change(self, request: web.BaseRequest) -> web.Response:
        """PATCH /v1/settings"""
        self._access.admin(request)
        await self._settings.change(convert(read_object(await read_body(request)), SettingsPatch))
        return json_response(self._settings.view())
