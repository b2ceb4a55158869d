"""Facts about the files for Kubernetes: its schemas accept them, and they agree with the code."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from server.api.config import ApiConfig
from server.ops.config import GIVEN_TOKENS, OpsConfig
from server.secret_files import SECRETS
from server.stack.layout import DEFAULT_PORTS
from server.status.__main__ import StatusConfig
from tests.deploy.compose_file import OWN, ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
OBJECTS: list[dict[str, Any]] = [
    each for name in KUSTOMIZATION["resources"] for each in yaml.safe_load_all((FOLDER / name).read_text())
]
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]
    for each in OBJECTS
    if "template" in each.get("spec", {})
}
CONTAINERS = {
    container["name"]: (container, pod) for pod in PODS.values() for container in pod["spec"]["containers"]
}


def environment(name: str) -> dict[str, str]:
    return {each["name"]: each["value"] for each in CONTAINERS[name][0]["env"]}


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
def test_the_schema_accepts_it(each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, "1.30", strict=True)


def test_the_schema_would_refuse_it() -> None:
    broken = {**OBJECTS[1], "spec": {**OBJECTS[1]["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.30", strict=True)


def test_every_file_is_applied() -> None:
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == there


def test_the_processes_are_those_of_the_code_at_their_ports() -> None:
    assert set(CONTAINERS) == set(OWN)
    for name, (container, _) in CONTAINERS.items():
        assert container["command"] == ["python", "-m", OWN[name]]
        port = DEFAULT_PORTS[name]
        assert container["ports"][0]["containerPort"] == port
        assert environment(name)[f"{name.upper()}_PORT"] == str(port)
        assert environment(name)[f"{name.upper()}_BIND"] == "0.0.0.0"


def test_their_settings_are_ones_that_they_read() -> None:
    assert {name.removesuffix("_FILE") for name in environment("api")} <= {
        name.upper() for name in ApiConfig.__struct_fields__
    }
    plain = {n: v for n, v in environment("ops").items() if not n.endswith("_FILE")}
    assert OpsConfig.from_env(plain).target == "observe"
    assert str(StatusConfig.from_env(environment("status")).public) == f"{plain['OPS_STATE']}/public"


@pytest.mark.parametrize("name", OWN)
def test_secrets_are_files_of_the_one_secret(name: str) -> None:
    container, pod = CONTAINERS[name]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    files = {v for n, v in environment(name).items() if n.endswith("_FILE")}
    if not files:
        assert "secrets" not in mounts
        return
    source = next(volume for volume in pod["spec"]["volumes"] if volume["name"] == "secrets")["secret"]
    assert files == {f"{mounts['secrets']}/{item['path']}" for item in source["items"]}
    for variable in environment(name):
        if variable.endswith("_FILE"):
            assert variable.removesuffix("_FILE") in {*SECRETS, *GIVEN_TOKENS.values(), "OPS_JOURNAL_KEY"}


def test_the_status_page_shares_one_folder_with_the_daemon_and_nothing_else() -> None:
    ops, status = CONTAINERS["ops"][0], CONTAINERS["status"][0]
    assert CONTAINERS["ops"][1] is CONTAINERS["status"][1]
    shared = {m["name"] for m in ops["volumeMounts"]} & {m["name"] for m in status["volumeMounts"]}
    assert shared == {"public", "tmp"}
    public = next(m for m in status["volumeMounts"] if m["name"] == "public")
    assert public["readOnly"] is True


def test_there_is_one_ops_daemon_with_a_disk_and_several_pods_of_the_api() -> None:
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in OBJECTS}
    ops = by_name["StatefulSet", "ops"]["spec"]
    assert ops["replicas"] == 1
    assert ops["volumeClaimTemplates"][0]["metadata"]["name"] == "state"
    assert by_name["Deployment", "api"]["spec"]["replicas"] >= 2
    assert by_name["PodDisruptionBudget", "api"]["spec"]["minAvailable"] == 1


def test_pods_have_no_rights_to_lose() -> None:
    for container, pod in CONTAINERS.values():
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        user = pod["spec"]["securityContext"]["runAsUser"]
        assert f"--uid {user}" in (ROOT / "Dockerfile").read_text()


def test_a_pod_of_the_api_has_time_to_drain() -> None:
    spec = PODS["api"]["spec"]
    pause = int(spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert spec["terminationGracePeriodSeconds"] > ApiConfig().drain_timeout_s + pause


def test_only_the_monitoring_reaches_the_ops_daemon() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in OBJECTS if each["kind"] == "NetworkPolicy"}
    for rule in policies["ops"]["ingress"]:
        if {"port": 8001} in rule["ports"]:
            assert rule["from"] == [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
            ]
    assert policies["nobody-unless-said"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


def test_the_images_tag_is_the_version() -> None:
    from importlib.metadata import version

    assert KUSTOMIZATION["images"] == [
        {"name": "structured-prompt-service", "newTag": version("structured-prompt-service")}
    ]


def test_nothing_names_a_file_that_is_not_there() -> None:
    assert all((FOLDER / name).is_file() for name in KUSTOMIZATION["resources"])
    assert Path(FOLDER / "scrape.yml").is_file()
