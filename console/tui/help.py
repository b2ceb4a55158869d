"""What each key does, here and now."""

HELP = """\
 THE LIST                                     THE RUNBOOK
 j k, arrows   down, up                       j k           next, previous step
 g G           top, bottom                    r, Enter      run the step under the cursor
 ctrl+d ctrl+u half a page                    ctrl+d ctrl+u scroll
 n N           next, previous untaken CRIT    q             back to the list
 Enter         the incident and its timeline
 r             its runbook, steps runnable    A read step runs at once. A change step
 a             acknowledge the incident       shows the exact command and asks: y runs
 u             undo that, within 10 s         it, anything else cancels. A destructive
 c             write a note on it             one wants its object's name typed.
 x             actions                        ctrl+c on a running step: stop or leave
 /             filter                         o             its whole output in $PAGER
 . p           take new rows, pause
 y Y           copy the id, a summary         ?             this help
 tab           list or runbook                ctrl+q        quit

 FILTER   words are ANDed; !word; sev:>=warning; svc:api; is:acked|firing|pending|stale|silenced;
          label:value; /regular expression/; empty shows everything

 STATES   ! critical and firing   p pending   r resolved   ? stale (its source is silent)
          A acknowledged   S silenced   I inhibited by its cause   M in maintenance   ~n flapping
          LEFT counts down to the MTTR target and turns to -04:10 once it is past

 The dot in the first line: live, or how long the server has been silent. What is dimmed may
 no longer be true. Leaving the console stops no step: the ops daemon owns every run.
"""
