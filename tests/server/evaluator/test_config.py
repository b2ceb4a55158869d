"""Facts about the evaluator's settings and target files."""

from pathlib import Path

import pytest

from server.evaluator.config import EvaluatorConfig, EvaluatorConfigError
from server.evaluator.rule_files import load_rules
from server.evaluator.target import Limits, read_target_file


def test_without_settings_it_watches_the_house_on_its_well_known_ports() -> None:
    config = EvaluatorConfig.from_env({})
    assert (config.bind, config.port, config.compat, config.speedup) == ("127.0.0.1", 9090, 3, 1.0)
    assert [(t.job, t.url) for t in config.targets] == [
        ("api", "http://127.0.0.1:8000/v1/metrics"),
        ("ops", "http://127.0.0.1:8001/v1/metrics"),
        ("status", "http://127.0.0.1:8080/healthz"),
    ]
    assert [receiver.url for receiver in config.receivers] == ["http://127.0.0.1:8001"]
    assert sum(len(group.rules) for group in load_rules(config).groups) > 20


def test_every_fault_is_in_one_message(tmp_path: Path) -> None:
    settings = {
        "EVALUATOR_PORT": "many",
        "SCRAPE_INTERVAL": "soon",
        "RULES_SPEEDUP": "0.5",
        "EXTERNAL_LABELS": "cluster",
        "OPS_INGEST_TOKEN_FILE": str(tmp_path / "nothing"),
        "API_URL": "ftp://x",
        "PROMQL_COMPAT": "4",
    }
    with pytest.raises(EvaluatorConfigError) as caught:
        EvaluatorConfig.from_env(settings)
    words = (
        "EVALUATOR_PORT",
        "SCRAPE_INTERVAL",
        "RULES_SPEEDUP",
        "EXTERNAL_LABELS",
        "OPS_INGEST_TOKEN_FILE",
        "ftp",
        "COMPAT",
    )
    assert [word for word in words if word not in str(caught.value)] == []


def test_tokens_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "ingest").write_text("one\n")
    (tmp_path / "metrics").write_text("two\n")
    config = EvaluatorConfig.from_env(
        {
            "OPS_INGEST_TOKEN_FILE": str(tmp_path / "ingest"),
            "OPS_METRICS_TOKEN_FILE": str(tmp_path / "metrics"),
            "ALERTMANAGER_URLS": "http://a:9093, http://b:9093/",
        }
    )
    assert [(r.url, r.token) for r in config.receivers] == [
        ("http://127.0.0.1:8001", "one"),
        ("http://a:9093", ""),
        ("http://b:9093", ""),
    ]
    assert {t.job: t.token for t in config.targets} == {"api": "", "ops": "two", "status": ""}


def test_targets_may_be_given_one_by_one() -> None:
    targets = EvaluatorConfig.from_env({}, targets=["a=http://h:1", "b=https://h/own/path"]).targets
    assert [(t.job, t.url, t.instance) for t in targets] == [
        ("a", "http://h:1/metrics", "h:1"),
        ("b", "https://h/own/path", "h"),
    ]


_FILE = """
scrape_configs:
  - job_name: api
    metrics_path: /v1/metrics
    scrape_interval: 10s
    scrape_timeout: 2s
    sample_limit: 7
    body_size_limit: 2MB
    honor_labels: true
    authorization: {credentials: secret}
    static_configs:
      - targets: ['a:8000', 'b:8000']
        labels: {zone: x}
"""


def test_a_target_file_is_prometheus_scrape_configs() -> None:
    (first, second), _ = read_target_file(_FILE, interval_ms=5_000, timeout_ms=5_000, read=str)
    assert (first.url, second.url) == ("http://a:8000/v1/metrics", "http://b:8000/v1/metrics")
    assert (first.interval_ms, first.timeout_ms, first.token, first.honor_labels) == (
        10_000,
        2_000,
        "secret",
        True,
    )
    assert first.limits == Limits(body_bytes=2 * 1024 * 1024, samples=7)
    assert first.all_labels == {"zone": "x", "job": "api", "instance": "a:8000"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "expected"),
        ("scrape_configs: 1", "no list"),
        ("scrape_configs: [{job_name: ''}]", "no job_name"),
        ("scrape_configs: [{job_name: a, relabel_configs: []}]", "'relabel_configs' is not supported"),
        ("scrape_configs: [{job_name: a, scrape_interval: x}]", "not a duration"),
        ("scrape_configs: [{job_name: a, scrape_interval: 1s, scrape_timeout: 2s}]", "longer than"),
        (
            "scrape_configs: [{job_name: a, body_size_limit: big, static_configs: [{targets: [x]}]}]",
            "no size",
        ),
    ],
)
def test_a_target_file_that_cannot_be_followed_is_refused(text: str, reason: str) -> None:
    found = read_target_file(text, interval_ms=5_000, timeout_ms=5_000, read=str)
    assert found.targets == ()
    assert reason in found.faults[0]


def test_a_targets_token_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    file = tmp_path / "targets.yml"
    file.write_text(_FILE.replace("credentials: secret", f"credentials_file: {tmp_path / 'token'}"))
    targets = EvaluatorConfig.from_env({"SCRAPE_TARGETS_FILE": str(file)}).targets
    assert [target.token for target in targets] == ["secret", "secret"]
    file.write_text(_FILE.replace("credentials: secret", "credentials_file: /nowhere"))
    config = EvaluatorConfig.from_env({"SCRAPE_TARGETS_FILE": str(file)})
    assert [("/nowhere" in fault) for fault in config.scrape_faults] == [True]


def test_a_job_that_makes_no_sense_takes_no_other_with_it(tmp_path: Path) -> None:
    file = tmp_path / "targets.yml"
    file.write_text(
        _FILE + "  - {job_name: b, scheme: ftp}\n  - {job_name: c, static_configs: [{targets: [x:1]}]}\n"
    )
    config = EvaluatorConfig.from_env({"SCRAPE_TARGETS_FILE": str(file)})
    assert [target.job for target in config.targets] == ["api", "api", "c"]
    assert [fault.partition(": ")[2] for fault in config.scrape_faults] == [
        "b: scheme is 'ftp'; write http or https"
    ]


@pytest.mark.parametrize("held", [b"[", b"\xff", b"scrape_configs: 1", None])
def test_a_scrape_file_that_cannot_be_used_ends_no_start_and_is_shown(
    tmp_path: Path, held: bytes | None
) -> None:
    file = tmp_path / "targets.yml"
    if held is not None:
        file.write_bytes(held)
    config = EvaluatorConfig.from_env({"SCRAPE_TARGETS_FILE": str(file)})
    assert [target.job for target in config.targets] == ["api", "ops", "status"]
    assert len(config.scrape_faults) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- {job_name: a, job_name: b}", "'job_name' is there already, in line 1"),
        ("- {job_name: a, honor_labels: maybe}", "honor_labels is 'maybe'"),
        ("- {job_name: a, sample_limit: many}", "sample_limit is 'many'"),
        ("- {job_name: a, scheme: ftp}", "scheme is 'ftp'"),
        ("- {job_name: a, static_configs: {targets: [b]}}", "static_configs is no list"),
        ("- {job_name: a, static_configs: [b]}", "'b' is no mapping"),
        ("- {job_name: a, static_configs: [{targets: b}]}", "targets is no list"),
        ("- {job_name: a, static_configs: [{labels: [b]}]}", "labels is no mapping"),
        ("- {job_name: a, authorization: b}", "authorization is no mapping"),
    ],
)
def test_a_scrape_config_that_makes_no_sense_is_named(text: str, reason: str) -> None:
    found = read_target_file(text, interval_ms=5_000, timeout_ms=5_000, read=str)
    assert found.targets == ()
    assert reason in found.faults[0]


def test_what_a_scrape_config_says_is_taken_as_written() -> None:
    text = """
- job_name: 0123
  honor_labels: no
  static_configs:
    - {targets: [h:1], labels: {version: 1.10, on: off, since: 2023-02-30}}
"""
    (target,), _ = read_target_file(text, interval_ms=5_000, timeout_ms=5_000, read=str)
    assert (target.job, target.honor_labels) == ("0123", False)
    assert target.labels == {"version": "1.10", "on": "off", "since": "2023-02-30"}


def test_a_scrape_file_that_is_no_text_is_named_with_its_byte(tmp_path: Path) -> None:
    file = tmp_path / "scrape.yml"
    file.write_bytes(b"- job_name: \xff")
    (fault,) = EvaluatorConfig.from_env({"SCRAPE_TARGETS_FILE": str(file)}).scrape_faults
    assert fault.endswith("byte 12 is no UTF-8")
