"""What is known of one request while it is worked on; the log line, the metrics and the request log are made of it."""

from time import perf_counter

from aiohttp import web


class ApiCall:
    """One request's facts, filled in as they become known."""

    __slots__ = (
        "answer",
        "answered_at",
        "api_key_id",
        "cache",
        "error_type",
        "handler",
        "headers",
        "input_tokens",
        "logged",
        "model",
        "output_tokens",
        "path_id",
        "prompt",
        "provider",
        "provider_s",
        "request_id",
        "row_id",
        "started",
        "trace_id",
        "xml",
    )

    def __init__(self, request_id: str, trace_id: str, row_id: str = "") -> None:
        self.request_id = request_id
        self.row_id = row_id
        """Id of its row in the request log where the server made the request id too; else one is made for it."""
        self.trace_id = trace_id
        self.started = perf_counter()
        self.answered_at = ""
        """When it was answered, RFC 3339; read once for the answer, the line and the row."""
        self.headers: dict[str, str] = {}
        """Headers that the answer gets, also when it is an error."""
        self.api_key_id = ""
        self.logged = False
        """Whether a row of the request log is due."""
        self.prompt = ""
        self.answer: dict[str, str] = {}
        """The four words of the answer that the request log keeps."""
        self.handler = "unmatched"
        """The route's path as a metric label: few values, whatever callers ask for."""
        self.path_id = ""
        """The id in the path, where the route has one."""
        self.provider = ""
        self.provider_s = 0.0
        self.model = ""
        self.input_tokens = 0
        self.output_tokens = 0
        self.cache = ""
        self.error_type = ""
        self.xml = False


CALL: web.RequestKey[ApiCall] = web.RequestKey("call", ApiCall)


def call_of(request: web.BaseRequest) -> ApiCall:
    """The call that the envelope made for this request."""
    return request[CALL]
