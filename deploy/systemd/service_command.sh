#!/bin/sh
# SERVICE_COMMAND for TARGET=procfile where systemd runs the services. 50-structured-prompt.rules lets the daemon's user
# do it. POSTGRES_UNIT and REDIS_UNIT name other units; SYSTEMCTL and JOURNALCTL other programs than those on the PATH.
set -u
systemctl=${SYSTEMCTL:-systemctl}
journalctl=${JOURNALCTL:-journalctl}
postgres=${POSTGRES_UNIT:-postgresql.service}
redis=${REDIS_UNIT:-redis-server.service}
services="api evaluator status postgres redis ops"

unit() {
  case "$1" in
    api | evaluator | status | ops) echo "$1.service" ;;
    postgres) echo "$postgres" ;;
    redis) echo "$redis" ;;
    *) echo "service_command: there is no service $1; there are $services" >&2; exit 64 ;;
  esac
}

state() {
  case "$1" in
    active) echo running ;;
    activating | reloading) echo starting ;;
    deactivating) echo stopping ;;
    failed) echo fatal ;;
    *) echo stopped ;;
  esac
}

refuse() {
  echo "service_command: $* is unavailable here" >&2
  exit 64
}

verb=${1:-}
name=${2:-}
case "$verb" in
  list)
    for each in $services; do
      is=$("$systemctl" show --property ActiveState --value "$(unit "$each")")
      pid=$("$systemctl" show --property MainPID --value "$(unit "$each")")
      if [ "${pid:-0}" = 0 ]; then pid=; fi
      echo "$each $(state "$is")${pid:+ $pid}"
    done
    ;;
  logs)
    of=$(unit "$name") || exit
    exec "$journalctl" --unit "$of" --lines "${3:-100}" --no-pager --output cat
    ;;
  start | stop | restart)
    if [ "$name" = all ]; then
      exec "$systemctl" "$verb" "$postgres" "$redis" api.service evaluator.service status.service
    fi
    of=$(unit "$name") || exit
    if [ "$name" = ops ]; then refuse "$verb ops"; fi
    exec "$systemctl" "$verb" "$of"
    ;;
  roll)
    if [ "$name" != api ]; then refuse "roll $name"; fi
    exec "$systemctl" reload api.service
    ;;
  *) refuse "$*" ;;
esac
