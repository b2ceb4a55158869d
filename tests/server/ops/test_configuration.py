"""The checked files of the state folder: read again when they change, and broken without harm."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.ops.conftest import House, Start

SOUND = 'inhibition:\n  - cause: alertname="RedisDown"\n    symptoms: [alertname="Slow"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


async def view(house: House, name: str = "inhibition.yml") -> Any:
    files = (await house.get("/v1/configuration"))["files"]
    return next(file for file in files if file["name"] == name)


async def is_muted(house: House) -> bool:
    await house.fire("RedisDown")
    await house.fire("Slow")
    shown = (await house.get("/v1/alerts"))["alerts"]
    return next(bool(a["inhibited_by"]) for a in shown if a["alertname"] == "Slow")


async def test_without_files_what_we_come_with_holds(house: House) -> None:
    files = (await house.get("/v1/configuration"))["files"]
    assert [(f["name"], f["in_force"], f["faults"]) for f in files] == [
        ("inhibition.yml", "default", []),
        ("components.yml", "default", []),
        ("severities.yml", "default", []),
        ("contacts.yml", "default", []),
    ]


async def test_an_edit_is_in_force_without_a_restart(house: House, tmp_path: Path) -> None:
    assert not await is_muted(house)
    (tmp_path / "var" / "inhibition.yml").write_text(SOUND)
    await house.built.configuration.look()
    assert await is_muted(house)
    assert (await view(house))["in_force"] == "file"
    (tmp_path / "var" / "inhibition.yml").unlink()
    await house.built.configuration.look()
    assert not await is_muted(house)


async def test_a_broken_edit_leaves_the_last_good_one_in_force_is_shown_and_alerts(
    start: Start, folder: Path
) -> None:
    (folder / "inhibition.yml").write_text(SOUND)
    async with start() as house:
        (folder / "inhibition.yml").write_text(SOUND.replace('[alertname="Slow"]', "[Slow]"))
        await house.built.configuration.look()
        await house.tick(seconds=1)
        assert "ConfigurationBroken" not in str(await house.get("/v1/alerts"))
        await house.tick(seconds=10)
        assert await is_muted(house)
        shown = await view(house)
        assert (shown["in_force"], shown["faults"][0]["line"]) == ("last good", 3)
        health = await house.get("/v1/health")
        assert health["parts"]["inhibition.yml"].startswith("line 3: a symptom: 'Slow' is no matcher")
        assert health["status"] == "degraded"
        (alert,) = [
            a for a in (await house.get("/v1/alerts"))["alerts"] if a["alertname"] == "ConfigurationBroken"
        ]
        assert "inhibition.yml: line 3" in alert["annotations"]["summary"]
        (folder / "inhibition.yml").write_text(SOUND)
        await house.built.configuration.look()
        await house.tick(seconds=1)
        active = [a["alertname"] for a in (await house.get("/v1/alerts"))["alerts"]]
        assert "ConfigurationBroken" not in active


async def test_a_broken_file_at_the_start_leaves_what_an_earlier_process_found_sound(
    start: Start, folder: Path
) -> None:
    (folder / "inhibition.yml").write_text(SOUND)
    async with start():
        pass
    (folder / "inhibition.yml").write_bytes(b"inhibition:\n  \xff\n")
    async with start() as house:
        assert await is_muted(house)
        shown = await view(house)
        assert (shown["in_force"], "line 2: byte 0xff is no UTF-8" in shown["faults"][0]["message"]) == (
            "last good",
            True,
        )


async def test_a_broken_file_of_a_first_start_leaves_what_we_come_with(start: Start, folder: Path) -> None:
    (folder / "components.yml").mkdir()
    async with start() as house:
        shown = await view(house, "components.yml")
        assert (shown["in_force"], len(shown["faults"])) == ("default", 1)


async def test_a_foreign_severity_is_mapped_and_shown_as_it_was_sent(house: House) -> None:
    for name, severity in (("A", "P1"), ("B", "banana"), ("C", "critical"), ("D", "notice")):
        await house.fire(name, severity=severity)
    shown = {
        a["alertname"]: (a["severity"], a["severity_sent"], a["severity_unknown"])
        for a in (await house.get("/v1/alerts"))["alerts"]
    }
    assert shown == {
        "A": ("critical", "P1", False),
        "B": ("warning", "banana", True),
        "C": ("critical", "", False),
        "D": ("info", "notice", False),
    }
    incidents = (await house.get("/v1/incidents"))["incidents"]
    assert {i["alertname"]: i["severity"] for i in incidents}["A"] == "critical"


async def test_a_map_of_ones_own_counts_for_what_fires_from_then_on_and_survives_a_restart(
    start: Start, folder: Path
) -> None:
    (folder / "severities.yml").write_text("severities: {critical: [rouge]}")
    async with start() as house:
        await house.fire("A", severity="rouge")
        (folder / "severities.yml").unlink()
        await house.built.configuration.look()
        await house.fire("B", severity="rouge")
    async with start() as house:
        shown = {a["alertname"]: a["severity"] for a in (await house.get("/v1/alerts"))["alerts"]}
        assert shown == {"A": "critical", "B": "warning"}


async def test_the_page_shows_the_components_of_the_file(start: Start, folder: Path) -> None:
    (folder / "components.yml").write_text(
        "components:\n"
        "  - id: shopfront001\n    name: Shop\n"
        '    alerts: [{when: service="shop", status: major_outage}]\n'
    )
    async with start() as house:
        await house.fire("Kaputt", service="shop")
        await house.built.public_refresh.publish()
        page = (folder / "public" / "current" / "status.txt").read_text()
        assert "Shop" in page
        assert "Major outage" in page
        assert "Analyze API" not in page


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _beyond(path: Path) -> None:
    path.write_text('inhibition: "\\UFFFFFFFF"')


@pytest.mark.parametrize("put", [os.mkfifo, Path.mkdir, _loop, _device, _beyond])
async def test_what_is_no_file_or_no_text_is_a_fault_and_holds_up_nobody(
    start: Start, folder: Path, put: Callable[[Path], None]
) -> None:
    async with start() as house:
        put(folder / "inhibition.yml")
        await house.built.configuration.look()
        (fault,) = (await view(house))["faults"]
        assert fault["message"]
        assert (await house.get("/v1/health"))["status"] == "degraded"


async def test_a_link_to_nothing_is_a_fault_until_its_file_is_back(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    async with start() as house:
        kept = tmp_path / "kept.yml"
        kept.write_text(SOUND)
        (folder / "inhibition.yml").symlink_to(kept)
        await house.built.configuration.look()
        assert (await view(house))["in_force"] == "file"
        kept.rename(tmp_path / "away.yml")
        await house.built.configuration.look()
        found = await view(house)
        assert (found["in_force"], "No such file" in found["faults"][0]["message"]) == ("last good", True)
        assert await is_muted(house)
        (tmp_path / "away.yml").rename(kept)
        await house.built.configuration.look()
        found = await view(house)
        assert (found["in_force"], found["faults"]) == ("file", [])


async def test_a_file_that_is_named_must_be_there(start: Start, tmp_path: Path) -> None:
    named = tmp_path / "people.yml"
    async with start(contacts=named) as house:
        (fault,) = (await view(house, "contacts.yml"))["faults"]
        assert "people.yml" in fault["message"]
        named.write_text("people: {ana: {channels: ['file:pages.log']}}\nlevels: {L1: [ana]}\n")
        await house.built.configuration.look()
        assert (await view(house, "contacts.yml"))["in_force"] == "file"
