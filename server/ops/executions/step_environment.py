"""What a step is run with: the words of its target, and an allow-listed environment."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from runbooks.engine.plan import Plan
from server.ops.config import OpsConfig
from server.ops.executions.step_user import home_of
from server.paths import CHECKOUT

PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "DOCKER_HOST",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "SERVICE_COMMAND",
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "DATABASE_READ_URL",
    "REDIS_READ_URL",
    "SSL_CERT_FILE",
)
"""Variables of the daemon that a step sees."""


class StepEnvironment:
    """The environment of every step on this daemon's target."""

    def __init__(self, config: OpsConfig, env: Mapping[str, str], url: str) -> None:
        self._config = config
        self._env = env
        self._url = url
        self.target = config.target
        self.cwd = CHECKOUT

    @property
    def words(self) -> dict[str, str]:
        """What ``{python}`` and the like stand for in an argv."""
        words = {
            "python": sys.executable,
            "state": str(self._config.state),
            "api_url": self._config.api_url,
            "status_url": self._config.status_url,
            "prometheus_url": self._config.prometheus_url,
            "ops_url": self._url,
        }
        if self._config.service_command:
            words["service_command"] = self._config.service_command
        return words

    def environment(self, viewer_token: str | None, *, writes: bool = False) -> dict[str, str]:
        """The variables of one step; only a read step has a token, and only to look.

        Only a step that ``writes`` knows the addresses of the stores' users who may.
        """
        env = {name: self._env[name] for name in PASSED_ON if self._env.get(name)}
        here = Path(sys.executable).parent
        env["PATH"] = os.pathsep.join([str(here), env.get("PATH", os.defpath)])
        env |= {
            "OPS_STATE": str(self._config.state),
            "OPS_URL": self._url,
            "API_URL": self._config.api_url,
            "STATUS_URL": self._config.status_url,
            "PROMETHEUS_URL": self._config.prometheus_url,
            "TARGET": self._config.target,
            # Without a token of its own it has nobody's: the console then reads none from the state folder.
            "OPS_STEP": "change" if writes else "read",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        for name, reading, writing in (
            ("DATABASE_URL", "DATABASE_READ_URL", self._config.database_url),
            ("REDIS_URL", "REDIS_READ_URL", self._config.redis_url),
        ):
            value = writing if writes else env.get(reading, "")
            if value:
                env[name] = value
        if viewer_token is not None:
            env["OPS_TOKEN"] = viewer_token
            env |= self._keys_for_checks()
        return env

    def user_of(self, plan: Plan) -> str:
        """As whom a plan runs: the text of a runbook as ``OPS_STEP_USER``, an action, whose argv is fixed, as we do."""
        return self._config.step_user if plan.action is None else ""

    def identity_of(self, plan: Plan) -> dict[str, str]:
        """The variables that say who a step is, where it is somebody else than we."""
        user = self.user_of(plan)
        return {"HOME": home_of(user), "USER": user, "LOGNAME": user} if user else {}

    def _keys_for_checks(self) -> dict[str, str]:
        """The keys with which ``ops verify`` asks the API, once there are any: another user cannot read their files."""
        keys = {}
        for variable, name in (("API_CHECK_KEY", "ops-verify"), ("API_LOAD_KEY", "ops-load-test")):
            with suppress(OSError):
                keys[variable] = (self._config.state / "tokens" / name).read_text().strip()
        return keys
