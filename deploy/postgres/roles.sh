#!/bin/sh
# Runs once, when the data folder is new: the roles and the database of the local stack, with passwords from the secrets.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set "own=$(cat "${POSTGRES_SECRETS:-/run/secrets}/postgres_password")" \
  --set "reading=$(cat "${POSTGRES_SECRETS:-/run/secrets}/postgres_read_password")" <<'SQL'
CREATE ROLE structured_prompt LOGIN CREATEDB IN ROLE pg_monitor, pg_signal_backend;
CREATE ROLE structured_prompt_read LOGIN IN ROLE pg_monitor, pg_read_all_data, pg_use_reserved_connections;
CREATE DATABASE structured_prompt_db OWNER structured_prompt;
ALTER ROLE structured_prompt PASSWORD :'own';
ALTER ROLE structured_prompt_read PASSWORD :'reading';
SQL
