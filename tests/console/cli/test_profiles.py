"""Profiles and tunnels: which daemon a name means, and how it is reached."""

import getpass
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Peer
from tests.console.cli.test_command_line import ops
from tests.console.conftest import LoneDaemon
from tests.forked_program import run_ops
from tests.stackwork import free_port_base, until

pytestmark = pytest.mark.stack

_SSH = """#!/bin/sh
# Stands for OpenSSH's client: -L FORWARD is served by socat's like, -O says that no connection is shared.
echo "$@" >> "$SAID"
for word in "$@"; do [ "$word" = -O ] && exit 255; done
[ "$FAILS" ] && echo "ssh: Could not resolve hostname edge" >&2 && exit 255
exec {python} {forwarder} "$@"
"""
_FORWARDER = """import socket, sys, threading
words = sys.argv
_, port, host, far = words[words.index("-L") + 1].split(":")
listening = socket.create_server(("127.0.0.1", int(port)))
def copy(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.shutdown(socket.SHUT_WR)
while True:
    near, _ = listening.accept()
    other = socket.create_connection((host, int(far)))
    for pair in ((near, other), (other, near)):
        threading.Thread(target=copy, args=pair, daemon=True).start()
"""


def run(tmp_path: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """``ops`` with settings of its own and no daemon named by the environment."""
    settings = {"XDG_CONFIG_HOME": str(tmp_path), "OPS_STATE": str(tmp_path / "none")}
    return run_ops(*args, env={"PATH": os.environ["PATH"], **settings, **env})


def test_a_profile_names_a_daemon_and_where_its_token_comes_from(
    lone_daemon: LoneDaemon, tmp_path: Path
) -> None:
    url, token = lone_daemon.client().access.url, lone_daemon.state / "tokens" / "admin"
    made = run(tmp_path, "profile", "add", "prod", "--url", url, "--token-command", f"cat {token}")
    assert made.returncode == 0, made.stderr
    kept = (tmp_path / "structured-prompt" / "profiles.toml").read_text()
    assert token.read_text().strip() not in kept
    for words, env in ((("--profile", "prod"), {}), ((), {"OPS_PROFILE": "prod", "OPS_STATE": ""})):
        assert run(tmp_path, *words, "incidents", **env).stdout == "no open incidents\n"
    assert run(tmp_path, "incidents", "--profile", "prod").stdout == "no open incidents\n"
    # Who names one means it, whatever the environment says.
    assert run(tmp_path, "--profile", "prod", "incidents", OPS_URL="http://127.0.0.1:9").returncode == 0


def test_the_file_keeps_what_a_person_wrote_into_it(tmp_path: Path) -> None:
    path = tmp_path / "structured-prompt" / "profiles.toml"
    path.parent.mkdir()
    path.write_text('# ours\n[profiles.old]\nurl = "http://127.0.0.1:9"  # at home\n')
    assert run(tmp_path, "profile", "add", "new", "--ssh", "edge").returncode == 0
    assert "# ours" in path.read_text()
    assert "# at home" in path.read_text()
    there = json.loads(run(tmp_path, "profile", "--json").stdout)["profiles"]
    assert there == {
        "old": {"url": "http://127.0.0.1:9"},
        "new": {"url": "http://127.0.0.1:8001", "ssh": "edge"},
    }
    assert run(tmp_path, "profile", "remove", "old").returncode == 0
    assert run(tmp_path, "profile", "remove", "old").returncode == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profiles.x]\nfoo = 1\n", "unknown field `foo`"),
        ("[profiles", "cannot be read"),
        ("[profiles.x]\nurl = 1\n", "Expected `str"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_not_written_over(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "structured-prompt" / "profiles.toml"
    path.parent.mkdir()
    path.write_text(text)
    for words in (("--profile", "x", "incidents"), ("profile", "add", "y", "--ssh", "edge"), ("profile",)):
        done = run(tmp_path, *words)
        assert (done.returncode, said in done.stderr, str(path) in done.stderr) == (2, True, True), (
            done.stderr
        )
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--profile", "nope", "incidents"), 2, "there is no profile nope"),
        (("profile", "add", "a b", "--ssh", "x"), 2, "is no name"),
        (("profile", "add", "a"), 2, "say where it is"),
        (("profile", "add", "a", "--url", "ftp://x"), 2, "is no address"),
        (("profile", "add", "a", "--ssh", "-oProxyCommand=x"), 2, "is no host"),
        (("profile", "add", "a", "--url", "http://x", "--state", "/y"), 2, "give --url or --state"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "ended with 1"),
        ("true", "printed nothing"),
        ("/no/such/program", "could not be run"),
        ("'", "could not be run"),
    ],
)
def test_a_token_command_that_fails_is_named(tmp_path: Path, command: str, said: str) -> None:
    run(tmp_path, "profile", "add", "p", "--url", "http://127.0.0.1:9", "--token-command", command)
    done = run(tmp_path, "--profile", "p", "incidents")
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (1, True, False), done.stderr


@pytest.fixture
def ssh(tmp_path: Path) -> Path:
    """A folder with a stand-in for ssh; what it was asked is in ``said``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "forwarder.py").write_text(_FORWARDER)
    program = folder / "ssh"
    program.write_text(_SSH.format(python=sys.executable, forwarder=folder / "forwarder.py"))
    program.chmod(0o755)
    return folder


def test_a_daemon_is_reached_through_a_host_for_as_long_as_the_command_lives(
    lone_daemon: LoneDaemon, tmp_path: Path, ssh: Path
) -> None:
    env = {"PATH": f"{ssh}:{os.environ['PATH']}", "SAID": str(ssh / "said")}
    done = ops(lone_daemon, "--ssh", "edge", "incidents", **env)
    assert (done.returncode, done.stdout) == (0, "no open incidents\n"), done.stderr
    asked = (ssh / "said").read_text().splitlines()
    assert asked[0] == "-O check edge"
    assert asked[1].startswith("-N -o ExitOnForwardFailure=yes -L 127.0.0.1:")
    assert asked[1].endswith(f":127.0.0.1:{lone_daemon.port} edge")
    left = subprocess.run(["pgrep", "-f", str(ssh / "forwarder.py")], capture_output=True, check=False)
    assert left.stdout == b""


def test_a_host_that_cannot_be_reached_is_told_with_what_ssh_said(lone_daemon: LoneDaemon, ssh: Path) -> None:
    env = {"PATH": f"{ssh}:{os.environ['PATH']}", "SAID": str(ssh / "said"), "FAILS": "1"}
    done = ops(lone_daemon, "incidents", "--ssh", "edge", **env)
    assert (done.returncode, "Could not resolve hostname edge" in done.stderr) == (3, True)


def test_no_token_is_fetched_from_the_host(tmp_path: Path, ssh: Path) -> None:
    env = {"PATH": f"{ssh}:{os.environ['PATH']}", "SAID": str(ssh / "said")}
    done = run(tmp_path, "--ssh", "edge", "incidents", **env)
    assert (done.returncode, "a token is needed" in done.stderr) == (2, True)
    assert not (ssh / "said").exists()


@pytest.fixture
def far_host(tmp_path: Path, peer: Peer) -> Iterator[Path]:
    """OpenSSH's server on loopback as the host ``edge``; a folder with an ``ssh`` that knows it alone."""
    # Where Debian puts it, which is in the path of administrators alone.
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or peer.find("sshd")
    keygen = peer.find("ssh-keygen")
    folder = tmp_path / "far"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    port = free_port_base()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        f"PidFile {folder}/pid\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
    )
    (folder / "config").write_text(
        f"Host edge\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n  IdentityFile {folder}/user\n"
        f"  UserKnownHostsFile {folder}/known\n  StrictHostKeyChecking accept-new\n  ControlPath {folder}/master\n"
    )
    program = folder / "ssh"
    program.write_text(f'#!/bin/sh\nexec {peer.find("ssh")} -F {folder}/config "$@"\n')
    program.chmod(0o755)
    with subprocess.Popen(
        [sshd, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL
    ) as server:
        until(
            lambda: subprocess.run([str(program), "edge", "true"], check=False).returncode == 0, what="sshd"
        )
        try:
            yield folder
        finally:
            server.terminate()


@pytest.mark.peer
def test_openssh_carries_a_command_and_nothing_stays(lone_daemon: LoneDaemon, far_host: Path) -> None:
    env = {"PATH": f"{far_host}:{os.environ['PATH']}"}
    url = f"http://127.0.0.1:{lone_daemon.port}"
    lone_daemon.post_alert("APIDown")
    done = ops(lone_daemon, "--url", url, "--ssh", "edge", "alerts", "--json", **env)
    assert (done.returncode, json.loads(done.stdout)[0]["alertname"]) == (0, "APIDown"), done.stderr
    assert subprocess.run(["pgrep", "-f", f"{far_host}/config -N"], check=False).returncode == 1


@pytest.mark.peer
def test_a_connection_that_is_shared_is_used_and_stays(lone_daemon: LoneDaemon, far_host: Path) -> None:
    ssh = str(far_host / "ssh")
    env = {"PATH": f"{far_host}:{os.environ['PATH']}"}
    subprocess.run([ssh, "-M", "-N", "-f", "edge"], check=True)
    try:
        done = ops(lone_daemon, "--ssh", "edge", "incidents", **env)
        assert (done.returncode, done.stdout) == (0, "no open incidents\n"), done.stderr
        assert subprocess.run([ssh, "-O", "check", "edge"], capture_output=True, check=False).returncode == 0
        listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=False).stdout
        assert '"ssh"' not in listening
    finally:
        subprocess.run([ssh, "-O", "exit", "edge"], capture_output=True, check=False)


def test_a_profile_that_is_written_over_is_told_as_it_was(tmp_path: Path) -> None:
    first = run(tmp_path, "profile", "add", "prod", "--url", "http://a", "--token-command", "pass ops")
    again = run(tmp_path, "profile", "add", "prod", "--url", "http://a", "--token-command", "pass ops")
    other = run(tmp_path, "profile", "add", "prod", "--url", "http://b")
    assert "it was" not in first.stdout + again.stdout
    assert "it was another before:\n  url = http://a\n  token_command = pass ops\n" in other.stdout
