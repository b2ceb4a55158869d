"""What ties a journal to a key outside its folder: the signed mark of where it ends, and of where it begins."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from platformdirs import user_config_path

from server.store.chain import GENESIS, Head

MARK = "journal.head"
ORIGIN = "journal.origin"
"""In the journal's folder: after which event the first segment begins, once months were removed."""
_SHORTEST_KEY = 32
_WIDTH = 512
"""Bytes of a mark: every one is written over the one before in one piece, so that a crash leaves either."""
_NO_HASH = GENESIS.hex()


class AnchorKeyError(OSError):
    """The key of the journal's anchor cannot be used; the message says why, and what to do."""


class AnchorKey(NamedTuple):
    """The secret with which marks are signed, and where it lies."""

    file: Path
    secret: bytes
    is_new: bool
    """Whether no journal has been anchored with it so far."""

    def settle(self) -> "AnchorKey":
        """Keep a new key for good, once a mark is signed with it: a crash before leaves it new."""
        draft = _draft(self.file)
        if draft.exists():
            draft.replace(self.file)
        return self._replace(is_new=False)


class Anchor(NamedTuple):
    """What an archive needs to sign its marks and to believe them."""

    key: AnchorKey
    machine_boot: str
    """Changes when the machine starts anew; what was not brought to its disk before is lost then."""

    def sign_snapshot(self, name: str, digest: str) -> str:
        """The signature of a snapshot's file."""
        return _signature(self.key, "snapshot", [name, digest])


class JournalMark(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a journal as it is noted outside of it."""

    seq: int
    hash: str
    file: str
    upcoming: str = ""
    """``SEQ:HASH`` of the commit that was on its way; the end itself where there was none."""
    machine_boot: str = ""
    is_signed: bool = False

    @classmethod
    def of(
        cls, head: Head, file: str, *, upcoming: Head | None = None, machine_boot: str = ""
    ) -> "JournalMark":
        """The mark of a journal that ends with ``head`` in ``file``, before the commit that will end with ``upcoming``."""
        return cls(
            seq=head.seq,
            hash=head.hash.hex(),
            file=file,
            upcoming=spelled(upcoming or head),
            machine_boot=machine_boot or "-",
        )

    def fits(self, head: Head) -> bool:
        """Whether a journal that ends with ``head`` is the one that was marked: after its last commit, or within it."""
        return spelled(head) in (f"{self.seq}:{self.hash}", self.upcoming)


class MarkError(Exception):
    """The mark is missing or wrong; the message says which."""


def spelled(head: Head, digits: int = 64) -> str:
    """``SEQ:HASH``, as a head is exported: kept elsewhere, it shows later whether this is still the same journal.

    Sixteen digits of the hash are enough for ``ops audit verify --head``.
    """
    return f"{head.seq}:{head.hash.hex()[:digits]}"


def key_file(env: Mapping[str, str], state: Path) -> Path:
    """Where the key of the journal in ``state`` lies: ``OPS_JOURNAL_KEY_FILE``, else in the user's own configuration."""
    if env.get("OPS_JOURNAL_KEY_FILE"):
        return Path(env["OPS_JOURNAL_KEY_FILE"]).absolute()
    name = hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:16]
    return user_config_path("structured-prompt") / "journal-keys" / f"{name}.key"


def read_key(file: Path) -> AnchorKey | None:
    """The key in ``file``, None where there is none. Raises ``AnchorKeyError``."""
    for path, is_new in ((file, False), (_draft(file), True)):
        try:
            secret = path.read_bytes().strip()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AnchorKeyError(f"the journal's key {path} cannot be read: {error.strerror}") from error
        if len(secret) < _SHORTEST_KEY:
            raise AnchorKeyError(
                f"the journal's key {path} has {len(secret)} bytes; at least {_SHORTEST_KEY} are needed"
            )
        return AnchorKey(file, secret, is_new)
    return None


def take_key(file: Path) -> AnchorKey:
    """The key in ``file``, made where there is none (mode 0600). Raises ``AnchorKeyError``."""
    found = read_key(file)
    if found is not None:
        return found
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(_draft(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as made:
            made.write(secrets.token_hex(32) + "\n")
            made.flush()
            os.fsync(made.fileno())
    except OSError as error:
        raise AnchorKeyError(
            f"the journal's key {file} cannot be made: {error.strerror}; name another place by OPS_JOURNAL_KEY_FILE"
        ) from error
    made_now = read_key(file)
    if made_now is None:
        raise AnchorKeyError(f"the journal's key {file} was taken away while it was made")
    return made_now


def write_mark(folder: Path, mark: JournalMark, anchor: Anchor | None) -> None:
    """Notes the mark, signed where there is an anchor; raises ``OSError``."""
    words = [str(mark.seq), mark.hash, mark.file]
    if anchor is not None:
        words += [mark.upcoming, mark.machine_boot]
        words.append(_signature(anchor.key, "mark", words))
    line = " ".join(words).encode()
    descriptor = os.open(folder / MARK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, line.ljust(_WIDTH - 1) + b"\n", 0)
    finally:
        os.close(descriptor)


def read_mark(folder: Path, key: AnchorKey | None = None) -> JournalMark:
    """The mark in the folder, its signature checked where there is a key. Raises ``MarkError``."""
    try:
        words = (folder / MARK).read_text().split()
    except FileNotFoundError:
        raise MarkError(f"{MARK} is missing") from None
    except (OSError, ValueError) as error:
        raise MarkError(f"{MARK} cannot be read: {error}") from error
    mark = _mark_of(words)
    if mark is None:
        raise MarkError(f"{MARK} is no mark of a journal")
    if mark.is_signed and key is not None and not _is_by(key, "mark", words):
        raise MarkError(f"{MARK} is not signed with the key {key.file}")
    return mark


def write_origin(folder: Path, origin: Head, key: AnchorKey) -> None:
    """Notes after which event the journal begins, signed; raises ``OSError``."""
    words = [str(origin.seq), origin.hash.hex()]
    draft = folder / f".{ORIGIN}.new"
    draft.write_text(" ".join([*words, _signature(key, "origin", words)]) + "\n")
    draft.replace(folder / ORIGIN)


def read_origin(folder: Path, key: AnchorKey) -> str:
    """``SEQ:HASH`` after which the journal begins; that of the very first event where nothing else is noted.

    Raises ``MarkError``.
    """
    try:
        words = (folder / ORIGIN).read_text().split()
    except FileNotFoundError:
        return f"0:{_NO_HASH}"
    except (OSError, ValueError) as error:
        raise MarkError(f"{ORIGIN} cannot be read: {error}") from error
    if len(words) != 3 or not _is_by(key, "origin", words):
        raise MarkError(f"{ORIGIN} is not signed with the key {key.file}")
    return f"{words[0]}:{words[1]}"


def _mark_of(words: list[str]) -> JournalMark | None:
    """The mark of version 0.1.0 has neither the file's name nor a signature; a later unsigned one has the name."""
    if not 2 <= len(words) <= 6 or not (words[0].isascii() and words[0].isdigit() and len(words[0]) < 20):
        return None
    seq, sha256, file, upcoming, machine_boot, _ = (*words, *[""] * (6 - len(words)))
    return JournalMark(
        seq=int(seq),
        hash=sha256,
        file=file,
        upcoming=upcoming,
        machine_boot=machine_boot,
        is_signed=len(words) == 6,
    )


def _signature(key: AnchorKey, what: str, words: list[str]) -> str:
    return hmac.new(key.secret, "\n".join([what, *words]).encode(), hashlib.sha256).hexdigest()


def _is_by(key: AnchorKey, what: str, words: list[str]) -> bool:
    return hmac.compare_digest(_signature(key, what, words[:-1]).encode(), words[-1].encode())


def _draft(file: Path) -> Path:
    return file.with_name(file.name + ".new")
