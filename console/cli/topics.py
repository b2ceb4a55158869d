"""What `ops help TOPIC` says about things that are of no one command."""

from collections.abc import Mapping

TOPICS: Mapping[str, str] = {
    "paging": """
Who is called, when, and how to answer.

An incident calls its levels by a ladder of deadlines: for a critical one L1 at once and again after 2 and 5
minutes, L2 after 10, L3 after 20, then everybody every 15 minutes; for a warning L1 at half of its target and L2
at its breach. `ops contacts show` says which ladder holds, `ops incidents` who is called next and when.

  ops ack 42            takes it: the ladder stops, and begins again where nobody works on it any more
  ops incident 42 escalate    calls the next level now
  ops oncall set L1 ana --for 8h
  ops page L2 "please look at checkout"
  ops pages             who was called, over which channel, and what became of it
  ops contacts test ana sends a test page

People, levels and channels stand in contacts.yml of the state folder; `ops config show contacts.yml --default`
prints one to begin with and `ops config check` reads it. Without one the local user is called by a line in
notifications.log of the state folder.
""",
    "maintenance": """
A maintenance window, from the announcement to the end.

  ops maintenance schedule --help    what, when, which components, who owns it
  ops maintenance announce N         page, feeds, channel and customers get the same text; --preview shows it
  ops maintenance check-in N         it begins when a person says so, and mutes its alerts from then on
  ops maintenance update N TEXT      at least every 15 minutes: the page says "overdue" where nobody does
  ops maintenance verify N, complete N

`ops maintenance list` says what is planned and under way.
""",
    "drills": """
Practice: a fault is caused for real in a throw-away stack, found and cured by its runbook.

  ops drill --list      the drills there are
  ops drill APIDown     runs by itself, and prints the times of detection and cure
  ops drill APIDown --human   you cure it, against the clock
  ops drill --all       all of them, one after another
  ops rehearse          runs the read steps of every runbook on what is here; each day by itself
""",
    "filters": """
Words that narrow a list; all of them have to fit, and ! before one turns it round.

  word            in the name, service, summary or the person who has it
  /pattern/       the same by a regular expression (RE2)
  sev:critical    also sev:>=warning
  svc:api         the service begins with it
  is:firing       alerts: firing, pending, stale, resolved, acked, silenced, inhibited, maintenance, flapping
                  incidents and executions: their states
  by:ana          incidents, executions, journal: whose they are
  kind:change     executions: read, change, destructive; journal: kind:incident
  team:web        alerts: any label has that in its value

  ops alerts --filter 'sev:>=warning !is:inhibited'
  ops audit --since 'yesterday 14:00' --filter 'by:ana kind:execution'

Times: 10m (ago), 03:12, yesterday 14:00, 2026-01-31, 2026-01-31T09:00Z; in UTC where --local is not given.
Ids: the begin of one is enough where it is the only one; `last` is the latest incident or execution, `.` the
incident in hand at this terminal, which is the one you acknowledged or opened last.
""",
    "exit-codes": """
  0    done
  1    failed: what was asked for did not succeed, or a check found something
  2    wrong usage, or a name or id that is not there
  3    not reachable: no daemon answers
  4    refused: the role may not, a lock is held, an approval is missing, the state has moved on
  130  interrupted by Ctrl-C

With --json an error is a document too, {"error": {"type", "message", "field", "details"}}, on standard output;
the sentence stays on standard error.
""",
    "environment": """
  OPS_URL, OPS_TOKEN    a daemon elsewhere, as --url and --token
  OPS_STATE             state folder of a local stack, as --state
  OPS_PROFILE           a daemon by name, as --profile; see ops profile
  NO_COLOR              no colour
  PAGER                 shows long outputs; less where it is not set

What is typed counts before the environment.
""",
}
"""By name; the first line says what it is about."""
