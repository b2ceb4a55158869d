"""What named people are told that is no outage: an approval is wanted, the glass was broken, a post-mortem is due."""

from alerts.incident import Incident
from server.ops.paging.escalations import INCIDENTS, decide_page
from server.ops.paging.on_call import AUDIENCE, called_at
from server.ops.state.ledger import Transaction
from server.ops.state.state import Approval
from server.ops.users import RANK


def tell_approvers(tx: Transaction, wanted: Approval) -> None:
    """Calls whoever may agree and is among the contacts; where nobody is, who is on call at L2."""
    approvers = {
        user.name
        for user in tx.state.users.values()
        if RANK.get(user.role, 0) >= RANK["approver"] and user.name != wanted.asked_by
    }
    people = tuple(person.id for person in tx.state.contacts.people.values() if person.user in approvers)
    text = (
        f"{wanted.asked_by} asks for approval of {wanted.title} on {wanted.object}: ops approve {wanted.id}"
    )
    decide_page(
        tx, "notice", people or called_at(tx.state, "L2", tx.now).people, text=text, by=wanted.asked_by
    )


def tell_of_broken_glass(tx: Transaction, title: str, what: str, by: str, reason: str) -> None:
    """Calls L2: somebody went past a missing approval or a read-only mode."""
    called = called_at(tx.state, "L2", tx.now)
    text = f"{by} broke the glass for {title} on {what}: {reason}"
    decide_page(tx, "notice", called.people, level=called.level, why=called.passed_on, text=text, by=by)


def remind_of_postmortem(tx: Transaction, incident: Incident) -> None:
    """Tells whoever had the incident that its post-mortem is due within a day, or overdue, and its audience too.

    Where that person is not among the contacts, who is on call at L1 is told; once it is overdue, L2 as well.
    """
    due_at = incident.postmortem_due_at
    if due_at is None:
        return
    overdue = incident.postmortem_reminded == "overdue"
    holders = {incident.assigned_to, incident.acknowledged_by} - {None, ""}
    people = tuple(p.id for p in tx.state.contacts.people.values() if holders & {p.id, p.user})
    people = people or called_at(tx.state, "L1", tx.now).people
    if overdue:
        people = tuple(dict.fromkeys((*people, *called_at(tx.state, "L2", tx.now).people)))
    if INCIDENTS in tx.state.contacts.audiences:
        people = (*people, f"{AUDIENCE}{INCIDENTS}")
    when = f"OVERDUE since {due_at:%Y-%m-%d %H:%MZ}" if overdue else f"due {due_at:%Y-%m-%d %H:%MZ}"
    text = f"post-mortem of incident {incident.id}, {incident.title}: {when}; ops postmortem {incident.id}"
    decide_page(tx, "notice", people, incident_id=incident.id, text=text)
