# Every task of this repository. `make` alone lists them.
# A Python of the system sets up .venv (scripts/setup.py); everything else runs in it.

PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)
BIN := .venv/bin
SEEDS ?= 1000
ARGS ?=
# Debian keeps the server's programs out of PATH.
POSTGRES := $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))

.DEFAULT_GOAL := help
.PHONY: help run test test-long hostile check fmt fmt-check lint types layers sim evals replay bench env lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Set up and start the server with the demo business (ARGS="--port 8081" goes to `dalpak serve`)
	@$(PYTHON) scripts/setup.py run
	@exec $(BIN)/dalpak serve $(ARGS)

test: ## Set up and run every test (ARGS="-k booking" goes to pytest)
	@$(PYTHON) scripts/setup.py test
	@PATH="$$PATH:$(POSTGRES)" exec $(BIN)/python -m pytest $(ARGS)

test-long: .venv/.installed-dev.txt ## Random policies against the oracle and hostile models, 100,000 of each
	@exec $(BIN)/python -m pytest --long $(ARGS)

hostile: .venv/.installed-dev.txt ## 100,000 calls with a model that attacks its callers
	@exec $(BIN)/python -m pytest --long tests/sim/test_hostile_model.py $(ARGS)

check: fmt-check lint types layers ## Everything that needs no test run: format, lint, types, layers

fmt: .venv/.installed-dev.txt ## Format the code and mend what can be mended safely
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

fmt-check: .venv/.installed-dev.txt
	@$(BIN)/ruff format --check .

lint: .venv/.installed-dev.txt ## Look for mistakes (ruff)
	@$(BIN)/ruff check .

types: .venv/.installed-dev.txt ## Check the types (mypy, strict)
	@$(BIN)/mypy

layers: .venv/.installed-dev.txt ## Check that imports only point down (import-linter)
	@$(BIN)/lint-imports --no-logo

sim: .venv/.installed-dev.txt ## Whole calls in virtual time, and whole days of an office: make sim SEEDS=1000
	@$(BIN)/python -m dalpak.simulator.world --seeds $(SEEDS) $(ARGS)
	@$(BIN)/python tests/sim/office_day.py --seeds $$(( ($(SEEDS) + 9) / 10 ))

evals: .venv/.installed-dev.txt ## Simulated callers over text: make evals ARGS="--noise 0 --conversations 300"
	@exec $(BIN)/python -m dalpak.cli.evals $(ARGS)

replay: .venv/.installed-dev.txt ## Replay a recorded call: make replay FILE=journal.jsonl
	@exec $(BIN)/dalpak replay $(FILE) $(ARGS)

bench: .venv/.installed-dev.txt ## What the parts on the hot path cost (bench/ has more)
	@$(BIN)/python bench/run.py

env: ## Write .env.example from src/dalpak/config.py
	@$(PYTHON) scripts/env_example.py

lock: .venv/.installed-dev.txt ## Write requirements/*.txt from pyproject.toml (ARGS=--upgrade for new versions)
	@$(BIN)/python scripts/lock.py $(ARGS)

clean: ## Remove .venv and every cache (data/ stays: it holds the bookings)
	@rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find src tests scripts bench deploy -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-dev.txt: requirements/dev.txt pyproject.toml
	@$(PYTHON) scripts/setup.py check
	@touch $@
