# The two commands are `make run` and `make test`; `make help` lists all.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
export PYTHONWARNINGS := ignore::UserWarning:platformdirs
export PYTHONDONTWRITEBYTECODE :=  # where it is set, each of hundreds of processes would compile all of this again

.DEFAULT_GOAL := help
.PHONY: help run test test-landing test-all install wheelhouse ui stop reset check bench chaos docs lock sbom secrets

# A folder of wheels instead of an index, which then is not asked for anything: make install WHEELHOUSE=…
FROM := $(if $(WHEELHOUSE),--no-index --find-links $(abspath $(WHEELHOUSE)))

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# $(call installed,LOCK,WHAT FOR): what a lock holds and .venv does not, and this working copy. It never is silent for long. Compiled
# on all cores at the end: pip would do it on one, and with the tests of every library.
define installed
	@[ -x $(BIN)/python ] || { echo "Tạo $(VENV)…"; $(PYTHON) -m venv $(VENV); }
	@echo "Cài thư viện cho $(2): $$(grep -c '==' $(1)) gói, khoảng một phút…"
	@PYTHONUNBUFFERED=1 $(PIP) install $(FROM) --no-compile --progress-bar off --require-hashes -r $(1) | { n=0; while read -r word _; do \
	  case $$word in \
	    Collecting|Processing|Requirement) n=$$((n + 1)); if [ $$((n % 10)) = 0 ]; then echo "  đã xem và tải $$n gói"; fi ;; \
	    Installing) echo "  đã tải đủ, đang ghi vào $(VENV)…" ;; \
	  esac; done; }
	@echo "Dịch sẵn các thư viện, khoảng 10 giây…"
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests/' $(VENV)/lib schemas resources assets pipelines || true
	@$(PIP) install $(FROM) --quiet --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(VENV)/product: requirements.lock pyproject.toml
	$(call installed,requirements.lock,ansinh)

$(VENV)/ready: requirements-demo.lock pyproject.toml
	$(call installed,requirements-demo.lock,ansinh và tỉnh mô phỏng)

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.lock
	$(call installed,requirements-dev.lock,kiểm thử)

run: $(VENV)/ready ## from a fresh machine to a finished nightly sync of the synthetic province
	@$(BIN)/ansinh demo build --if-missing
	@$(BIN)/ansinh demo up
	@$(BIN)/ansinh nightly

# Four processes on two cores: some tests only wait. A file is one process's, since its tests share a province.
PYTEST := $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations 10

test: $(VENV)/ready-dev ## install what the tests need and run them; the ten slowest are told. LANDING=1: with those of test-landing
	@tests/needs.sh
	$(PYTEST) $(if $(LANDING),-m "not long")

test-landing: $(VENV)/ready-dev ## what CI runs beside make test: attacks, losses, faults and installations, through whole nights
	@tests/needs.sh
	$(PYTEST) -m "landing and not long"

test-all: $(VENV)/ready-dev ## both, and the same at a larger scale, by other roads and all at once; it lists first what it adds to make test
	@tests/needs.sh
	@echo "Beside the tests of make test:" && $(BIN)/python -m pytest --collect-only -q -m "landing or long" --disable-warnings | grep ::
	$(PYTEST) -m "long or not long"

# What root lays down is read by the account of the hub, whatever umask the server has for root.
install: ## the product alone, for a machine that serves a department
	@umask 022 && $(MAKE) --no-print-directory $(VENV)/product

wheelhouse: ## the wheels of the product into WHEELHOUSE, for a machine without an index: make install WHEELHOUSE=…
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(PIP) download --only-binary :all: --progress-bar off --require-hashes -r requirements.lock -d $(or $(WHEELHOUSE),wheelhouse)

ui: $(VENV)/ready ## code server, webserver and daemon on 127.0.0.1:3000
	@$(BIN)/ansinh ui

stop: ## stop everything that runs over the state
	@if [ -x $(BIN)/ansinh ]; then $(BIN)/ansinh stop; fi

reset: ## stop and remove the state
	@if [ -x $(BIN)/ansinh ]; then $(BIN)/ansinh reset; fi

# What was written since no secret was found, or all where what is looked for has changed. Pre-commit looks at all that is committed.
NONE_IN := $(VENV)/no-secrets
secrets: $(VENV)/ready-dev
	@for asked in .secrets.baseline requirements-dev.lock; do if [ $$asked -nt $(NONE_IN) ]; then rm -f $(NONE_IN); fi; done
	@touch $(NONE_IN).next
	@git ls-files -z | xargs -0 bash -c 'for file; do if [ "$$file" -nt $(NONE_IN) ]; then printf "%s\0" "$$file"; fi; done' bash | \
	  xargs -0 -r -n 100 -P $$(nproc) \
	  $(BIN)/detect-secrets-hook --baseline .secrets.baseline
	@mv $(NONE_IN).next $(NONE_IN)

check: $(VENV)/ready-dev secrets ## lint, types, secrets, unit, contracts, graph
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/ty check
	$(BIN)/python -m pytest -q -n 2 --dist worksteal tests/unit tests/contracts tests/graph

bench: $(VENV)/ready ## the benchmarks, with the limit in the same run: PART="load --rows 100000"
	$(BIN)/python -m benchmarks $(PART)

chaos: $(VENV)/ready-dev ## kill -9 at random instants of a night: TRIALS=20 SEED=1 FIRST=1
	$(BIN)/python -m tests.chaos --trials $(or $(TRIALS),20) --seed $(or $(SEED),1) --first $(or $(FIRST),1)

docs: $(VENV)/ready-dev ## write what is generated: graph.txt, docs/dictionary, the lower part of docs/van-hanh.md
	$(BIN)/python -m pipelines.printing

# Of the product alone, installed beside: what only tests, linters and the demo need is not shipped.
sbom: $(VENV)/product ## build/sbom: what is shipped (CycloneDX), under which licences
	@rm -rf build/sbom build/cyclonedx && mkdir -p build/sbom
	@echo "Cài riêng phần dùng thật: $$(grep -c '==' requirements.lock) gói, khoảng một phút…"
	@$(PYTHON) -m venv --without-pip build/sbom/product
	@$(PIP) --python build/sbom/product/bin/python install --quiet --no-compile --require-hashes -r requirements.lock
	@$(PYTHON) -m venv --without-pip build/cyclonedx
	@$(PIP) --python build/cyclonedx/bin/python install --quiet --no-compile --require-hashes -r requirements-sbom.lock
	build/cyclonedx/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml -o build/sbom/ansinh.cdx.json build/sbom/product
	$(BIN)/python -m pipelines.printing.licences build/sbom/product/lib/python*/site-packages > build/sbom/giay-phep.md
	@rm -rf build/sbom/product build/cyclonedx

# setuptools lies in every lock: the working copy is installed without asking an index what to build it with.
PINNED := --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras --python-version 3.11
COMPILE := uv pip compile --quiet pyproject.toml - $(PINNED)

lock: ## pin what pyproject.toml asks for, with hashes and no index addresses; what is pinned stays, UPGRADE=--upgrade moves it
	$(COMPILE) $(UPGRADE) --extra dev -o requirements-dev.lock <<< 'setuptools>=80'
	$(COMPILE) -c requirements-dev.lock --extra demo -o requirements-demo.lock <<< 'setuptools>=80'
	$(COMPILE) -c requirements-dev.lock --extra k8s -o requirements-k8s.lock <<< 'setuptools>=80'
	$(COMPILE) -c requirements-dev.lock -o requirements.lock <<< 'setuptools>=80'
	uv pip compile --quiet - $(PINNED) $(UPGRADE) -o requirements-sbom.lock <<< 'cyclonedx-bom>=7.5'
