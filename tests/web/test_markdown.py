"""Facts about people's Markdown as the public reads it: what is hostile stays text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.markdown import ATTRIBUTES, SCHEMES, TAGS, html_of

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/a)",
    "![x](https://evil.example/pixel.gif)",
    "![x](javascript:alert(1))",
    '[x](https://a.example "onmouseover=alert(1)")',
    "<https://a.example/\"onmouseover='alert(1)'>",
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<style>*{background:url(https://evil.example)}</style>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><input name=q></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<p/onmouseover=alert(1)>x",
    '<a href="jav&#x0A;ascript:alert(1)">x</a>',
    "<object data=data:text/html,x></object>",
    "<details open ontoggle=alert(1)>",
    "<div style='width:expression(alert(1))'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u202e<script>\u202c",
    "*<script>*alert(1)*</script>*",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "# <script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "]]><script>alert(1)</script>",
]


class Collected(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check(text: str) -> None:
    collected = Collected()
    collected.feed(html_of(text))
    for tag, attributes in collected.found:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel"}
        href = attributes.get("href")
        if href is not None:
            assert href.partition(":")[0].lower() in SCHEMES, href


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_stays_text(attack: str) -> None:
    check(attack)
    check(f"before {attack} *after*")


@given(st.text(alphabet="<>/\"'()[]!`*_#&;:=- \n\tabcjsv01ä\u202e", max_size=200))
def test_whatever_is_written_only_what_is_listed_comes_out(text: str) -> None:
    check(text)


def test_what_people_mean_comes_out() -> None:
    assert html_of("We move to **schema 7**.\n\n- one\n- [two](https://a.example/b)") == (
        "<p>We move to <strong>schema 7</strong>.</p>\n<ul>\n<li>one</li>\n"
        '<li><a href="https://a.example/b" rel="nofollow noopener noreferrer">two</a></li>\n</ul>'
    )


def test_html_is_shown_as_it_was_written() -> None:
    assert html_of("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"
