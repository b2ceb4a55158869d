"""Facts about providers over HTTP, one suite for both dialects."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

import pytest

from server.api.config import ProviderConfig
from server.api.providers.anthropic import AnthropicProvider
from server.api.providers.openai import OpenAIProvider
from server.api.providers.provider import (
    Provider,
    ProviderBrokenError,
    ProviderBusyError,
    ProviderError,
    ProviderNonsenseError,
    ProviderRefusedError,
    ProviderTimeoutError,
    ProviderTruncatedError,
    Question,
)
from server.api.providers.upstream import retry_after_seconds
from server.api.schema import SchemaShelf
from tests.server.api.providers.fake_model import GOOD, FakeModel, fake_model

QUESTION = Question(prompt="Translate guten Morgen", schema=None, temperature=0.0, max_tokens=100)


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    async with fake_model() as running:
        yield running


@pytest.fixture(params=["openai", "anthropic"])
async def provider(request: pytest.FixtureRequest, model: FakeModel) -> AsyncIterator[Provider]:
    kind: Literal["openai", "anthropic"] = request.param
    url = model.url if kind == "openai" else model.url.removesuffix("/v1")
    config = ProviderConfig(name="remote", kind=kind, base_url=url, model="m-1", api_key="secret")
    made = OpenAIProvider(config) if kind == "openai" else AnthropicProvider(config)
    yield made
    await made.close()


async def test_an_answer_is_parsed_validated_and_counted(provider: Provider, model: FakeModel) -> None:
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], answer.data["confidence_score"], answer.tokens) == ("translate", 0.9, 21)
    assert (answer.provider, answer.model, answer.validated) == ("remote", "m-1", True)
    assert "secret" in str(model.asked[0]["headers"])


async def test_broken_json_is_repaired_and_said(provider: Provider, model: FakeModel) -> None:
    model.says = ["```json\n" + GOOD[:-1] + ",}\n```"]
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], len(answer.warnings), len(model.asked)) == ("translate", 1, 1)


async def test_an_invalid_answer_is_asked_for_again_with_what_was_wrong(
    provider: Provider, model: FakeModel
) -> None:
    model.says = ['{"intent":"dance"}', GOOD]
    answer = await provider.ask(QUESTION, 5.0)
    assert (answer.data["intent"], answer.tokens) == ("translate", 42)
    turns = model.asked[1]["body"]["messages"]
    assert "dance" in turns[-2]["content"] and "not accepted" in turns[-1]["content"]


async def test_after_two_more_tries_nonsense_is_given_up(provider: Provider, model: FakeModel) -> None:
    model.says = ["I would rather not."]
    with pytest.raises(ProviderNonsenseError):
        await provider.ask(QUESTION, 5.0)
    assert len(model.asked) == 3


async def test_a_truncated_answer_is_told_before_it_is_repaired(provider: Provider, model: FakeModel) -> None:
    model.says, model.finish = [GOOD[:40]], "length"
    with pytest.raises(ProviderTruncatedError):
        await provider.ask(QUESTION, 5.0)
    assert len(model.asked) == 1


async def test_a_callers_schema_is_what_the_answer_must_fit(provider: Provider, model: FakeModel) -> None:
    schema = SchemaShelf().compiled(
        {
            "type": "object",
            "properties": {"n": {"type": "integer"}},
            "required": ["n"],
            "additionalProperties": False,
        }
    )
    model.says = ['{"n":"three"}', '{"n":3}']
    answer = await provider.ask(Question(prompt="three", schema=schema, temperature=0.0, max_tokens=100), 5.0)
    assert answer.data == {"n": 3}


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (429, ProviderBusyError),
        (503, ProviderBusyError),
        (529, ProviderBusyError),
        (500, ProviderBrokenError),
        (401, ProviderRefusedError),
    ],
)
async def test_a_status_has_its_name(
    provider: Provider, model: FakeModel, status: int, fault: type[ProviderError]
) -> None:
    model.says = [(status, {"Retry-After": "7"})]
    with pytest.raises(fault) as raised:
        await provider.ask(QUESTION, 5.0)
    assert raised.value.retry_after_s == (7.0 if fault is ProviderBusyError else None)


async def test_silence_is_a_timeout_and_nobody_listening_is_broken(model: FakeModel) -> None:
    model.gate.clear()
    slow = OpenAIProvider(ProviderConfig(name="s", kind="openai", base_url=model.url, model="m"))
    with pytest.raises(ProviderTimeoutError):
        await slow.ask(QUESTION, 0.05)
    model.gate.set()
    await slow.close()
    gone = OpenAIProvider(ProviderConfig(name="g", kind="openai", base_url="http://127.0.0.1:9", model="m"))
    with pytest.raises(ProviderBrokenError):
        await gone.ask(QUESTION, 5.0)
    await gone.close()


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert retry_after_seconds("12") == 12.0
    later = retry_after_seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert later is not None and 55 < later <= 60
    assert retry_after_seconds("soon") is None
