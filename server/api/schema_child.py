"""``python -m server.api.schema_child``: compiles and applies schemas, one question after the other, until its input ends.

Processor time and memory of a question are bounded: past them the kernel ends the process, whatever it is in.
"""

import resource
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import jsonschema_rs
import msgspec

from server.api.schema_process import Answer, SchemaQuestion, frame

_CPU_S = 1.0
_MEMORY = 1024 * 1024 * 1024
_GROWTH_PAGES = 96 * 1024 * 1024 // resource.getpagesize()
"""So much larger than at its start the process asks to be replaced: what an allocator took it seldom gives back."""
_SHELF = 256
_FAULTS = 10
_STEPS_BACK = 100_000
"""What a pattern with look-around, as Pydantic writes for decimals and zod for addresses, may go back: some milliseconds."""


class _SlowPatternError(Exception):
    """A pattern of the schema went back too often."""


class CompiledSchemas:
    """Compiled schemas by their digest."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._at_first = _pages()

    def answer(self, question: SchemaQuestion) -> Answer:
        """The answer to one question."""
        validator = self._known.get(question.digest)
        if validator is None:
            if not question.definition:
                return Answer(known=False, denied="", faults=[])
            try:
                validator = _compiled(msgspec.json.decode(question.definition))
            except (
                jsonschema_rs.ValidationError,
                jsonschema_rs.ReferencingError,
                ValueError,
                TypeError,
            ) as error:
                return Answer(known=True, denied=(str(error).splitlines() or ["?"])[0][:300], faults=[])
            self._keep(question.digest, validator)
        else:
            self._known.move_to_end(question.digest)
        try:
            faults = [] if question.value is None else _faults(validator, msgspec.json.decode(question.value))
        except _SlowPatternError:
            return Answer(known=True, denied="", faults=[], slow=True)
        leaving = _pages() - self._at_first > _GROWTH_PAGES
        return Answer(known=True, denied="", faults=faults, leaving=leaving)

    def _keep(self, digest: str, validator: Any) -> None:
        self._known[digest] = validator
        if len(self._known) > _SHELF:
            self._known.popitem(last=False)


def _compiled(definition: Any) -> Any:
    return jsonschema_rs.validator_for(
        definition,
        validate_formats=True,
        # What has no look around and no reference back goes to the linear engine all the same.
        pattern_options=jsonschema_rs.FancyRegexOptions(
            backtrack_limit=_STEPS_BACK, size_limit=1_000_000, dfa_size_limit=1_000_000
        ),
        offline=True,
    )


def _faults(validator: Any, value: Any) -> list[tuple[list[str | int], str]]:
    found: list[tuple[list[str | int], str]] = []
    for error in validator.iter_errors(value):
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.BacktrackLimitExceeded):
            raise _SlowPatternError
        path = [step if isinstance(step, int) else str(step) for step in error.instance_path]
        found.append((path, error.message[:500]))
        if len(found) >= _FAULTS:
            break
    return found


def _pages() -> int:
    """Resident pages of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1])


def _answer_all(into: BinaryIO, out: BinaryIO) -> None:
    schemas = CompiledSchemas()
    while len(length := into.read(4)) == 4:
        question = msgspec.msgpack.decode(into.read(int.from_bytes(length, "big")), type=SchemaQuestion)
        signal.setitimer(signal.ITIMER_PROF, _CPU_S)
        answer = schemas.answer(question)
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.write(frame(answer))
        out.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A signal for the whole group is no affair of ours: who asks us finishes its requests first, and then ends us.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _answer_all(sys.stdin.buffer, sys.stdout.buffer)
