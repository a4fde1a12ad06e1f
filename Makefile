# Every task of this repository. `make` alone lists them.
# A Python of the system sets up .venv (scripts/setup.py); everything else runs in it.

PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)
BIN := .venv/bin
SIDECAR := sidecars/baileys
SEEDS ?= 1000
CALLS ?= 1000
MINUTES ?= 30
ARGS ?=
# Debian keeps the server's programs out of PATH.
POSTGRES := $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))

.DEFAULT_GOAL := help
.PHONY: help run test test-long hostile check fmt fmt-check lint types layers sim interaction faults provider-faults \
	latencies wire-call chaos live evals replay bench soak whatsapp env lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Set up and start the server with the demo business (ARGS="--port 8081" goes to `dalpak serve`)
	@$(PYTHON) scripts/setup.py run
	@exec $(BIN)/dalpak serve $(ARGS)

test: ## Set up and run every test (ARGS="-k booking" goes to pytest)
	@$(PYTHON) scripts/setup.py test
	@PATH="$$PATH:$(POSTGRES)" $(BIN)/python -m pytest $(ARGS)
	@if [ -f $(SIDECAR)/node_modules/.installed ]; then npm --prefix $(SIDECAR) --silent test; else echo "sidecar tests skipped: they need Node.js 20 and npm"; fi

whatsapp: .venv/.installed-dev.txt ## Start the WhatsApp sidecar (Baileys); `dalpak whatsapp pair` links it
	@cd $(SIDECAR) && test -d node_modules || npm ci --no-audit --no-fund
	@exec $(BIN)/dalpak whatsapp sidecar $(ARGS)

test-long: .venv/.installed-dev.txt ## Random policies against the oracle and hostile models, 100,000 of each
	@exec $(BIN)/python -m pytest --long $(ARGS)

hostile: .venv/.installed-dev.txt ## 100,000 calls with a model that attacks its callers, and 3,000 over the wire
	@exec $(BIN)/python -m pytest --long tests/sim/test_hostile_model.py tests/sim/test_hostile_wire.py $(ARGS)

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

chaos: .venv/.installed-dev.txt ## Desks killed with SIGKILL while they book, on both databases: what is lost, what is sent twice
	@PYTHONPATH=. PATH="$$PATH:$(POSTGRES)" $(BIN)/python tests/chaos/chaos.py $(ARGS)
	@exec $(BIN)/python -m pytest --long -q tests/sim/test_flow_events.py

live: .venv/.installed-dev.txt ## The real services that there are keys for, held to the same contracts as their simulators
	@exec $(BIN)/python -m pytest -m live tests/live $(ARGS)

interaction: .venv/.installed-dev.txt ## How a conversation feels: tau-voice's panel over CALLS=1000 calls in virtual time
	@exec $(BIN)/python -m dalpak.simulator.interaction --calls $(CALLS) $(ARGS)

faults: .venv/.installed-dev.txt ## Every fault in every moment of a call: the longest dead air, and calls lost
	@exec $(BIN)/python -m dalpak.simulator.fault_cells $(ARGS)

provider-faults: .venv/.installed-dev.txt ## One whole call per fault of a provider or the line, on the wire: ARGS="--only A2,B1"
	@exec $(BIN)/python bench/faults.py $(ARGS)

wire-call: .venv/.installed-dev.txt ## One spoken booking over Twilio's protocol through the real clients of simulated providers
	@exec $(BIN)/python bench/wire_call.py

latencies: .venv/.installed-dev.txt ## 200 spoken turns with providers at their published latencies, beside the bars
	@exec $(BIN)/python bench/latencies.py $(ARGS)

evals: .venv/.installed-dev.txt ## Simulated callers over text: make evals ARGS="--noise 0 --conversations 300"
	@exec $(BIN)/python -m dalpak.cli.evals $(ARGS)

replay: .venv/.installed-dev.txt ## Replay a recorded call: make replay FILE=journal.jsonl
	@exec $(BIN)/dalpak replay $(FILE) $(ARGS)

bench: .venv/.installed-dev.txt ## What the parts cost, then 1 to 150 calls on one core beside the floor (ARGS="--calls 1,50")
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/whole.py $(ARGS)

soak: CALLS = 50
soak: .venv/.installed-dev.txt ## What thousands of calls leave behind: virtual time, then MINUTES=30 at CALLS=50 on the wire
	@exec $(BIN)/python bench/soak.py --calls $(CALLS) --minutes $(MINUTES) $(ARGS)

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
