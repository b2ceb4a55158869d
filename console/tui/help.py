"""What each key does, here and now: at most 79 columns."""

HELP = """\
 THE LIST                              THE RUNBOOK
 j k arrows  down, up                  j k          next, previous step
 g G         top, bottom               r, Enter     run the step at the cursor
 ctrl+d/u    half a page               ctrl+d/u     scroll
 n N         next untaken critical     o            whole output in $PAGER
 Enter       the incident              ctrl+c       stop or leave a running step
 r           its runbook               q            back to the list
 a           acknowledge the incident
 u           undo that, within 10 s    A read step runs at once. A change shows
 c           note on the incident      the exact command and asks: y runs it,
 x           actions                   anything else cancels. A destructive one
 / . p       filter, new rows, pause   wants its object's name typed.
 y Y         copy id, summary
 tab         list or runbook           ?  this help      ctrl+q  quit

 FILTER  words are ANDed; !word; sev:>=warning; svc:api; label:value; /regex/;
         is:acked|firing|pending|stale|silenced; an empty line shows everything

 STATES  ! critical and firing  p pending  r resolved  ? its source is silent
         A acknowledged  S silenced  I inhibited  M maintenance  ~n flapping
         MTTR counts down to the target; -04:10 is four minutes past it

 The dot: live, or how long the server has been silent; what is dimmed may no
 longer be true. Leaving the console stops no step: the daemon owns every run.
"""
