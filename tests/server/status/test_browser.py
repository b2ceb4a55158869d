"""The public site in Chromium: no errors on its console, nothing that axe finds, usable by keyboard and without scripts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from conftest import Peer
from server.ops.public.publisher import Publisher
from server.status.app import create_app
from tests.web.builders import ENVIRONMENT, SINCE, facts_of, incident_of, window_of

pytestmark = [pytest.mark.peer, pytest.mark.asyncio(loop_scope="module")]
PATHS = ("/", "/history", "/incidents/incident0001", "/maintenance/window000003")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(peer: Peer) -> AsyncIterator[Browser]:
    program = peer.find("chromium")
    async with async_playwright() as playwright:
        # In containers there is no sandbox to be had; only our own pages are opened.
        opened = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("site") / "public"
    facts = facts_of(
        "partial_outage",
        incidents=(
            incident_of("We look for the *cause*.", "It is `the cache`.\n\n- really"),
            incident_of(
                "More for all.", id=2, public_id="incident0002", kind="announcement", status="resolved"
            ),
        ),
        windows=(
            window_of("We migrate.", short_notice=True),
            window_of(
                "Begun.",
                id=5,
                public_id="window000005",
                state="in_progress",
                checked_in_at=SINCE,
                updated_at=SINCE,
            ),
        ),
        update_overdue=frozenset({5}),
        standing=frozenset({2}),
    )
    Publisher(folder, ENVIRONMENT).publish(facts, SINCE)
    app = create_app(folder, stale_after=timedelta(days=20_000))
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def closed(browser: Browser) -> AsyncIterator[None]:
    """No page of one test is open in the next."""
    yield
    for context in browser.contexts:
        await context.close()


async def opened(browser: Browser, url: str, **options: Any) -> tuple[Page, list[str]]:
    context = await browser.new_context(**options)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"{request.url} failed"))
    await page.goto(url)
    return page, said


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "light"),
        pytest.param(320, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "light", marks=pytest.mark.slow),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
    ],
)
async def test_a_page_has_no_errors_no_findings_and_no_sideways_scrolling(
    browser: Browser, url: str, path: str, width: int, scheme: Any
) -> None:
    page, said = await opened(
        browser, url + path, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    found = await Axe().run(page)
    assert said == []
    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
    assert len(found.response["passes"]) > 10, "axe has really looked"
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(sideways)


@pytest.mark.parametrize("path", PATHS)
async def test_without_scripts_the_page_says_the_same(browser: Browser, url: str, path: str) -> None:
    plain, _ = await opened(browser, url + path, java_script_enabled=False)
    text = await plain.inner_text("main")
    assert await plain.inner_text("h1")
    scripted, _ = await opened(browser, url + path)
    with_ages = await scripted.inner_text("main")
    lines = [line for line in text.splitlines() if line.strip()]
    assert [line for line in lines if line not in with_ages and " UTC" not in line] == []


async def test_everything_is_reached_by_keyboard_and_what_is_reached_is_seen(
    browser: Browser, url: str
) -> None:
    page, _ = await opened(browser, url)
    links = await page.locator("a").count()
    reached = []
    for _ in range(links):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert reached[0] == "Skip to the content"
    assert "Slow answers" in reached
    assert len(reached) == links


async def test_the_skip_link_leads_to_the_content(browser: Browser, url: str) -> None:
    page, _ = await opened(browser, url)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
async def test_in_other_media_nothing_is_lost(browser: Browser, url: str, media: Any) -> None:
    page, said = await opened(browser, url, **media)
    assert said == []
    assert await page.locator(".components > li").count() == 3
    assert await page.locator(".shape:visible").count() == 3


async def test_in_print_the_words_are_there_and_the_links_are_not(browser: Browser, url: str) -> None:
    page, _ = await opened(browser, url)
    await page.emulate_media(media="print")
    assert await page.locator("footer nav").is_hidden()
    assert await page.locator("h1").is_visible()
    assert len(await page.pdf()) > 1_000


async def test_a_page_asks_only_its_own_server(browser: Browser, url: str) -> None:
    page, _ = await opened(browser, "about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(url)
    assert [one for one in asked if not one.startswith((url, "data:,"))] == []
    assert len(asked) >= 3
