# The commands of this house; `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
SHELL  := bash
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Hundreds of short processes are started here; each would compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run console test test-all lint check check-deciding check-answering drill chaos soak attack bench pictures lock reference format clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): setup.cfg pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is %s. Try: make PYTHON=python3.11 $(MAKECMDGOALS)" % sys.version.split()[0])'
	@test -d $(VENV) || { echo "· creating $(VENV)"; $(PYTHON) -m venv $(VENV) || { echo "make: could not create $(VENV); on Debian: apt-get install python3-venv"; exit 1; }; }
	@echo "· installing (a minute on first use; log in $(VENV)/install.log)"
	@{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.lock && \
	   $(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . ; } >$(VENV)/install.log 2>&1 \
	  || { tail -n 15 $(VENV)/install.log; echo "make: the installation failed; the whole log is $(VENV)/install.log. Run make setup again when the cause is gone."; exit 1; }
	@touch $@

setup: $(STAMP) ## Create .venv and install everything into it

run: $(STAMP) ## Bring up the local stack and open the console
	@$(BIN)/ops up

console: $(STAMP) ## Open the console on a stack that runs
	@$(BIN)/ops console

test: $(STAMP) ## The whole suite but the slow part
	@$(BIN)/python -m pytest -n 4 --dist loadgroup -m "not slow" -rs

test-all: test ## The suite, then the slow part: drills, peers, kill -9 rounds
	@$(BIN)/python -m pytest -n 3 --dist loadgroup -m slow -rs

lint: $(STAMP) ## Format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache 2>&1 | tail -n 12; test $${PIPESTATUS[0]} -eq 0
	@$(BIN)/mypy server alerts runbooks web console tests bench load_tests

# Rooms whose tests decide and compare, and start no program of ours.
DECIDING  := tests/alerts tests/runbooks tests/web tests/house tests/console/model tests/console/text
ANSWERING := tests/server/api/providers tests/server/api/auth tests/server/runner/test_redaction.py
QUICK     := $(BIN)/python -m pytest -n 0 -m "not slow and not stack and not peer and not lengthy"

check: $(STAMP) ## The same, and the quick tests beside it: under a minute, before every commit
	@$(MAKE) --no-print-directory -j 3 --output-sync=target lint check-deciding check-answering

check-deciding: $(STAMP)
	@$(QUICK) $(DECIDING)

check-answering: $(STAMP)
	@$(QUICK) $(ANSWERING)

lock: $(STAMP) ## Resolve setup.cfg anew into requirements.lock, for every Python from 3.11
	@echo "setuptools>=80" | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --all-extras --upgrade setup.cfg - -o requirements.lock
	@echo "· requirements.lock: $$(grep -c '==' requirements.lock) packages"

reference: $(STAMP) ## Write docs/commands.md and the man pages (build/man) from the program
	@$(BIN)/python -m console.cli.reference >/dev/null && echo "· docs/commands.md, build/man/man1"

format: $(STAMP) ## Rewrite the sources in the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix -q .

drill: $(STAMP) ## Cause every alert for real and cure it with its runbook
	@$(BIN)/ops drill --all

chaos: $(STAMP) ## A thousand kill -9 rounds against the ops daemon (about 25 minutes)
	@$(BIN)/python -m pytest -s -m slow tests/server/runner --chaos-rounds 1000

soak: $(STAMP) ## An hour of outages against one ops daemon: nothing piles up
	@$(BIN)/python -m pytest -s -n 0 -m slow tests/server/ops/test_soak.py --soak-minutes 60
	@$(BIN)/python -m pytest -s -n 0 -m slow tests/console/tui/test_soak.py --soak-minutes 10

attack: $(STAMP) ## Hostile input against a throw-away stack: tried and held (about 10 minutes)
	@$(BIN)/python -m tests.attack

bench: $(STAMP) ## Side-by-side measurements; writes PERFORMANCE_TEST_RESULTS.md
	@$(BIN)/python -m bench

pictures: $(STAMP) ## Pictures of every screen of the console, in build/pictures
	@XDG_CONFIG_HOME=$$(mktemp -d) $(BIN)/python -m tests.console.pictures build/pictures

clean: ## Remove the environment and caches (never var/, which holds your data)
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .hypothesis
