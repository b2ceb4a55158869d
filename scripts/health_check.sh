#!/bin/sh
# Is the service well? Asks each part that is published here, with sh and curl alone.
#   scripts/health_check.sh            every line names what was asked; exit code 0 well, 1 not well, 2 wrong usage
#   API_KEY=… scripts/health_check.sh  makes an analyze call too
# Parts are asked at API_URL, OPS_URL, STATUS_URL and PROMETHEUS_URL; an empty one is left out.
set -u

api=${API_URL-http://localhost:8000}
ops=${OPS_URL-http://localhost:8001}
status=${STATUS_URL-http://localhost:8080}
prometheus=${PROMETHEUS_URL-http://localhost:9090}
seconds=${HEALTH_CHECK_TIMEOUT_S:-5}
failed=0

if [ $# -gt 0 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
if ! command -v curl >/dev/null; then
  echo "health_check: curl is not installed" >&2
  exit 2
fi

# report MARK NAME TEXT
report() {
  printf '%s %-11s %s\n' "$1" "$2" "$3"
  if [ "$1" = '!!' ]; then failed=1; fi
}

# ask URL [curl's options]: sets code (000: no answer) and body
ask() {
  url=$1
  shift
  answer=$(curl --silent --max-time "$seconds" --write-out '\n%{http_code}' "$@" "$url")
  code=$(printf '%s\n' "$answer" | tail -n 1)
  body=$(printf '%s\n' "$answer" | sed '$d')
}

# said FIELD: a string field of the first level of a small JSON answer
said() {
  printf '%s' "$body" | tr -d '\n' | sed -n "s/^[^{]*{.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p" | head -n 1
}

# answers NAME URL: whether anything of 2xx comes
answers() {
  ask "$2"
  case "$code" in
    2*) report 'ok' "$1" "$2 answers" ;;
    000) report '!!' "$1" "$2 does not answer within $seconds s" ;;
    *) report '!!' "$1" "$2 answers $code" ;;
  esac
}

check_api() {
  ask "$api/v1/health"
  health=$(printf '%s' "$body" | tr -d '\n' | sed -n 's/^{[[:space:]]*"status"[[:space:]]*:[[:space:]]*"\([a-z]*\)".*/\1/p')
  version=$(said version)
  case "$code $health" in
    "200 healthy") report 'ok' api "healthy, version $version" ;;
    "200 degraded") report '! ' api "degraded: it serves without a part of it; see $api/v1/health" ;;
    "000 ") report '!!' api "$api/v1/health does not answer within $seconds s" ;;
    *) report '!!' api "$api/v1/health answers $code ${health:-without a status}" ;;
  esac
}

check_analyze() {
  ask "$api/v1/analyze/" --request POST --header 'Content-Type: application/json' --header "X-API-Key: $API_KEY" \
    --data '{"prompt": "Test after incident", "cache_ttl": 0}'
  case "$code" in
    200) report 'ok' analyze "a call was answered" ;;
    401) report '!!' analyze "the key in API_KEY is refused" ;;
    429) report '! ' analyze "the key in API_KEY is over its limit" ;;
    *) report '!!' analyze "a call was answered with $code: $(said message)" ;;
  esac
}

check_status() {
  answers status "$status/healthz"
  case "$body" in
    *'"stale"'*) report '! ' status "its page is old: the ops daemon has stopped to publish" ;;
  esac
}

check_scrape() {
  ask "$prometheus/api/v1/query" --get --data-urlencode 'query=min by (job) (up) == 0'
  away=$(printf '%s' "$body" | tr '{' '\n' | sed -n 's/^"job":"\([^"]*\)".*/\1/p' | tr '\n' ' ')
  case "$code" in
    200) if [ -n "$away" ]; then report '!!' scrapes "not answering: $away"; else report 'ok' scrapes "every target answers"; fi ;;
    000) report '!!' scrapes "$prometheus does not answer within $seconds s" ;;
    *) report '!!' scrapes "$prometheus answers $code" ;;
  esac
}

if [ -n "$api" ]; then
  check_api
  answers ready "$api/v1/ready"
  if [ -n "${API_KEY:-}" ]; then check_analyze; fi
fi
if [ -n "$ops" ]; then answers ops "$ops/v1/live"; fi
if [ -n "$status" ]; then check_status; fi
if [ -n "$prometheus" ]; then
  answers prometheus "$prometheus/-/healthy"
  check_scrape
fi

if [ "$failed" = 0 ]; then echo "verdict: well"; else echo "verdict: not well"; fi
exit "$failed"
