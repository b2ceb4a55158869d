"""When each runbook was last proven: by a drill that caused its alert, and by a rehearsal of its steps."""

import msgspec

from runbooks.wire import ProofKind, ProofView, RunbookView
from server.ops.state.state import State, proof_key


def with_proofs(state: State, runbook: RunbookView) -> RunbookView:
    """The runbook with its latest drill and rehearsal."""
    drilled, rehearsed = (_proof(state, runbook, kind) for kind in ("drill", "rehearsal"))
    passed = [proof.at for proof in (drilled, rehearsed) if proof and proof.passed]
    return msgspec.structs.replace(
        runbook, drilled=drilled, rehearsed=rehearsed, last_proven_at=max(passed, default=None)
    )


def _proof(state: State, runbook: RunbookView, kind: ProofKind) -> ProofView | None:
    proof = state.proofs.get(proof_key(kind, runbook.id))
    if proof is None:
        return None
    return ProofView(
        kind=proof.kind,
        at=proof.at,
        by=proof.by,
        passed=proof.passed,
        digest=proof.digest,
        changed_since=proof.digest != runbook.digest,
        findings=proof.findings,
        text=proof.text,
    )
