# The two commands are `make run` and `make test`; `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONWARNINGS := ignore::UserWarning:platformdirs

.DEFAULT_GOAL := help
.PHONY: help run test ui stop reset check bench chaos docs lock

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/ready ## from a fresh machine to a finished nightly sync of the synthetic province
	@$(BIN)/ansinh demo build --if-missing
	@$(BIN)/ansinh demo up
	@$(BIN)/ansinh nightly

test: $(VENV)/ready ## install what the tests need and run all of them
	@tests/needs.sh
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations 15

ui: $(VENV)/ready ## code server, webserver and daemon on 127.0.0.1:3000
	@$(BIN)/ansinh ui

stop: ## stop everything that runs over the state
	@if [ -x $(BIN)/ansinh ]; then $(BIN)/ansinh stop; fi

reset: ## stop and remove the state
	@if [ -x $(BIN)/ansinh ]; then $(BIN)/ansinh reset; fi

check: $(VENV)/ready ## lint, types, unit, contracts, graph
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/ty check
	$(BIN)/python -m pytest -q -n 2 --dist worksteal tests/unit tests/contracts tests/graph

bench: $(VENV)/ready ## the benchmarks, with the limit in the same run: PART="load --rows 100000"
	$(BIN)/python -m benchmarks $(PART)

chaos: $(VENV)/ready ## kill -9 at random instants of a night: TRIALS=20 SEED=1 FIRST=1
	$(BIN)/python -m tests.chaos --trials $(or $(TRIALS),20) --seed $(or $(SEED),1) --first $(or $(FIRST),1)

docs: $(VENV)/ready ## write what is generated: graph.txt, docs/dictionary
	$(BIN)/python -m pipelines.printing

lock: ## pin what pyproject.toml asks for, with hashes and no index addresses
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras --python-version 3.11 -o requirements.lock
