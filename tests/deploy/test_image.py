"""Facts about the image: what goes into it, who runs in it, and that a linter has nothing to say."""

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

from server.stack.layout import DEFAULT_PORTS
from tests.deploy.compose_file import COMPOSE, OWN, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
LAST_STAGE = DOCKERFILE.rpartition("\nFROM ")[2]
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def test_hadolint_has_nothing_to_say() -> None:
    program = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [program, ROOT / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_say_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\nRUN pip install x\n")
    program = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [program, tmp_path / "Dockerfile"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0


def test_it_is_built_in_one_stage_and_runs_in_another_as_nobody_in_particular() -> None:
    assert DOCKERFILE.count("\nFROM ") == 2
    assert re.search(r"^USER (\d+):(\d+)$", LAST_STAGE, re.MULTILINE)
    assert "pip" not in LAST_STAGE


def test_its_user_owns_the_folders_of_the_volumes() -> None:
    made = set(re.findall(r"/var/lib/structured-prompt[/a-z]*", LAST_STAGE.partition("COPY")[0]))
    for service in OWN:
        for volume in COMPOSE.services[service].get("volumes", []):
            assert volume.removesuffix(":ro").rpartition(":")[2] in made


def test_it_says_which_ports_the_processes_listen_on() -> None:
    exposed = re.search(r"^EXPOSE (.*)$", LAST_STAGE, re.MULTILINE)
    assert exposed is not None
    assert {int(port) for port in exposed[1].split()} == set(DEFAULT_PORTS.values())


def test_nothing_goes_in_but_the_packages_and_their_description() -> None:
    assert IGNORE[1] == "*", "the first rule leaves everything out"
    let_in = {line.removeprefix("!") for line in IGNORE if line.startswith("!")}
    assert let_in == {
        "server",
        "alerts",
        "runbooks",
        "web",
        "console",
        "setup.cfg",
        "pyproject.toml",
        "requirements.lock",
        "README.md",
    }
    assert all((ROOT / name).exists() for name in let_in)


def test_the_versions_are_those_of_the_lock_file(tmp_path: Path) -> None:
    """The image's own command, and pip reads what it makes."""
    command = re.search(r"(sed .* requirements\.lock) > ", DOCKERFILE)
    assert command is not None
    made = subprocess.run(
        ["sh", "-c", command[1]], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    parsed = [Requirement(line) for line in made.splitlines() if line.strip()]
    assert "aiohttp" in {requirement.name for requirement in parsed}
    assert all(str(requirement.specifier).startswith("==") for requirement in parsed)
