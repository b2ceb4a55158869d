"""Facts about providers over HTTP, one suite for both dialects, over http and https."""

import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from server.api.providers.anthropic import AnthropicProvider
from server.api.providers.model_json import NoJsonError, model_json
from server.api.providers.openai import OpenAIProvider
from server.api.providers.provider import (
    Provider,
    ProviderBrokenError,
    ProviderBusyError,
    ProviderDeclinedError,
    ProviderError,
    ProviderKeyRefusedError,
    ProviderMisconfiguredError,
    ProviderNonsenseError,
    ProviderPromptTooLongError,
    ProviderRateLimitedError,
    ProviderTimeoutError,
    ProviderTruncatedError,
    Question,
)
from server.api.providers.provider_config import ProviderConfig
from server.api.providers.upstream_fault import retry_after_seconds
from server.api.schema import CallerSchema, SchemaShelf
from server.api.schema_process import SchemaProcesses
from tests.server.api.providers.fake_model import GOOD, FakeModel, Kind, Raw, fake_model, said_as
from tests.server.api.test_stall import measured

QUESTION = Question(prompt="Translate guten Morgen", schema=None, temperature=None, max_tokens=100)
_NUMBER = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


class Certificates(NamedTuple):
    """Those of a fake model, and of who signed them."""

    server: ssl.SSLContext
    authority: str


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificates]:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    file: Path = tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    yield Certificates(server, str(file))


@pytest.fixture(params=["http", "https"])
async def model(request: pytest.FixtureRequest, certificates: Certificates) -> AsyncIterator[FakeModel]:
    async with fake_model(certificates.server if request.param == "https" else None) as running:
        yield running


@pytest.fixture(params=["openai", "anthropic"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
async def provider(kind: Kind, model: FakeModel, certificates: Certificates) -> AsyncIterator[Provider]:
    made = made_provider(kind, model, ca_file=certificates.authority)
    yield made
    await made.close()


@pytest.fixture
async def number_schema() -> AsyncIterator[CallerSchema]:
    shelf = SchemaShelf(SchemaProcesses())
    yield await shelf.compiled(_NUMBER)
    await shelf.close()


def made_provider(kind: Kind, at: FakeModel, **fields: Any) -> Provider:
    url = at.url if kind == "openai" else at.url.removesuffix("/v1")
    values = {"name": "remote", "kind": kind, "base_url": url, "model": "m-1", "api_key": "secret", **fields}
    config = ProviderConfig(**values)
    return OpenAIProvider(config) if kind == "openai" else AnthropicProvider(config)


async def test_an_answer_is_parsed_validated_and_counted(provider: Provider, model: FakeModel) -> None:
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], answer.data["confidence_score"]) == ("translate", 0.9)
    assert (answer.usage.input, answer.usage.output, answer.usage.clamped) == (20, 1, 0)
    assert (answer.provider, answer.model, answer.validated) == ("remote", "m-1", True)
    assert "secret" in str(model.asked[0]["headers"])


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("pieces", [0, 1, 7, 1000, [1, 1, 5000]])
async def test_an_answer_is_read_whole_in_however_many_pieces_it_comes(
    provider: Provider, model: FakeModel, kind: Kind, pieces: int | list[int], chunked: bool
) -> None:
    subject = "x" * 450 + "é"
    text = GOOD.replace("guten Morgen", subject)
    body = "\n \n" + json.dumps(said_as(kind, text), ensure_ascii=False) + "\n"
    model.says = [Raw(body=body, pieces=pieces, chunked=chunked)]
    assert (await provider.ask(QUESTION, 20.0)).data["subject"] == subject
    assert len(model.asked) == 1


async def test_a_large_answer_is_read_and_one_past_the_cap_is_an_error(
    provider: Provider, model: FakeModel, kind: Kind, number_schema: CallerSchema
) -> None:
    blanks = " " * 3_000_000
    model.says = [Raw(body=json.dumps(said_as(kind, '{"n": 3}')) + blanks, pieces=65_536)]
    question = Question(prompt="three", schema=number_schema, temperature=None, max_tokens=100)
    assert (await provider.ask(question, 10.0)).data == {"n": 3}
    model.says = [Raw(body=json.dumps(said_as(kind, '{"n": 3}')) + blanks * 2, pieces=65_536, end="close")]
    with pytest.raises(ProviderBrokenError, match="longer"):
        await provider.ask(question, 10.0)


@pytest.mark.lengthy
async def test_no_answer_keeps_the_loop_from_others_however_long_or_odd_it_is(
    provider: Provider, model: FakeModel, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "{" + ", ".join(f"'k{n}': 'v{n}'" for n in range(1_300)) + "}"
    whole = json.dumps(said_as(kind, GOOD))
    for said in (
        Raw(body=whole[:-1] + ', "more": [' + "0," * 500_000 + "0]}"),
        Raw(body=json.dumps(said_as(kind, odd))),
        Raw(status=400, body='{"error": {"more": [' + "0," * 30_000 + "0]}}"),
    ):
        model.says = [said]
        with measured(monkeypatch) as longest, suppress(ProviderError):
            await provider.ask(QUESTION, 20.0)
        assert longest.seconds < 0.05, longest.who


def test_thoughts_are_passed_over_in_time_that_grows_with_their_length() -> None:
    assert model_json("<think>a</think> \n" * 50_000 + '{"n": 3}').value == {"n": 3}
    with pytest.raises(NoJsonError, match="nothing"):
        model_json("<think></think><reasoning>{}")


@pytest.mark.parametrize("end", ["reset", "short"])
async def test_an_answer_that_breaks_off_is_an_error(
    provider: Provider, model: FakeModel, kind: Kind, end: Any
) -> None:
    whole = json.dumps(said_as(kind, GOOD))
    model.says = [Raw(body=whole, headers={"Content-Length": str(len(whole) + 10)}, pieces=50, end=end)]
    with pytest.raises(ProviderBrokenError):
        await provider.ask(QUESTION, 5.0)


async def test_an_answer_that_stops_coming_is_a_timeout(provider: Provider, model: FakeModel) -> None:
    model.says = [Raw(body="{", headers={"Content-Length": "100"}, end="hang")]
    with pytest.raises(ProviderTimeoutError):
        await provider.ask(QUESTION, 0.3)


@pytest.mark.parametrize(
    "text",
    [
        "```json\n" + GOOD + "\n```",
        "Sure! Here it is:\n\n```\n" + GOOD + "\n```\nAnything else?",
        "Here is the JSON you asked for: " + GOOD + " I hope {this} helps.",
        "<think>The user {wants} JSON, like {\"intent\": 1}.</think>\n" + GOOD,
        "the template opened it {\n</think>\n\n" + GOOD,
        "\ufeff" + GOOD,
        '"' + GOOD.replace('"', '\\"') + '"',
    ],
)  # fmt: skip
async def test_json_among_other_words_costs_one_call(provider: Provider, model: FakeModel, text: str) -> None:
    model.says = [text]
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], answer.warnings, len(model.asked)) == ("translate", (), 1)


async def test_shapes_of_chat_completions_cost_one_call(model: FakeModel, certificates: Certificates) -> None:
    data: dict[str, Any] = json.loads(GOOD)
    messages: list[dict[str, Any]] = [
        {"content": [{"type": "text", "text": GOOD[:20]}, {"type": "text", "text": GOOD[20:]}]},
        {"content": [{"type": "output_text", "text": GOOD}]},
        {"content": ["", GOOD]},
        {"content": data},
        {"content": None, "tool_calls": [{"type": "function", "function": {"name": "answer", "arguments": GOOD}}]},
        {"tool_calls": [{"function": {"name": "other", "arguments": "{}"}}, {"function": {"name": "answer", "arguments": data}}]},
        {"function_call": {"name": "answer", "arguments": GOOD}},
        {"content": GOOD, "reasoning_content": "hm", "tool_calls": []},
    ]  # fmt: skip
    provider = made_provider("openai", model, ca_file=certificates.authority)
    for message in messages:
        model.asked.clear()
        model.says = [{"choices": [{"message": {"role": "assistant", **message}}]}]
        answer = await provider.ask(QUESTION, 5.0)
        assert (answer.data["intent"], len(model.asked)) == ("translate", 1), message
    await provider.close()


async def test_a_tool_of_anthropics_is_the_answer(model: FakeModel, certificates: Certificates) -> None:
    provider = made_provider("anthropic", model, ca_file=certificates.authority)
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "I shall."},
        {"type": "tool_use", "name": "answer", "input": json.loads(GOOD)},
    ]
    for content in (blocks, [*blocks[:2], {**blocks[2], "input": GOOD}], GOOD):
        model.says = [
            {
                "content": content,
                "stop_reason": "tool_use",
                "usage": {"input_tokens": 3, "cache_read_input_tokens": 4},
            }
        ]
        answer = await provider.ask(QUESTION, 5.0)
        assert (answer.data["intent"], answer.usage.input) == ("translate", 7)
    await provider.close()


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({}, (0, 0, 0)),
        ("many", (0, 0, 0)),
        ({"prompt_tokens": -5, "completion_tokens": 3, "input_tokens": -5, "output_tokens": 3}, (0, 3, 1)),
        ({"prompt_tokens": 10**15, "completion_tokens": 3, "input_tokens": 10**15, "output_tokens": 3}, (10_000_000, 3, 1)),
        ({"prompt_tokens": "7", "completion_tokens": 3, "input_tokens": "7", "output_tokens": 3}, (0, 3, 1)),
        ({"prompt_tokens": None, "completion_tokens": 3, "input_tokens": None, "output_tokens": 3}, (0, 3, 0)),
    ],
)  # fmt: skip
async def test_a_garbled_report_of_tokens_is_cut_down_and_costs_no_answer(
    provider: Provider, model: FakeModel, usage: Any, counted: tuple[int, int, int]
) -> None:
    model.usage = usage or {"none": 1}
    assert tuple((await provider.ask(QUESTION, 5.0)).usage) == counted


async def test_broken_json_is_repaired_and_said(provider: Provider, model: FakeModel) -> None:
    model.says = ["```json\n" + GOOD[:-1] + ",}\n```"]
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], len(answer.warnings), len(model.asked)) == ("translate", 1, 1)


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
async def test_a_cut_answer_is_never_made_whole(cut: int) -> None:
    for text in (GOOD[:cut], "```json\n" + GOOD[:cut], "Here: " + '{"a": {"b": 1}, "c": ' + GOOD[:cut]):
        with pytest.raises(NoJsonError):
            model_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": }',
        '{"a": NaN}',
        "",
        "{}}{{",
        "[1, 2",
        "{" * 5000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "<think>{}",
    ],
)
async def test_what_is_no_json_is_none(text: str) -> None:
    with pytest.raises(NoJsonError):
        model_json(text)


async def test_lone_surrogates_become_what_can_be_sent_on(
    provider: Provider, model: FakeModel, kind: Kind
) -> None:
    body = json.dumps(said_as(kind, GOOD.replace("guten", "\\ud83d \ud800")))
    model.says = [Raw(body=body)]
    assert (await provider.ask(QUESTION, 5.0)).data["subject"].encode()


async def test_an_invalid_answer_is_asked_for_again_with_what_was_wrong(
    provider: Provider, model: FakeModel
) -> None:
    model.says = ['{"intent":"dance"}', GOOD]
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], answer.usage.total) == ("translate", 42)
    turns = model.asked[1]["body"]["messages"]
    assert "dance" in turns[-2]["content"] and "not accepted" in turns[-1]["content"]


async def test_after_two_more_tries_nonsense_is_given_up_and_counted(
    provider: Provider, model: FakeModel
) -> None:
    model.says = ["I would rather not."]
    with pytest.raises(ProviderNonsenseError) as raised:
        await provider.ask(QUESTION, 5.0)
    assert (len(model.asked), raised.value.usage.total) == (3, 63)


async def test_a_truncated_answer_is_told_before_it_is_repaired(provider: Provider, model: FakeModel) -> None:
    model.says, model.finish = [GOOD[:40]], "length"
    with pytest.raises(ProviderTruncatedError) as raised:
        await provider.ask(QUESTION, 5.0)
    assert (len(model.asked), raised.value.usage.total) == (1, 21)


async def test_a_callers_schema_is_what_the_answer_must_fit(
    provider: Provider, model: FakeModel, number_schema: CallerSchema
) -> None:
    model.says = ['{"n":"three"}', '{"n":3}']
    question = Question(prompt="three", schema=number_schema, temperature=None, max_tokens=100)
    assert (await provider.ask(question, 5.0)).data == {"n": 3}


@pytest.mark.parametrize(
    ("status", "text", "fault"),
    [
        (429, "", ProviderRateLimitedError),
        (503, "", ProviderBusyError),
        (529, "", ProviderBusyError),
        (500, "", ProviderBrokenError),
        (401, "", ProviderKeyRefusedError),
        (403, "", ProviderKeyRefusedError),
        (302, "", ProviderMisconfiguredError),
        (404, '{"error":{"message":"The model `m` does not exist"}}', ProviderMisconfiguredError),
        (400, '{"error":{"code":"context_length_exceeded","message":"too long"}}', ProviderPromptTooLongError),
        (400, '{"error":{"message":"prompt is too long: 210000 tokens > 200000 maximum"}}', ProviderPromptTooLongError),
        (413, "", ProviderPromptTooLongError),
        (400, '{"error":{"code":"content_filter","message":"filtered"}}', ProviderDeclinedError),
        (400, '[{"error":{"message":"API key not valid. Please pass a valid API key."}}]', ProviderKeyRefusedError),
        (200, '{"error":{"code":429,"message":"slow down"}}', ProviderRateLimitedError),
        (200, '{"error":{"message":"upstream"}}', ProviderBrokenError),
        (200, "<html>gateway</html>", ProviderBrokenError),
        (200, "[]", ProviderBrokenError),
        (200, '{"choices":[],"content":null}', ProviderBrokenError),
        (200, "{" * 3000, ProviderBrokenError),
    ],
)  # fmt: skip
async def test_a_status_has_its_name(
    provider: Provider, model: FakeModel, status: int, text: str, fault: type[ProviderError]
) -> None:
    model.says = [Raw(status=status, headers={"Retry-After": "7"}, body=text)]
    with pytest.raises(ProviderError) as raised:
        await provider.ask(QUESTION, 5.0)
    assert type(raised.value) is fault
    assert raised.value.retry_after_s == (7.0 if status != 200 and status != 302 else None)


@pytest.mark.parametrize("finish", ["content_filter", "refusal"])
async def test_a_refusal_is_told_and_counted(provider: Provider, model: FakeModel, finish: str) -> None:
    model.says, model.finish = ["I cannot."], finish
    with pytest.raises(ProviderDeclinedError) as raised:
        await provider.ask(QUESTION, 5.0)
    assert (raised.value.usage.total, len(model.asked)) == (21, 1)


async def test_a_temperature_is_sent_only_where_the_caller_set_one(
    provider: Provider, model: FakeModel
) -> None:
    await provider.ask(QUESTION, 5.0)
    await provider.ask(Question(prompt="a", schema=None, temperature=0.0, max_tokens=100), 5.0)
    assert [ask["body"].get("temperature") for ask in model.asked] == [None, 0.0]


async def test_a_reasoning_model_takes_other_parameters(model: FakeModel, certificates: Certificates) -> None:
    provider = made_provider("openai", model, model="gpt-5-mini", ca_file=certificates.authority)
    answer = await provider.ask(Question(prompt="a", schema=None, temperature=1.0, max_tokens=77), 5.0)
    body = model.asked[0]["body"]
    assert (body.get("max_completion_tokens"), "max_tokens" in body, "temperature" in body) == (
        77,
        False,
        False,
    )
    assert answer.warnings == ("the provider takes no temperature",)
    await provider.close()


async def test_bodies_and_headers_are_as_configured(
    kind: Kind, model: FakeModel, certificates: Certificates
) -> None:
    provider = made_provider(
        kind,
        model,
        ca_file=certificates.authority,
        key_header="api-key",
        extra_body={"service_tier": "flex", "max_tokens": None},
        extra_headers={"X-Project": "p1"},
    )
    await provider.ask(QUESTION, 5.0)
    body, headers = model.asked[0]["body"], model.asked[0]["headers"]
    assert (body["service_tier"], "max_tokens" in body) == ("flex", False)
    assert (headers["x-project"], headers["api-key"], "authorization" in headers) == ("p1", "secret", False)
    await provider.close()


async def test_calls_go_through_the_proxy(kind: Kind) -> None:
    async with fake_model() as proxy:
        provider = made_provider(
            kind, FakeModel(), base_url="http://model.invalid/v1", proxy=proxy.url.removesuffix("/v1")
        )
        assert (await provider.ask(QUESTION, 5.0)).data["intent"] == "translate"
        assert proxy.asked[0]["path"].startswith("http://model.invalid/v1/")
        await provider.close()


async def test_a_certificate_of_strangers_is_an_error(kind: Kind, certificates: Certificates) -> None:
    async with fake_model(certificates.server) as model:
        provider = made_provider(kind, model)
        with pytest.raises(ProviderBrokenError):
            await provider.ask(QUESTION, 5.0)
        await provider.close()


async def test_silence_is_a_timeout_and_nobody_listening_is_broken(
    model: FakeModel, certificates: Certificates
) -> None:
    model.gate.clear()
    slow = made_provider("openai", model, ca_file=certificates.authority)
    with pytest.raises(ProviderTimeoutError):
        await slow.ask(QUESTION, 0.2)
    model.gate.set()
    await slow.close()
    gone = made_provider("openai", model, base_url="http://127.0.0.1:9")
    with pytest.raises(ProviderBrokenError):
        await gone.ask(QUESTION, 5.0)
    await gone.close()


async def test_a_parameter_that_is_not_taken_is_told_with_the_cure() -> None:
    said: list[str] = []
    async with fake_model() as model:
        config = ProviderConfig(name="remote", kind="openai", base_url=model.url, model="m")
        provider = OpenAIProvider(config, lambda _level, word, text: said.append(f"{word} {text}"))
        error = {
            "error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported",
                "param": "max_tokens",
            }
        }
        model.says = [Raw(status=400, body=json.dumps(error))]
        with pytest.raises(ProviderMisconfiguredError):
            await provider.ask(QUESTION, 5.0)
        await provider.close()
    assert said == [
        'provider_parameter remote does not take max_tokens; write "takes": ["max_completion_tokens"] in its entry of LLM_PROVIDERS'
    ]


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert retry_after_seconds("12") == 12.0
    later = retry_after_seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert later is not None and 55 < later <= 60


@pytest.mark.parametrize(
    "value", ["soon", "²", "-1", "1e9", "", "9" * 5000, "Fri, 31 Dec 99999 23:59:59 GMT", "٣"]
)
def test_a_retry_after_that_is_none_is_none(value: str) -> None:
    assert retry_after_seconds(value) is None


@pytest.mark.parametrize(
    "value", ["999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_a_far_retry_after_is_an_hour(value: str) -> None:
    assert retry_after_seconds(value) in (3600.0, None)
