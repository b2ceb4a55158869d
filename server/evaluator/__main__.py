"""``python -m server.evaluator``: the evaluator as a process."""

import argparse
import logging
import os
import sys

from aiohttp import web

from alerts.rule import RuleFileError
from server.evaluator.app import create_app
from server.evaluator.clock import SystemClock
from server.evaluator.config import EvaluatorConfig, EvaluatorConfigError
from server.evaluator.rule_files import load_rules
from server.http.listener_limits import IDLE_S
from server.start_heap import keep_start_heap

_DEEPEST = 6_000
"""Calls within each other, enough for about two thousand terms; a thread's stack bears more."""


def main() -> int:
    """Runs until a signal; 2 for settings or rules that make no sense."""
    arguments = _parser().parse_args()
    # An expression of many terms is a tree as deep.
    sys.setrecursionlimit(_DEEPEST)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        config = EvaluatorConfig.from_env(
            os.environ, compat=arguments.promql_compat, targets=arguments.target
        )
        rules = load_rules(config)
    except (EvaluatorConfigError, RuleFileError) as error:
        logging.critical("%s", error)
        return 2
    for fault in rules.faults.values():
        logging.error("rule file left out: %s", fault)
    for fault in config.scrape_faults:
        logging.error("left out of the scrape file: %s", fault)
    app = create_app(config, rules, SystemClock())
    keep_start_heap()
    try:
        web.run_app(
            app, host=config.bind, port=config.port, access_log=None, print=None, keepalive_timeout=IDLE_S
        )
    except OSError as error:
        logging.critical("cannot listen on %s:%d: %s", config.bind, config.port, error.strerror or error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.evaluator", description=__doc__)
    parser.add_argument(
        "--promql-compat",
        type=int,
        choices=(2, 3),
        help="whose range windows: Prometheus 2's or 3's (default 3)",
    )
    parser.add_argument(
        "--target", action="append", default=[], metavar="JOB=URL", help="scrape this (may be repeated)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
