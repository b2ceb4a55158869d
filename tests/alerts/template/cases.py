"""Templates over one sample with what promtool 2.42 makes of them, those that fail, and those that it refuses."""

from collections.abc import Mapping, Sequence

from alerts.promql import PromQLError, SampleStore
from alerts.promql.parser.parser import parse
from alerts.promql.query import evaluate_vector
from alerts.template import Facts, Sample, TemplateError

LABELS: Mapping[str, str] = {
    "__name__": "x",
    "instance": "db-1.example.org:9100",
    "job": "api",
    "level": "5",
    "word": "it's o'neil ü_x <b>",
}
VALUE = 1234567.25
EXTERNAL: Mapping[str, str] = {"cluster": "c"}
OTHER_SAMPLES: tuple[tuple[dict[str, str], float], ...] = (
    ({"__name__": "y", "n": "b"}, 2.0),
    ({"__name__": "y", "n": "a"}, 1.0),
)


def _query(expr: str) -> Sequence[Sample]:
    store = SampleStore()
    for labels, value in OTHER_SAMPLES:
        store.append(labels, 60_000, value)
    try:
        return [Sample(dict(one), value) for one, value in evaluate_vector(store, parse(expr), 60_000)]
    except PromQLError as error:
        raise TemplateError(str(error)) from error


FACTS = Facts(VALUE, LABELS, EXTERNAL, query=_query)

RENDERED: tuple[tuple[str, str], ...] = (
    # Values, fields and variables.
    ("plain { text } }}", "plain { text } }}"),
    (
        "{{ $value }} {{ .Value }} {{ $labels.job }} {{ .Labels.job }} [{{ $labels.none }}] {{ $.Value }}",
        "1.23456725e+06 1.23456725e+06 api api [] 1.23456725e+06",
    ),
    (
        "{{ $externalLabels.cluster }} {{ .ExternalLabels.cluster }} {{ $externalLabels }}",
        "c c map[cluster:c]",
    ),
    (
        "{{ $labels }}",
        "map[__name__:x instance:db-1.example.org:9100 job:api level:5 word:it's o'neil ü_x <b>]",
    ),
    ("{{ ($labels).job }} {{ ($value) }} {{ (.Labels).job | toUpper }}", "api 1.23456725e+06 API"),
    ("{{ $x := $labels.job }}{{ $x }}{{ $x = `z` }}{{ $x }}", "apiz"),
    ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}", "32"),
    ("{{ with $y := $labels.job }}{{ . }}{{ $y }}{{ end }}", "apiapi"),
    (
        '{{ true }} {{ false }} {{ `raw\\n` }} {{ "esc\\n\\t\\x41\\u00e9\\101\\"" }}',
        'true false raw\\n esc\n\tAéA"',
    ),
    (
        "{{ 1e6 }} {{ 1234567.0 }} {{ 1e20 }} {{ 0.0001 }} {{ 0.00001 }} {{ 999999.0 }} {{ 1_000 }} {{ 0x1F }} {{ 017 }}",
        "1e+06 1.234567e+06 1e+20 0.0001 1e-05 999999 1000 31 15",
    ),
    (
        "{{ 'a' }} {{ 1i }} {{ -3 }} {{-3}} {{ .5 }} {{ 0b11 }} {{ 0x1p4 }} {{ +2 }}",
        "97 (0+1i) -3 -3 0.5 3 16 2",
    ),
    # Trimming and comments.
    ("a  {{- $labels.job -}}  b", "aapib"),
    ("a {{- /* no */ -}} b{{/* a\ncomment */}}c", "abc"),
    ("a\n\n{{- if true }} y {{- end }}\n z", "a y\n z"),
    ("{{\n  $labels.job\n}}", "api"),
    # Control.
    ("{{ if eq $labels.job `api` }}yes{{ else }}no{{ end }}", "yes"),
    (
        "{{ if eq $labels.job `x` }}1{{ else if eq $labels.level `5` }}2{{ else if true }}3{{ else }}4{{ end }}",
        "2",
    ),
    (
        "{{ if and (gt $value 10.0) (ne $labels.job ``) }}a{{ end }}{{ if or false $labels.none }}b{{ end }}",
        "a",
    ),
    (
        "{{ if not $labels.none }}none{{ end }}{{ if $value }}v{{ end }}{{ if 0 }}0{{ end }}{{ if $labels }}l{{ end }}",
        "nonevl",
    ),
    ("{{ with $labels.none }}a{{ else }}b{{ end }}{{ with $labels.job }}[{{ . }}]{{ end }}", "b[api]"),
    (
        "{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}",
        "__name__=x;instance=db-1.example.org:9100;job=api;level=5;word=it's o'neil ü_x <b>;",
    ),
    (
        "{{ range $v := $labels }}{{ $v }};{{ end }}{{ range $externalLabels }}{{ . }}{{ end }}",
        "x;db-1.example.org:9100;api;5;it's o'neil ü_x <b>;c",
    ),
    (
        "{{ range $i, $s := query `sort(y)` }}{{ $i }}{{ $s.Labels.n }}{{ $s.Value }}{{ . | value }}{{ end }}",
        "0a111b22",
    ),
    ("{{ range query `nothing` }}a{{ else }}none{{ end }}", "none"),
    ("{{ range query `sort(y)` }}{{ if eq .Value 2.0 }}{{ break }}{{ end }}{{ .Value }}{{ end }}", "1"),
    ("{{ range query `sort(y)` }}{{ if eq .Value 1.0 }}{{ continue }}{{ end }}{{ .Value }}{{ end }}", "2"),
    (
        "{{ define `t` }}<{{ . }}{{ $ }}>{{ end }}{{ template `t` $value }}{{ template `t` `x` }}",
        "<1.23456725e+061.23456725e+06><xx>",
    ),
    ("{{ block `b` $labels.job }}[{{ . }}]{{ end }}", "[api]"),
    # Pipelines.
    (
        "{{ $value | humanize }} {{ $value | printf `%.1f` }} {{ $labels.job | toUpper | printf `%s-%s` `a` }}",
        "1.235M 1234567.2 a-API",
    ),
    (
        "{{ print 1 2 `a` `b` 3 4.5 true nil }}|{{ println `a` 1 }}|{{ print }}",
        "1 2ab3 4.5 true <nil>|a 1\n|",
    ),
    ("{{ and 1 0 2 }} {{ or 0 `x` 2 }}", "0 x"),
    ("{{ $labels.job | }}", "api"),
    # Comparisons.
    (
        "{{ eq 1 2 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt `b` `a` }} {{ ge 1.5 1.5 }} {{ eq true true }}",
        "true true true true true true true",
    ),
    (
        "{{ lt $value 2e6 }} {{ $value | lt 2e6 }} {{ eq $labels.level `5` }} {{ eq nil nil }}",
        "true false true true",
    ),
    # Go's other functions.
    (
        "{{ len $labels }} {{ len `äb` }} {{ index $labels `job` }} {{ index $labels `zz` }}. {{ index `abc` 1 }}",
        "5 3 api . 98",
    ),
    ("{{ slice `abcdef` 2 4 }} {{ slice `abc` 1 }} {{ index (query `sort(y)`) 1 | value }}", "cd bc 2"),
    (
        "{{ html `<a href='x'>&\"` }} {{ js `it's <x> \"q\"=&` }} {{ urlquery `a b&c/~é` 1 }}",
        '&lt;a href=&#39;x&#39;&gt;&amp;&#34; it\\\'s \\u003Cx\\u003E \\"q\\"\\u003D\\u0026 a+b%26c%2F~%C3%A91',
    ),
    (
        "{{ $labels.word | html }} {{ $labels.word | urlquery }}",
        "it&#39;s o&#39;neil ü_x &lt;b&gt; it%27s+o%27neil+%C3%BC_x+%3Cb%3E",
    ),
    # printf.
    ('{{ printf "%d %d %v %s %T %T" 1 `a` 1.0 "x" $value 1 }}', "1 %!d(string=a) 1 x float64 int"),
    (
        '{{ printf "%6.2f|%-8v|%08.3f|%+d|%x|%X|%q|%U|%c|%t|%5t" 3.14159 "a" -3.14159 5 255 "hi" "q\\"x" 65 65 true false }}',
        '  3.14|a       |-003.142|+5|ff|6869|"q\\"x"|U+0041|A|true|false',
    ),
    (
        '{{ printf "%e %E %g %G %.3g %.3v %v" 1234.5 1e-10 1e6 1e-10 1234.5 1234.5678 1234567.0 }}',
        "1.234500e+03 1.000000E-10 1e+06 1E-10 1.23e+03 1.23e+03 1.234567e+06",
    ),
    (
        '{{ printf "%*d|%-*d|%[2]d %[1]d|%.*f" 5 42 4 7 2 3.14159 }}',
        "   42|7   |42 5|%!f(int=000000000000000000000000000000000000000004)",
    ),
    (
        '{{ printf "%[2]d %[1]d" 1 2 }} {{ printf "%[3]d" 1 }} {{ printf "%[x]d" 1 }}',
        "2 1 %!d(BADINDEX) %!d(BADINDEX)",
    ),
    (
        '{{ printf "%s" }} {{ printf "x" 1 `a` nil }} {{ printf "%" }} {{ printf "%z" 1 }} {{ printf "%!" 1.5 }}',
        "%!s(MISSING) x%!(EXTRA int=1, string=a, <nil>) %!(NOVERB) %!z(int=1) %!!(float64=1.5)",
    ),
    (
        '{{ printf "%v %s %d %+v" nil nil nil nil }} {{ printf "%5v|%-5v|" nil true }}',
        "<nil> %!s(<nil>) %!d(<nil>) <nil> <nil>|true |",
    ),
    (
        '{{ printf "%v %s %q" $externalLabels $externalLabels $externalLabels }}',
        'map[cluster:c] map[cluster:c] map["cluster":"c"]',
    ),
    (
        '{{ printf "%t %t" true 1 }} {{ printf "%s %d" 1.5 1.5 }} {{ printf "%.2f%%" 12.345 }}',
        "true %!t(int=1) %!s(float64=1.5) %!d(float64=1.5) 12.35%",
    ),
    ('{{ printf "%o %O %b %#x %#o %#b %x %X" 8 8 5 255 8 5 -255 255 }}', "10 0o10 101 0xff 010 0b101 -ff FF"),
    (
        '{{ printf "%05d|%+05d|% d|%x|% x|%#x|%-5d|%.5d|%8.3d" -42 42 42 `hé` `hi` `hi` 7 42 7 }}',
        "-0042|+0042| 42|68c3a9|68 69|0x6869|7    |00042|     007",
    ),
    (
        '{{ printf "%5s|%-5s|%.2s|%05s|%5.1s|%q|%#q" "é" "b" "abc" "d" "xyz" "a\\tb\\u200b" "raw" }}',
        '    é|b    |ab|0000d|    x|"a\\tb\\u200b"|`raw`',
    ),
    (
        '{{ printf "%x %X %x" 1.0 -0.1 255.5 }} {{ printf "%6.1f|%+.1e|% f" 2.25 12345.678 1.5 }}',
        "0x1p+00 -0X1.999999999999AP-04 0x1.ffp+07    2.2|+1.2e+04| 1.500000",
    ),
    (
        '{{ printf "%+d|%+.2f|%5s|%.1d|%08s" `a` 3 1.5 `x` true }} {{ printf "%+v %+v" 3 `a` }}',
        "%!d(string=a)|%!f(int=+03)|%!s(float64=  1.5)|%!d(string=x)|%!s(bool=0000true) 3 a",
    ),
    ('{{ printf "%#v %#v" 1 `a` }} {{ printf "%q %q" 65 `x` }} {{ printf "%c" 9731 }}', '1 "a" \'A\' "x" ☃'),
    (
        '{{ printf "%v|%f|%5.1f|%+v|%d" (parseDuration `1h`) 0.0 1e3 1.5 true }}',
        "3600|0.000000|1000.0|1.5|%!d(bool=true)",
    ),
    # Prometheus' functions.
    (
        "{{ humanize 0.00012 }} {{ humanize `1500` }} {{ humanize 5 }} {{ humanize 0.0 }} {{ humanize 1e30 }} {{ humanize -0.5 }}",
        "120u 1.5k 5 0 1e+06Y -500m",
    ),
    (
        "{{ humanize1024 1048576.0 }} {{ humanize1024 1e30 }} {{ humanize1024 0.5 }} {{ humanize1024 1024.0 }} {{ humanize1024 -2048.0 }}",
        "1Mi 8.272e+05Yi 0.5 1ki -2ki",
    ),
    (
        "{{ humanizeDuration 0.0 }} {{ humanizeDuration 0.00012 }} {{ humanizeDuration 59.5 }} {{ humanizeDuration 3723.0 }}",
        "0s 120us 59.5s 1h 2m 3s",
    ),
    (
        "{{ humanizeDuration 90061.0 }} {{ humanizeDuration -65.0 }} {{ humanizeDuration 1e-30 }} {{ humanizeDuration `7` }}",
        "1d 1h 1m 1s -1m 5s 1e-06ys 7s",
    ),
    (
        "{{ humanizePercentage 0.1234567 }} {{ humanizePercentage 1 }} {{ humanizePercentage `0.5` }}",
        "12.35% 100% 50%",
    ),
    (
        "{{ humanizeTimestamp 1435065584.1289 }} {{ humanizeTimestamp -1.5 }} {{ toTime 1.5 }} {{ (toTime 1e9).Year }}",
        "2015-06-23 13:19:44.128 +0000 UTC 1969-12-31 23:59:58.5 +0000 UTC 1970-01-01 00:00:01.5 +0000 UTC 2001",
    ),
    (
        "{{ with query `sort(y)` | first }}{{ .Labels.n }} {{ . | value }} {{ label `n` . }}{{ strvalue . }}{{ end }}",
        "a 1 a",
    ),
    ("{{ range sortByLabel `n` (query `y`) }}{{ .Labels.n }}{{ end }} {{ query `sort(y)` | len }}", "ab 2"),
    (
        "{{ query `y{n='a'}` | first | value | humanize }} {{ query `scalar(y{n='a'})` | first | value }}",
        "1 1",
    ),
    ("{{ with printf `y{n='%s'}` `b` | query }}{{ . | first | value }}{{ end }}", "2"),
    (
        "{{ reReplaceAll `(\\\\w+):(\\\\d+)` `$2-${1}x$1x$$` `a:1 b:2` }}|{{ reReplaceAll `a*` `x` `baac` }}",
        "a:1 b:2|xbxcx",
    ),
    (
        "{{ reReplaceAll `(?P<n>b)` `[$n]` `abc` }} {{ $labels.instance | reReplaceAll `:.*` `` }} {{ reReplaceAll `` `-` `é` }}",
        "a[b]c db-1.example.org -é-",
    ),
    (
        "{{ match `^a` `api` }} {{ match `(?i)API` $labels.job }} {{ if match `b.` `abc` }}m{{ end }}",
        "true true m",
    ),
    (
        "{{ title $labels.word }} {{ title `hello wORLD-wide a_b` }} {{ toUpper `straße é` }} {{ toLower `ÀB` }}",
        "It'S O'Neil Ü_x <B> Hello WORLD-Wide A_b STRAßE É àb",
    ),
    (
        "{{ stripPort $labels.instance }} {{ stripPort `[::1]:80` }} {{ stripPort `::1` }} {{ stripPort `h` }} {{ stripPort `h:` }}",
        "db-1.example.org ::1 ::1 h h",
    ),
    (
        "{{ stripDomain $labels.instance }} {{ stripDomain `1.2.3.4:5` }} {{ stripDomain `[::1]:80` }} {{ stripDomain `a.b.c` }}",
        "db-1:9100 1.2.3.4:5 [::1]:80 a",
    ),
    (
        '{{ graphLink `up > 1` }} {{ tableLink `a{b="c d"}` }}',
        "/graph?g0.expr=up+%3E+1&g0.tab=0 /graph?g0.expr=a%7Bb%3D%22c+d%22%7D&g0.tab=1",
    ),
    (
        "{{ (args 1 `b`).arg1 }} {{ (args 1).arg0 }} {{ safeHtml `<b>` }} {{ parseDuration `1h30m` }} {{ (args 1).arg9 }}",
        "b 1 <b> 5400 <no value>",
    ),
    # Labels are data.
    (
        "{{ printf `%s` $labels.word }} {{ $labels.word | printf `%q` }}",
        "it's o'neil ü_x <b> \"it's o'neil ü_x <b>\"",
    ),
    ('{{ `{{ $value }}` }} {{ "}}" }}', "{{ $value }} }}"),
)

FAILING = (
    "{{ gt $value 5 }}",
    "{{ $value.foo }}",
    "{{ .foo }}",
    "{{ first (query `nothing`) }}",
    "{{ len 3 }}",
    "{{ title 3 }}",
    "{{ title $value }}",
    "{{ title }}",
    "{{ humanize `many` }}",
    "{{ humanize true }}",
    "{{ reReplaceAll `(` `b` `c` }}",
    "{{ match `(` `b` }}",
    "{{ query `sum(` }}",
    "{{ index `abc` 9 }}",
    "{{ range 5 }}x{{ end }}",
    "{{ range $labels.job }}x{{ end }}",
    "{{ template `none` }}",
    "{{ $labels.job 3 }}",
    "{{ 3 | $value }}",
    "{{ $labels.job.more }}",
    "{{ call $value }}",
    "{{ lt true false }}",
    "{{ eq $labels $labels }}",
    "{{ humanizeTimestamp 1e12 }}",
    "{{ parseDuration `soon` }}",
    "{{ $value | title }}",
    "{{ slice `abc` 2 1 }}",
    "{{ stripPort }}",
)

REFUSED = (
    "{{ $value",
    "{{ }}",
    "{{ nothing }}",
    "{{ $other }}",
    '{{ "a\\%" }}',
    '{{ "a\\\'" }}',
    '{{ "a',
    "{{ `a }}",
    "{{ if $value }}",
    "{{ end }}",
    "{{ else }}",
    "{{ if $value }}a{{ else }}b{{ else }}c{{ end }}",
    "{{ range }}a{{ end }}",
    "{{ ($value }}",
    "{{ $value) }}",
    "{{ $value | | title }}",
    "{{ | $value }}",
    "{{ $value | `a` }}",
    "{{ 1x }}",
    "{{ 99999999999999999999 }}",
    "{{ 'ab' }}",
    "{{ /* a */ }}",
    "{{/* a }}",
    "{{ break }}",
    "{{ $x }}{{ $x := 1 }}",
    "{{ with $y := 1 }}{{ end }}{{ $y }}",
    "{{ define `a` }}{{ $labels }}{{ end }}",
    "{{ if true }}{{ define `a` }}{{ end }}{{ end }}",
    "{{ template $value }}",
    "{{ `a`.b }}",
    "{{ $labels-job }}",
    "{{ $a, $b := 1 }}",
    "{{ ü% }}",
    '{{ "a""b" }}',
    "{{ now }}",
    "{{ . | nil }}",
    "{{ humanize $value ) }}",
)
