"""What `ops help TOPIC` says about things that are of no one command."""

from collections.abc import Mapping

MEANT_TOPICS: Mapping[str, str] = {
    "time": "filters", "times": "filters", "since": "filters", "ids": "filters", "search": "filters",
    "exit": "exit-codes", "codes": "exit-codes", "errors": "exit-codes", "variables": "environment",
    "json": "output", "quiet": "output", "columns": "output", "colour": "output", "color": "output", "pager": "output",
    "tables": "output", "ladder": "paging", "escalation": "paging", "windows": "maintenance", "practice": "drills",
}  # fmt: skip
"""Words that people try, and the topic that has what they look for."""
TOPICS: Mapping[str, str] = {
    "paging": """
Who is called, when, and how to answer.

An incident calls its levels by a ladder of deadlines: for a critical one L1 at
once and again after 2 and 5 minutes, L2 after 10, L3 after 20, then everybody
every 15 minutes; for a warning L1 at half of its target and L2 at its breach.
`ops contacts show` says which ladder holds, `ops incidents` who is called next
and when.

  ops ack 42            takes it: the ladder stops, and begins again where
                        nobody works on it any more
  ops incident 42 escalate    calls the next level now
  ops oncall set L1 ana --for 8h
  ops page L2 "please look at checkout"
  ops pages             who was called, over which channel, and what became of
                        it
  ops contacts test ana sends a test page

People, levels and channels stand in contacts.yml of the state folder;
`ops config show contacts.yml --default` prints one to begin with and
`ops config check` reads it. Without one the local user is called by a line in
notifications.log of the state folder.
""",
    "maintenance": """
A maintenance window, from the announcement to the end.

  ops maintenance schedule --help    what, when, which components, who owns it
  ops maintenance announce N         page, feeds, channel and customers get the
                                     same text; --preview shows it
  ops maintenance check-in N         it begins when a person says so, and mutes
                                     its alerts from then on
  ops maintenance update N TEXT      at least every 15 minutes: the page says
                                     "overdue" where nobody does
  ops maintenance verify N, complete N

`ops maintenance list` says what is planned and under way (`ops windows` is the
same).
""",
    "drills": """
Practice: a fault is caused for real in a throw-away stack, found and cured by
its runbook.

  ops drills            the drills there are, and how the last one of each went
  ops drill APIDown     runs by itself, and prints the times of detection and
                        cure
  ops drill APIDown --human   you cure it, against the clock
  ops drill --all       all of them, one after another
  ops rehearse          runs the read steps of every runbook on what is here;
                        each day by itself
""",
    "filters": """
Words that narrow a list; all of them have to fit, and ! before one turns it
round.

  word            in the name, service, summary or the person who has it
  /pattern/       the same by a regular expression (RE2)
  sev:critical    also sev:>=warning
  svc:api         the service begins with it
  is:firing       alerts: firing, pending, stale, resolved, acked, silenced,
                  inhibited, maintenance, flapping
                  incidents and executions: their states
  by:ana          incidents, executions, journal: whose they are
  kind:change     executions: read, change, destructive; journal: kind:incident
  team:web        alerts: any label has that in its value

  ops alerts --filter 'sev:>=warning !is:inhibited'
  ops audit --since 'yesterday 14:00' --filter 'by:ana kind:execution'

  ops ack --filter 'svc:api sev:critical'    every open incident that passes

--since and --until of lists: alerts by when they began, incidents by their
detection, executions and pages by when they were asked for, rows of the
journal and lines of logs by their time.

Times: 10m (ago), 03:12, yesterday 14:00, 2026-01-31, 2026-01-31T09:00Z; in UTC
where --local is not given.

Ids: the begin of one is enough where it is the only one; `last` is the
incident that began or came back last, or the latest execution, `.` the
incident in hand at this terminal, which you acknowledged or opened last.
""",
    "output": """
What commands print, for people and for scripts.

  --json        one document, of the types in API.md; an error is one too,
                {"error": {"type", "message", ...}}
  --quiet, -q   nothing but ids, a line each, of what was listed or done;
                nothing where there is no id
  --watch       shows it anew every two seconds where it has changed, until
                Ctrl-C
  --wide        cuts no line at the terminal's edge
  --columns id,title   shows these columns alone
  --color       auto colours states and severities at a terminal, always
                everywhere, never nowhere
  --local       times given and shown are of this machine's zone, else UTC

A list that is empty says so in a sentence, and prints nothing under --quiet
and [] under --json. More than a screen goes through PAGER (less); not into a
pipe, not under --json. Lists under --json are arrays, one thing is an object:

  alerts, alert             AlertView
  incidents, incident       IncidentView
  ack, unack, note          IncidentView
  silences                  SilenceView
  executions                ExecutionView
  run, act, attach, cancel  ExecutionView
  approvals, approve        ApprovalView
  changes                   ChangeView
  locks                     LockView
  runbooks                  RunbookView
  act --list                ActionView
  maintenance               MaintenanceView
  public, announce          PublicIncidentView
  contacts, oncall          ContactsView
  page, pages               PageView
  report                    OnCallReport
  postmortem                PostmortemView
  users, whoami             UserView, PersonView
  audit                     AuditEntry
  ps                        ServiceView
  rehearse                  RehearsalView
  config check              ConfigurationFileView

undo is {"undone", "incidents", "silences", "text"}, backup-state {"archive",
"bytes", "files", "seq", "removed"}, restore-state {"state", "made_at", "seq",
"anchored"}; run, act and attach add
"stdout" and "stderr" with what was printed. `ops logs --json` and
`ops events --json` are NDJSON, a document a line. What has no command:
ops api GET /v1/...

  ops ack --filter svc:api -q
  ops alerts --json --filter is:firing
  ops wait 'alert:APIDown is resolved' --timeout 5m -q
""",
    "exit-codes": """
  0    done
  1    failed: what was asked for did not succeed, or a check found something
  2    wrong usage, or a name or id that is not there
  3    not reachable: no daemon answers
  4    refused: the role may not, a lock is held, an approval is missing, the
       state has moved on
  130  interrupted by Ctrl-C

With --json an error is a document too, {"error": {"type", "message", "field",
"details"}}, on standard output; the sentence stays on standard error.
""",
    "environment": """
  OPS_URL, OPS_TOKEN    a daemon elsewhere, as --url and --token
  OPS_STATE             state folder of a local stack, as --state
  OPS_PROFILE           a daemon by name, as --profile; see ops profile
  NO_COLOR              no colour; nor with TERM=dumb, nor into a pipe
  PAGER                 shows what is longer than a screen; less where it is
                        not set, nothing where it is empty

What is typed counts before the environment.
""",
}
"""By name; the first line says what it is about."""
