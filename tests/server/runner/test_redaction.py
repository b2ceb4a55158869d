"""Nothing secret gets through, however it is written and wherever the stream is cut."""

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.runner.control_sequences import strip_control
from server.runner.redaction import MASK, RedactedStream, Redaction, forms_of

PASSWORD = 'p/s+s w0rd&é"x'
KEY_BLOCK = (
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nsecondlineofthekey\n-----END RSA PRIVATE KEY-----"
)
MULTI_LINE = "first line of it\nsecond line of it\nlast"


def encoded(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "raw": secret,
        "base64": base64.b64encode(raw).decode(),
        "base64url": base64.urlsafe_b64encode(raw).decode(),
        "base64 behind a user name": base64.b64encode(b"ana:" + raw).decode(),
        "base64 behind two bytes": base64.b64encode(b"a:" + raw).decode(),
        "url": quote(secret, safe=""),
        "url path": quote(secret),
        "url form": quote_plus(secret),
        "url lower case": quote(secret, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
        "json": json.dumps(secret)[1:-1],
        "json unicode": json.dumps(secret, ensure_ascii=False)[1:-1],
        "json twice": json.dumps(json.dumps(secret))[3:-3],
        "hex": raw.hex(),
    }


PATTERNS = {
    "bearer": ("Authorization: Bearer abc.def-ghi_jkl", "abc.def"),
    "BEARER": ("AUTHORIZATION: BEARER abcdefghijkl", "abcdefghijkl"),
    "sp key": ("key sp_live_0123456789abcdef here", "0123456789abcdef"),
    "ops token": ("token ops_" + "A" * 43, "A" * 43),
    "pem": (f"before\n{KEY_BLOCK}\nafter", "secondlineofthekey"),
    "pem in json": (json.dumps({"key": KEY_BLOCK}), "secondlineofthekey"),
    "url user-info": ("postgresql://ana:s3cr3tword@db:5432/x", "s3cr3tword"),
    "redis url": ("redis://:s3cr3tword@cache:6379/0", "s3cr3tword"),
    "aws": ("id AKIAABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
    "github": ("ghp_" + "a" * 36, "a" * 36),
    "openai": ("sk-proj-" + "b" * 30, "b" * 30),
    "jwt": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    "slack": ("xoxb-123456789012-abcdef", "123456789012"),
    "google": ("AIza" + "c" * 35, "c" * 35),
}


def whole(redaction: Redaction, text: bytes) -> bytes:
    stream = redaction.stream()
    return stream.feed(text) + stream.finish()


@pytest.mark.parametrize("form", encoded(PASSWORD))
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    written = encoded(PASSWORD)[form]
    result = Redaction([PASSWORD]).of(f"before {written} after")
    assert result.startswith("before ")
    assert result.endswith(" after")
    assert MASK.decode() in result
    assert PASSWORD[2:-2] not in result
    assert written not in result


@pytest.mark.parametrize("secret", ["0123456789", "0123456789a", "0123456789ab"])
@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("behind", ["", "x", "xy"])
def test_base64_at_any_alignment_leaves_no_readable_core(secret: str, before: str, behind: str) -> None:
    text = base64.b64encode(f"{before}{secret}{behind}".encode()).decode()
    assert MASK.decode() in Redaction([secret]).of(text)


@pytest.mark.parametrize("name", PATTERNS)
def test_what_looks_like_a_secret_is_masked(name: str) -> None:
    text, secret = PATTERNS[name]
    result = Redaction().of(text)
    assert secret not in result
    assert MASK.decode() in result


CORPUS = [
    *(f"a {written} z\n".encode() for written in encoded(PASSWORD).values()),
    *(f"{text}\n".encode() for text, _ in PATTERNS.values()),
    MULTI_LINE.encode(),
    json.dumps(MULTI_LINE).encode(),
    b"colour \x1b[31m" + PASSWORD[:4].encode() + b"\x1b[0m" + PASSWORD[4:].encode(),
    base64.encodebytes(PASSWORD.encode() * 20),
]


@pytest.mark.parametrize("n", range(len(CORPUS)))
def test_no_split_at_any_byte_changes_the_result(n: int) -> None:
    redaction = Redaction([PASSWORD, MULTI_LINE, PASSWORD * 20])
    text = CORPUS[n]
    expected = whole(redaction, text)
    assert b"w0rd" not in expected
    assert b"line of it" not in expected
    for cut in range(len(text) + 1):
        stream = redaction.stream()
        assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.finish() == expected


@given(st.data())
@settings(max_examples=60)
def test_any_number_of_splits_gives_the_same(data: st.DataObject) -> None:
    redaction = Redaction([PASSWORD, MULTI_LINE])
    text = b"".join(data.draw(st.lists(st.sampled_from(CORPUS), min_size=1, max_size=6)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    stream, result, begin = redaction.stream(), b"", 0
    for cut in cuts:
        result += stream.feed(text[begin:cut])
        begin = cut
    assert result + stream.feed(text[begin:]) + stream.finish() == whole(redaction, text)


@pytest.mark.lengthy
@given(st.data())
@settings(max_examples=150)
def test_one_pattern_for_all_sees_what_a_pass_for_each_sees(data: st.DataObject) -> None:
    """As it sees it where there are too many secrets for one pattern."""
    secrets = [PASSWORD, MULTI_LINE, *(str(n) for n in range(10**6, 10**6 + 100))]
    together, each = Redaction(secrets[:2]), Redaction(secrets)
    assert (together._known is None, each._known is None) == (False, True)
    parts = data.draw(st.lists(st.sampled_from(CORPUS), min_size=1, max_size=3))
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(b"".join(parts)))] * 2)))
    text = b"".join(parts)[begin:end].decode(errors="replace")
    plain = strip_control(text.encode()).decode(errors="replace")
    assert together.hides(text) == each.hides(text) == (together.of(text) != plain)


@pytest.mark.parametrize("n", range(len(CORPUS)))
def test_whatever_is_masked_is_seen_to_hide_something(n: int) -> None:
    assert Redaction([PASSWORD, MULTI_LINE, PASSWORD * 20]).hides(CORPUS[n].decode())
    assert not Redaction([PASSWORD]).hides(
        "HostProblem3 on host-12.example.com:9100, see https://ops.example.com/x"
    )


@pytest.mark.parametrize("distance", [-40, -3, -1, 0, 1, 3, 40])
def test_a_secret_in_a_line_without_end_is_masked_wherever_the_line_is_let_go(distance: int) -> None:
    redaction = Redaction([PASSWORD])
    stream, result = redaction.stream(), b""
    line = b"x" * (64 * 1024 - 16 * 1024 + distance) + PASSWORD.encode() + b"y" * 100_000
    for begin in range(0, len(line), 999):
        result += stream.feed(line[begin : begin + 999])
    result += stream.finish()
    assert b"w0rd" not in result
    assert result.count(MASK) == 1
    assert result.count(b"y") == 100_000


@pytest.mark.lengthy
@pytest.mark.parametrize("prefix", ["AKIA", "ASIA", "PASSWORD=", "://a:b@", "eyJ", "sk-"])
def test_a_prefix_that_is_repeated_without_end_is_looked_at_once(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counted(stream: RedactedStream, text: bytes, first: int, last: int) -> Iterable[tuple[int, int]]:
        nonlocal looks
        looks += 1
        return tokens(stream, text, first, last)

    tokens = RedactedStream._tokens
    monkeypatch.setattr(RedactedStream, "_tokens", counted)
    text = prefix * 40_000
    assert len(Redaction().of(text)) <= len(text) * 2
    stream = Redaction().stream()
    for start in range(0, len(text), 65_536):
        stream.feed(text[start : start + 65_536].encode())
        assert len(stream._held) < 200_000
    assert looks <= 2 + 2 * (len(text) // 32_768)


def test_a_line_without_end_does_not_grow_in_memory() -> None:
    stream = Redaction([PASSWORD]).stream()
    for _ in range(50):
        stream.feed(b"z" * 50_000)
    assert len(stream._held) < 200_000


def test_a_short_value_is_no_secret_because_it_is_a_word() -> None:
    assert Redaction(["api"]).of("the api is up") == "the api is up"


def test_every_line_of_a_multi_line_secret_is_masked() -> None:
    result = Redaction([MULTI_LINE]).of(f"  {MULTI_LINE.splitlines()[1]}\n{MULTI_LINE.splitlines()[0]}")
    assert "line of it" not in result


def test_a_key_block_that_never_ends_does_not_swallow_the_rest_for_ever() -> None:
    text = "-----BEGIN PRIVATE KEY-----\n" + "a\n" * 600 + "the end\n"
    assert Redaction().of(text).endswith("the end\n")


def test_the_forms_of_a_secret_never_contain_a_line_end() -> None:
    assert not any(b"\n" in form for form in forms_of(MULTI_LINE))
