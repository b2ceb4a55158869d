"""Facts about the rules' folder: each file for itself, and what is wrong with one is seen."""

import os
from pathlib import Path

import pytest

from alerts.rule import RuleFileError
from server.evaluator.config import EvaluatorConfig
from server.evaluator.rule_files import RuleFiles, load_rules
from tests.server.evaluator.whole import evaluator

_GOOD = "groups: [{name: NAME, rules: [{alert: A, expr: x}]}]"
_BROKEN = {
    "date.yml": b"groups: [{name: d, interval: 2023-02-30}]",
    "bytes.yml": b"groups:\n- name: \xff",
    "half.yml": b'groups: [{name: "\\ud800", rules: []}]',
    "beyond.yml": b'groups: [{name: "\\UFFFFFFFF", rules: []}]',
    "doubled.yaml": b"groups: []\ngroups: []",
    "template.yml": b"groups: [{name: t, rules: [{alert: A, expr: x, annotations: {s: '{{ \"\\%\" }}'}}]}]",
}


def _load(folder: Path) -> RuleFiles:
    return load_rules(EvaluatorConfig.from_env({"RULES_DIR": str(folder)}))


def test_both_endings_are_read(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yaml", "c.txt"):
        (tmp_path / name).write_text(_GOOD.replace("NAME", name[0]))
    assert [group.name for group in _load(tmp_path).groups] == ["a", "b"]


def test_a_broken_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(_GOOD)
    (tmp_path / "folder.yml").mkdir()
    os.mkfifo(tmp_path / "pipe.yml")
    for name, text in _BROKEN.items():
        (tmp_path / name).write_bytes(text)
    found = _load(tmp_path)
    assert [group.file for group in found.groups] == ["good.yml"]
    assert found.faults.keys() == {*_BROKEN, "folder.yml", "pipe.yml"}
    assert "'2023-02-30'" in found.faults["date.yml"]
    assert found.faults["bytes.yml"] == "bytes.yml: line 2: byte 0xff is no UTF-8"
    assert found.faults["half.yml"] == "half.yml: line 1: an escape that is half of a surrogate pair"
    assert "a value that its tag does not allow" in found.faults["beyond.yml"]
    assert "line 2: key 'groups' is there already" in found.faults["doubled.yaml"]
    assert "invalid escape" in found.faults["template.yml"]


def test_where_no_file_is_good_all_faults_are_said(tmp_path: Path) -> None:
    for name, text in _BROKEN.items():
        (tmp_path / name).write_bytes(text)
    with pytest.raises(RuleFileError) as raised:
        _load(tmp_path)
    assert all(name in str(raised.value) for name in _BROKEN)


async def test_a_file_that_was_left_out_is_shown_everywhere(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "broken.yml").write_text("groups: [")
    async with evaluator(tmp_path, _GOOD) as world:
        rules = await world.get("/api/v1/rules")
        (fault,) = rules["data"]["fileErrors"]
        assert (fault["file"], "broken.yml: line 1" in fault["error"]) == ("broken.yml", True)
        assert [group["name"] for group in rules["data"]["groups"]] == ["NAME"]
        assert (await world.get("/v1/health"))["status"] == "degraded"
        info = await world.get("/api/v1/status/runtimeinfo")
        assert info["data"]["reloadConfigSuccess"] is False
        async with world.session.get(world.url + "/metrics") as response:
            assert "prometheus_config_last_reload_successful 0.0" in await response.text()
        async with world.session.get(world.url + "/alerts") as response:
            assert "left out: broken.yml" in await response.text()


async def test_a_rule_that_makes_text_of_no_character_stops_no_other(tmp_path: Path) -> None:
    rules = """
      - {alert: Odd, expr: 'label_join(label_replace(vector(1), "a", "\\xff", "", ""), "b", "\\xfe", "a", "a")'}
      - {alert: Named, expr: 'vector(1) unless up{a="\\xff"}', annotations: {s: '{{ printf "%c" 55296 }}'}}
      - {alert: Beside, expr: vector(1)}
    """
    async with evaluator(tmp_path, f"groups:\n  - name: g\n    rules:{rules}") as world:
        await world.run(10)
        (group,) = (await world.get("/api/v1/rules"))["data"]["groups"]
        assert not [
            loop for loop in (await world.get("/v1/health")).get("loops", {}).values() if loop["fault"]
        ]
        await world.told(3)
        alerts = [rule["alerts"][0] for rule in group["rules"]]
        assert [alert["labels"]["alertname"] for alert in alerts] == ["Odd", "Named", "Beside"]
        assert (alerts[0]["labels"]["a"], alerts[0]["labels"]["b"]) == ("\ufffd", "\ufffd\ufffd\ufffd")
        assert alerts[1]["annotations"] == {"s": "\ufffd"}
        assert r'"\xff"' in group["rules"][1]["query"]
        assert (await world.get("/api/v1/query", query=r'"\xff"'))["data"]["result"][1] == "\ufffd"
