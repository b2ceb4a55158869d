"""Facts about templates beside promtool: the same texts, the same failures, the same refusals."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from alerts.rule import RuleFileError, parse_rules
from conftest import Peer
from tests.alerts.template.cases import EXTERNAL, FAILING, LABELS, OTHER_SAMPLES, REFUSED, RENDERED, VALUE

_SHARED = (folder / "shared" / "data" / "rules" for folder in Path(__file__).parents)
_PUBLISHED = next((folder for folder in _SHARED if folder.is_dir()), Path("absent"))


def _series(labels: dict[str, str]) -> str:
    inside = ",".join(
        f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in labels.items() if k != "__name__"
    )
    return f"{labels['__name__']}{{{inside}}}"


def _test_rules(promtool: str, folder: Path, texts: list[str], expected: dict[str, str]) -> str:
    """What ``promtool test rules`` says about an alert with these annotations; empty where it agrees."""
    annotations = {f"a{index}": text for index, text in enumerate(texts)}
    rules = {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "x", "annotations": annotations}]}]}
    wanted = {"exp_labels": {k: v for k, v in LABELS.items() if k != "__name__"}, "exp_annotations": expected}
    samples = [
        {"series": _series(dict(labels)), "values": f"{value}x3"}
        for labels, value in ((LABELS, VALUE), *OTHER_SAMPLES)
    ]
    test = {
        "interval": "1m",
        "external_labels": dict(EXTERNAL),
        "input_series": samples,
        "alert_rule_test": [{"eval_time": "1m", "alertname": "A", "exp_alerts": [wanted]}],
    }
    unit = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    (folder / "test.yml").write_text(yaml.safe_dump(unit))
    done = subprocess.run([promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.peer
def test_promtool_renders_the_same(peer: Peer, tmp_path: Path) -> None:
    expected = {f"a{index}": text for index, (_, text) in enumerate(RENDERED)}
    assert _test_rules(peer.find("promtool"), tmp_path, [text for text, _ in RENDERED], expected) == ""


@pytest.mark.peer
def test_promtool_cannot_render_what_fails_here(peer: Peer, tmp_path: Path) -> None:
    said = _test_rules(peer.find("promtool"), tmp_path, list(FAILING), {})
    failed = set(re.findall(r'a(\d+)="<error expanding template: ', said))
    assert failed == {str(index) for index in range(len(FAILING))}


def _refuses(promtool: str, file: Path) -> bool:
    return subprocess.run([promtool, "check", "rules", str(file)], capture_output=True).returncode != 0


@pytest.mark.peer
@pytest.mark.parametrize("text", REFUSED)
def test_promtool_refuses_the_same_at_load(peer: Peer, tmp_path: Path, text: str) -> None:
    rule = {"alert": "A", "expr": "x", "annotations": {"a": text}}
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}))
    assert _refuses(peer.find("promtool"), file)


@pytest.mark.peer
@pytest.mark.skipif(not _PUBLISHED.is_dir(), reason="the published rule files are not here")
def test_every_published_rule_file_that_promtool_takes_is_loaded(peer: Peer) -> None:
    promtool, disagree = peer.find("promtool"), []
    for file in sorted(_PUBLISHED.glob("*.y*ml")):
        try:
            parse_rules(file.read_text(), file.name)
        except RuleFileError as error:
            if not _refuses(promtool, file):
                disagree.append(str(error))
    assert disagree == []
