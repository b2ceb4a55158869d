"""As much of a cluster's API as the real kubectl needs for what the target asks: one deployment, its pods, their logs."""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

_HERE = "/namespaces/structured-prompt"
_RESOURCES: dict[str, Any] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {
                "name": "apps",
                "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
                "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
            }
        ],
    },
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [{"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"]}],
    },
    "/apis/apps/v1": {
        "kind": "APIResourceList",
        "groupVersion": "apps/v1",
        "resources": [
            {"name": "deployments", "singularName": "deployment", "namespaced": True, "kind": "Deployment", "verbs": ["get", "list", "patch"]},
            {"name": "deployments/scale", "singularName": "", "namespaced": True, "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": ["get", "patch", "update"]},
            {"name": "statefulsets", "singularName": "statefulset", "namespaced": True, "kind": "StatefulSet", "verbs": ["get", "list"]},
            {"name": "replicasets", "singularName": "replicaset", "namespaced": True, "kind": "ReplicaSet", "verbs": ["get", "list"]},
        ],
    },
}  # fmt: skip


class ClusterApi:
    """The objects, and what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        """METHOD and path of each request for an object."""
        self.deployment: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "structured-prompt", "uid": "d-1", "resourceVersion": "7", "annotations": {"deployment.kubernetes.io/revision": "2"}},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": _template("v2")},
            "status": {"readyReplicas": 2},
        }  # fmt: skip
        self.stateful_set: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "ops", "namespace": "structured-prompt"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "ops"}}, "template": {}},
            "status": {"readyReplicas": 1},
        }

    @property
    def answers(self) -> dict[str, Any]:
        """What each path of a GET has."""
        apps = f"/apis/apps/v1{_HERE}"
        return {
            **_RESOURCES,
            f"{apps}/deployments": _list("DeploymentList", [self.deployment]),
            f"{apps}/deployments/api": self.deployment,
            f"{apps}/deployments/api/scale": self._scale(),
            f"{apps}/statefulsets": _list("StatefulSetList", [self.stateful_set]),
            f"{apps}/replicasets": _list("ReplicaSetList", [_replica_set(1, "v1"), _replica_set(2, "v2")]),
            f"/api/v1{_HERE}/pods": {"kind": "PodList", "apiVersion": "v1", "items": [_pod("api-1"), _pod("api-2")]},
        }  # fmt: skip

    def change(self, path: str, kind: str, body: Any) -> Any:
        """A PUT or PATCH, as far as these verbs need it; what there is afterwards."""
        if path.endswith("/scale"):
            self.deployment["spec"]["replicas"] = body["spec"]["replicas"]
            return self._scale()
        if "json-patch" in kind:
            for step in body:
                if step["path"] == "/spec/template":
                    self.deployment["spec"]["template"] = step["value"]
        else:
            annotations = body["spec"]["template"]["metadata"]["annotations"]
            self.deployment["spec"]["template"]["metadata"]["annotations"] = annotations
        return self.deployment

    def _scale(self) -> dict[str, Any]:
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {"name": "api", "namespace": "structured-prompt", "resourceVersion": "7"},
            "spec": {"replicas": self.deployment["spec"]["replicas"]},
            "status": {"replicas": self.deployment["spec"]["replicas"], "selector": "app=api"},
        }


@contextmanager
def cluster_api(folder: Path) -> Iterator[tuple[ClusterApi, Path]]:
    """The cluster, and a kubeconfig for it."""
    cluster = ClusterApi()

    class _Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if "/namespaces/" in url.path:
                cluster.asked.append(f"GET {url.path}")
            if url.path.endswith("/log"):
                name = url.path.split("/")[-2]
                tail = parse_qs(url.query)["tailLines"][0]
                return self._say(f"{name} line of {tail}\n".encode(), "text/plain")
            found = cluster.answers.get(url.path)
            if found is None:
                return self._say(json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "message": f"no {url.path}", "code": 404}).encode(), status=404)  # fmt: skip
            return self._say(json.dumps(found).encode())

        def do_PATCH(self) -> None:
            path = urlsplit(self.path).path
            cluster.asked.append(f"{self.command} {path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            changed = cluster.change(path, self.headers.get("Content-Type", ""), body)
            self._say(json.dumps(changed).encode())

        do_PUT = do_PATCH

        def _say(self, body: bytes, kind: str = "application/json", status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        config = folder / "kubeconfig"
        config.write_text(json.dumps(_kubeconfig(f"http://127.0.0.1:{server.server_port}")))
        yield cluster, config
    finally:
        server.shutdown()
        server.server_close()


def _kubeconfig(url: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "operator", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "operator", "namespace": "structured-prompt"}}],
        "current-context": "c",
    }  # fmt: skip


def _list(kind: str, items: list[Any]) -> dict[str, Any]:
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": {"resourceVersion": "7"}, "items": copy.deepcopy(items)}  # fmt: skip


def _template(version: str) -> dict[str, Any]:
    container = {"name": "api", "image": f"structured-prompt-service:{version}"}
    return {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [container]}}


def _replica_set(revision: int, version: str) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"api-{version}", "uid": f"r-{revision}", "namespace": "structured-prompt", "labels": {"app": "api"},
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "d-1", "controller": True}],
        },
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "api"}}, "template": _template(version)},
    }  # fmt: skip


def _pod(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "structured-prompt", "labels": {"app": "api"}},
        "spec": {"containers": [{"name": "api", "image": "x"}]},
        "status": {"phase": "Running"},
    }
