"""Facts about ``TARGET=kubernetes``: the real kubectl runs each argv, against a stand-in for a cluster's API."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from conftest import Peer
from runbooks.engine.action import load_actions
from server.paths import RUNBOOKS
from tests.paths import CHECKOUT
from tests.server.stack.cluster_api import ClusterApi, cluster_api

pytestmark = pytest.mark.peer
_DEPLOYMENT = "/apis/apps/v1/namespaces/structured-prompt/deployments/api"
ACTIONS = load_actions((RUNBOOKS / "actions.yml").read_text())
RUN_HERE = {name: action for name, action in ACTIONS.items() if action.argv.get("kubernetes", ("",))[0] == "kubectl"}  # fmt: skip


@pytest.fixture
def cluster(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterApi]:
    peer.find("kubectl")
    with cluster_api(tmp_path) as (api, config):
        monkeypatch.setenv("KUBECONFIG", str(config))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("TARGET", "kubernetes")
        yield api


def ran(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def ops_program(*words: str) -> subprocess.CompletedProcess[str]:
    return ran(sys.executable, "-m", "server.stack", *words)


def act(name: str) -> subprocess.CompletedProcess[str]:
    action = RUN_HERE[name]
    before = ran(*action.precheck["kubernetes"])
    assert before.returncode == 0, before.stderr
    return ran(*action.argv["kubernetes"])


def test_workloads_are_services(cluster: ClusterApi) -> None:
    cluster.deployment["status"]["readyReplicas"] = 1
    listed = {each["name"]: each for each in json.loads(ops_program("ps", "--json").stdout)}
    assert {name: each["state"] for name, each in listed.items()} == {
        "api": "running",
        "ops": "running",
        "status": "running",
        "evaluator": "unknown",
        "postgres": "unknown",
        "redis": "unknown",
    }
    assert listed["api"]["detail"] == "1 of 2 pods ready"
    cluster.deployment["spec"]["replicas"] = 0
    stopped = {each["name"]: each for each in json.loads(ops_program("ps", "--json").stdout)}["api"]
    assert (stopped["state"], stopped["detail"]) == ("stopped", "scaled to nothing")


def test_the_log_is_that_of_every_pod(cluster: ClusterApi) -> None:
    run = ops_program("logs", "api", "--tail", "3")
    assert sorted(run.stdout.splitlines()) == ["api-1 line of 3", "api-2 line of 3"], run.stderr
    elsewhere = ops_program("logs", "postgres")
    assert elsewhere.returncode == 3
    assert "postgres does not run in this namespace" in elsewhere.stderr


def test_stopping_and_starting_is_scaling(cluster: ClusterApi) -> None:
    assert act("stop-api").returncode == 0
    assert cluster.deployment["spec"]["replicas"] == 0
    assert act("start-api").returncode == 0
    declared = next(yaml.safe_load_all((CHECKOUT / "deploy/kubernetes/api.yaml").read_text()))
    assert cluster.deployment["spec"]["replicas"] == declared["spec"]["replicas"]
    again = act("start-api")
    assert again.returncode != 0, "what runs already is not scaled down to what was declared"
    assert "replicas" in again.stderr


@pytest.mark.parametrize("name", ["restart-api", "roll-api"])
def test_restarting_rolls_the_pods(cluster: ClusterApi, name: str) -> None:
    run = act(name)
    assert run.returncode == 0, run.stderr
    assert (
        "kubectl.kubernetes.io/restartedAt"
        in cluster.deployment["spec"]["template"]["metadata"]["annotations"]
    )


def test_going_back_takes_the_template_before(cluster: ClusterApi) -> None:
    run = act("rollback-api")
    assert run.returncode == 0, run.stderr
    assert cluster.deployment["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":v1")


def test_every_command_of_kubectl_was_run_above_and_is_for_the_api_alone() -> None:
    assert set(RUN_HERE) == {"start-api", "stop-api", "restart-api", "roll-api", "rollback-api"}


def test_the_operators_role_allows_what_was_asked(cluster: ClusterApi) -> None:
    for name in ("stop-api", "start-api", "restart-api", "rollback-api"):
        act(name)
    ops_program("ps")
    ops_program("logs", "api")
    role = next(
        each
        for each in yaml.safe_load_all((CHECKOUT / "deploy/kubernetes/operator.yaml").read_text())
        if each["kind"] == "Role"
    )
    allowed = {
        (resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]
    }
    used = {_right(*each.split(" ", 1)) for each in cluster.asked}
    assert used <= allowed


def _right(method: str, path: str) -> tuple[str, str]:
    parts = path.split("/namespaces/structured-prompt/")[1].split("/")
    resource = parts[0] if len(parts) < 3 else f"{parts[0]}/{parts[2]}"
    verbs = {"PATCH": "patch", "PUT": "update", "GET": "list" if len(parts) == 1 else "get"}
    return resource, verbs[method]


def test_a_cluster_that_is_away_is_said_in_kubectls_words(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.find("kubectl")
    with cluster_api(tmp_path) as (_, config):
        pass
    for name, value in (("KUBECONFIG", str(config)), ("HOME", str(tmp_path)), ("TARGET", "kubernetes")):
        monkeypatch.setenv(name, value)
    run = ops_program("ps")
    assert run.returncode == 3
    assert "kubectl get" in run.stderr
    assert "Traceback" not in run.stderr
