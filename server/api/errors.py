"""What can go wrong with a call, and which status each of it has."""

from collections.abc import Mapping
from typing import Any

STATUS = {
    "bad_request": 400,
    "invalid_json": 400,
    "authentication_error": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "request_timeout": 408,
    "conflict": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "expectation_failed": 417,
    "misdirected_request": 421,
    "validation_error": 422,
    "schema_not_fillable": 422,
    "provider_refused": 422,
    "prompt_too_long": 422,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
    "provider_error": 502,
    "provider_invalid_output": 502,
    "service_unavailable": 503,
    "database_unavailable": 503,
    "overloaded": 503,
    "provider_unavailable": 503,
    "provider_timeout": 504,
}
TYPE_OF_STATUS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    417: "expectation_failed",
}


class ApiError(Exception):
    """A call that is answered with the error envelope."""

    def __init__(
        self,
        type: str,
        message: str,
        *,
        field: str | None = None,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type
        self.status = STATUS[type]
        self.message = message
        self.field = field
        self.details = details
        self.headers = dict(headers or {})


def unavailable(type: str, message: str, *, retry_after_s: int = 1) -> ApiError:
    """A 503 that says when to come back."""
    return ApiError(type, message, headers={"Retry-After": str(retry_after_s)})
