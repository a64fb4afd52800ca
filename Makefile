# One command each for set-up, service, tests and style. `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV   ?= .venv
# Where pip can find torch 2.13.0+cpu, if its default index does not have it: PyTorch's CPU wheel index.
TORCH_INDEX ?=
CONFIG ?= serve_config.yaml

BIN   := $(VENV)/bin
PIP   := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/.installed
LOCK  := requirements/cpu.lock
TORCH := $(shell grep '^torch==' $(LOCK))

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-fast lint fuzz bench bench-quality bench-engine bench-service bench-fleet bench-batch chaos soak profile clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## install the pinned CPU environment into .venv (about two minutes, once)

$(STAMP): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "Python 3.11 or 3.12 is needed, $(PYTHON) is another: make setup PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing $(TORCH) ..."
	@$(PIP) install --quiet --no-deps $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH) || \
	  { echo "$(TORCH) was not found: run  make setup TORCH_INDEX=<PyTorch's CPU wheel index>"; exit 1; }
	@echo "Installing $$(grep -c == $(LOCK)) pinned packages ..."
	@$(PIP) install --quiet --no-deps --requirement $(LOCK)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m record.analysis.bundle
	@touch $@
	@echo "Set up in $(VENV). Next: make serve"

serve: $(STAMP) ## start the service on http://127.0.0.1:8000 (CONFIG=serve_config.yaml)
	@exec $(BIN)/python -m deployments.launch $(CONFIG)

test: $(STAMP) ## run every test, those with real models included
	tests/studio/chromium.sh
	$(BIN)/python -m pytest -m "not gpu"

test-fast: $(STAMP) ## run the tests that need no model and no service
	$(BIN)/python -m pytest -m "not slow and not gpu"

lint: $(STAMP) ## check style and types: ruff and mypy --strict, biome and tsc for the studio
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	deployments/studio/lint.sh

bench: ## list the benchmarks
	@awk -F ':.*## ' '/^bench-[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

bench-quality: $(STAMP) ## pictures of every method and switch, judged (about an hour; ARGS="--rows plain,record")
	$(BIN)/python -m benchmarks.quality $(ARGS)

bench-engine: $(STAMP) ## the engine against a straightforward implementation: time, memory, load (about ten minutes)
	$(BIN)/python -m benchmarks.engine $(ARGS)

fuzz: $(STAMP) ## 5,000 odd requests against the HTTP edge (ARGS="--url http://127.0.0.1:8000 --cases 500")
	@$(BIN)/python -m tests.fuzz $(ARGS)

bench-service: $(STAMP) ## the service at capacity and ten times that, beside a bare echo (about five minutes)
	@$(BIN)/python -m benchmarks.service.load $(ARGS)

bench-fleet: $(STAMP) ## scaling, a killed node and the planner in a local cluster of five nodes (about twenty minutes)
	@$(BIN)/python -m benchmarks.fleet

bench-batch: $(STAMP) ## 10,000 prompts on a local Ray cluster that loses a worker and a node (about four minutes)
	@$(BIN)/python -m benchmarks.batch --kill-worker --kill-node $(ARGS)

chaos: $(STAMP) ## 200 requests while replicas are killed, and a restart (ARGS="--nodes 2": a node dies too)
	@$(BIN)/python -m benchmarks.service.chaos $(ARGS)

soak: $(STAMP) ## half an hour of mixed requests: memory of every process (ARGS="--minutes 5")
	@$(BIN)/python -m benchmarks.service.soak $(ARGS)

profile: $(STAMP) ## where a step's time goes, by part
	$(BIN)/python -m benchmarks.engine.profile $(ARGS)

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
