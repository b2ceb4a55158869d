#!/bin/sh
# Before the first `docker-compose up -d`: makes the secrets that are not there yet, and .env. Needs sh and coreutils.
#   scripts/compose_setup.sh [ops|host-ops|apart]     which services run besides; see docker-compose.yml
set -eu
umask 077
cd "$(dirname "$0")/.."

profile=${1:-}
case "$profile" in
  "" | ops | host-ops | apart) ;;
  *) echo "compose_setup: $profile is no profile; there are ops, host-ops and apart" >&2; exit 2 ;;
esac

secrets=deploy/secrets
mkdir -p "$secrets"
chmod 700 "$secrets"

# The folder keeps others out; the files must be readable to the users of the containers.
secret() {
  if [ ! -s "$secrets/$1" ]; then
    printf '%s%s\n' "$2" "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$secrets/$1.new"
    mv "$secrets/$1.new" "$secrets/$1"
    echo "made $secrets/$1"
  fi
  chmod 644 "$secrets/$1"
}

for name in postgres_superuser_password postgres_password postgres_read_password api_admin_token api_metrics_token \
  ops_journal_key; do
  secret "$name" ""
done
for name in ops_admin_token ops_ingest_token ops_metrics_token; do
  secret "$name" ops_
done
printf 'postgresql://structured_prompt:%s@postgres:5432/structured_prompt_db\n' "$(cat "$secrets/postgres_password")" \
  >"$secrets/database_url.new"
chmod 644 "$secrets/database_url.new"
mv "$secrets/database_url.new" "$secrets/database_url"

if [ ! -e .env ]; then
  cp .env.example .env
  echo "made .env from .env.example"
fi

# Leaves every other line of .env as it is.
set_line() {
  awk -v name="$1" -v line="$1=$2" '
    $0 ~ "^" name "=" { if (!done) print line; done = 1; next }
    { print }
    END { if (!done) print line }' .env >.env.new
  mv .env.new .env
}

if [ -n "$profile" ]; then
  set_line COMPOSE_PROFILES "$profile"
  if [ "$profile" = apart ]; then
    set_line COMPOSE_FILE docker-compose.yml:deploy/compose/apart.yml
  else
    set_line COMPOSE_FILE docker-compose.yml
  fi
elif ! grep -q '^COMPOSE_PROFILES=' .env; then
  set_line COMPOSE_PROFILES ops
fi
grep -q '^COMPOSE_PROJECT_NAME=' .env || set_line COMPOSE_PROJECT_NAME structured-prompt

echo "ready with COMPOSE_PROFILES=$(sed -n 's/^COMPOSE_PROFILES=//p' .env)"
