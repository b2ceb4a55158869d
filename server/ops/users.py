"""Who may do what: named users, roles, tokens kept as hashes."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Container, Mapping
from pathlib import Path

from alerts.wire import Role
from server.ops.config import GIVEN_TOKENS
from server.ops.state.events import UserRevoked, UserSet
from server.ops.state.ledger import JOURNAL_ERRORS, Actor, Ledger, Transaction
from server.ops.state.state import State, User

RANK: Mapping[Role, int] = {"viewer": 1, "responder": 2, "approver": 3, "admin": 4}
FILE_USERS: Mapping[str, Role] = {"admin": "admin", "ingest": "ingest", "metrics": "viewer"}
"""Users whose token lies in a file of the state directory; not people, so none of them approves anything."""
REHEARSAL = "rehearsal"
"""The system's own identity that rehearses runbooks: nobody can be called that."""
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,31}")
_FILE = Actor("daemon", "file")


class UnauthenticatedError(Exception):
    """No token, or one that nobody has."""


class ForbiddenError(Exception):
    """The role does not reach that far."""


class UserError(ValueError):
    """A user that cannot be made or changed like this."""


class UserNameError(UserError):
    """A name that nobody can have."""


class NoUserError(UserError):
    """There is nobody of this name."""


class Caller:
    """Somebody whose token was good."""

    def __init__(
        self, name: str, role: Role, *, execution_id: str | None = None, auth: str = "token"
    ) -> None:
        self.name = name
        self.role = role
        self.auth = auth
        self.execution_id = execution_id
        """The read step to which the token was lent."""

    @property
    def actor(self) -> Actor:
        """As the journal names it."""
        return Actor(self.name, "step" if self.execution_id else self.auth)

    @property
    def is_person(self) -> bool:
        """Whether the caller is a named user rather than a token in a file."""
        return self.name not in FILE_USERS and self.execution_id is None

    def may(self, need: Role) -> bool:
        """Whether the role reaches as far as ``need``; ingest is apart, and admins may do that too."""
        if need == "ingest":
            return self.role in ("ingest", "admin")
        return RANK.get(self.role, 0) >= RANK[need]


def authenticate(state: State, header: str) -> Caller:
    """The caller behind an ``Authorization`` header; raises ``UnauthenticatedError``. Compared in constant time."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("send a token: Authorization: Bearer TOKEN (ops token show admin)")
    hashed = hash_token(token.strip())
    caller: Caller | None = None
    for user in state.users.values():
        if hmac.compare_digest(user.token_sha256, hashed):
            caller = Caller(user.name, user.role)
    for execution_id in state.viewer_tokens:
        lent = state.find_execution(execution_id)
        if lent is not None and lent.viewer_sha256 and hmac.compare_digest(lent.viewer_sha256, hashed):
            caller = Caller(lent.actor, "viewer", execution_id=execution_id)
    if caller is None:
        raise UnauthenticatedError("this token is nobody's; it may have been rotated or revoked")
    return caller


def hash_token(token: str) -> str:
    """As which a token is kept, whatever bytes a header held; tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode(errors="backslashreplace")).hexdigest()


def new_token() -> str:
    """A token with 256 random bits and a beginning that redaction knows."""
    return "ops_" + secrets.token_urlsafe(32)


def set_user(tx: Transaction, name: str, role: Role, token: str, actor: Actor) -> str:
    """Adds a user with a token, which is shown once; raises ``UserError``."""
    if not _NAME.fullmatch(name):
        raise UserNameError("a name is lower-case letters, digits, . _ - and at most 32 characters")
    if name in tx.state.users:
        raise UserError(f"there is a user {name} already; rotate gives a new token")
    if name in FILE_USERS or name in ("daemon", REHEARSAL):
        raise UserError(f"{name} is taken")
    tx.record(UserSet(name=name, role=role, token_sha256=hash_token(token)), actor, name)
    return token


def rotate_user(tx: Transaction, name: str, token: str, actor: Actor, given: Container[str] = ()) -> str:
    """Another token for a user; the old one is nobody's from now on. Raises ``NoUserError`` or ``UserError``.

    One that is ``given`` from outside would be back at the next start, so it is refused here.
    """
    user = tx.state.users.get(name)
    if user is None:
        raise NoUserError(f"there is no user {name}")
    if name in given:
        source = GIVEN_TOKENS[name]
        raise UserError(
            f"{name}'s token is given from outside; change {source} or the file of {source}_FILE, and restart the daemon"
        )
    event = UserSet(name=name, role=user.role, token_sha256=hash_token(token), rotated=True)
    tx.record(event, actor, name)
    return token


def revoke_user(tx: Transaction, name: str, actor: Actor) -> None:
    """The user's token is nobody's from now on; raises ``UserError``."""
    if name not in tx.state.users:
        raise NoUserError(f"there is no user {name}")
    if name in FILE_USERS:
        raise UserError(f"{name} is needed by the local stack; rotate it instead")
    tx.record(UserRevoked(name=name), actor, name)


def read_token_files(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The tokens in the files by user, those ``given`` from outside before them; a missing file is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: given.get(name) or _read_or_make(folder / name) for name in FILE_USERS}


async def adopt_token_files(ledger: Ledger, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Makes the token files that are missing and takes those that are there as the truth; their tokens by user.

    A token that is ``given`` from outside has no file here. With a journal that cannot be written they count all the
    same, or nobody could see why.
    """
    settle_token_files(ledger.state, folder)
    tokens = read_token_files(folder, given)

    def adopt(tx: Transaction) -> None:
        for name, role in FILE_USERS.items():
            hashed = hash_token(tokens[name])
            known = tx.state.users.get(name)
            if known is None or known.token_sha256 != hashed:
                tx.record(
                    UserSet(name=name, role=role, token_sha256=hashed, rotated=known is not None), _FILE, name
                )

    try:
        await ledger.decide(adopt)
    except JOURNAL_ERRORS:
        for name, role in FILE_USERS.items():
            hashed = hash_token(tokens[name])
            ledger.state.users[name] = User(name=name, role=role, token_sha256=hashed, since=ledger.clock())
        ledger.state.undo.take()
    return tokens


def prepare_token_file(folder: Path, name: str, token: str) -> Path:
    """Lays a user's next token down beside the file, readable by its owner alone; the draft.

    It is put in place by ``place_token_file`` once the journal has it. Where that never came, the next start does it:
    without the draft the file's old token would be taken as the truth then, and come back to life.
    """
    draft = folder / f".{name}.{hash_token(token)[:16]}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def place_token_file(draft: Path, name: str) -> None:
    """Puts the token that was prepared in the place of the old one."""
    draft.replace(draft.parent / name)


def settle_token_files(state: State, folder: Path) -> None:
    """Puts prepared tokens in place that the journal has, and drops the others."""
    for name in FILE_USERS:
        user = state.users.get(name)
        for draft in folder.glob(f".{name}.*new"):
            if user is not None and user.token_sha256 == hash_token(draft.read_text().strip()):
                place_token_file(draft, name)
            else:
                draft.unlink()


def _read_or_make(path: Path) -> str:
    token = path.read_text().strip() if path.exists() else ""
    if not token:
        token = new_token()
        place_token_file(prepare_token_file(path.parent, path.name, token), path.name)
    return token
