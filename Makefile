# One command each; what they do lies in toolchain/ and in the tools they name.
PYTHON ?= python3
TOOLCHAIN = $(PYTHON) -m toolchain
BIN = .venv/bin
YES ?=
# So many files of tests at a time, in the order of tests/conftest.py: most of them wait for engines.
WORKERS ?= 2
SIDE_BY_SIDE = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# The toolchain prints what a shell needs; recipes that run engines need it too.
ENGINES = eval "$$($(TOOLCHAIN) env)" &&

MAKEFLAGS += --no-print-directory
# Our own sources are compiled once, not by each of the many processes that tests start.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL = help
.PHONY: help up engines spark down env doctor test check style types imports fast fuzz lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

up: ## from a bare machine to a service that answers: engines, data, training, pulumi up, a score
	@$(TOOLCHAIN) up

engines: ## the engines, .venv, dockerd and base images alone
	@$(TOOLCHAIN) up --no-stack

spark: ## the base image with Java that runs of Framework PySpark have
	@$(TOOLCHAIN) build spark

down: ## destroy the stacks and remove what `make up` started; asks first unless YES=1
	@$(TOOLCHAIN) down $(if $(filter 1,$(YES)),--yes)

env: ## print export lines; use as: eval "$(make -s env)"
	@$(TOOLCHAIN) env

doctor: ## what is here, from where, and what to do about what is not
	@$(TOOLCHAIN) doctor

test: engines ## all tests, with real engines
	@$(ENGINES) $(BIN)/pytest $(SIDE_BY_SIDE) --durations=30 --durations-min=5

check: $(BIN)/pytest ## style, types, imports and the fast tests; under a minute
	@$(MAKE) --jobs --keep-going --output-sync=target style types imports fast

style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

fast:
	$(BIN)/pytest -q -m "not engines and not long" $(SIDE_BY_SIDE)

$(BIN)/pytest:
	@$(TOOLCHAIN) build venv

fuzz: $(BIN)/pytest ## schemathesis over the whole OpenAPI document; EXAMPLES=N for each operation
	FUZZ_EXAMPLES=$(or $(EXAMPLES),1000) $(BIN)/pytest -s tests/scoring/test_fuzz.py

lock: ## write requirements/*.txt anew from requirements/*.in
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes dev.in -o dev.txt
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes -c dev.txt project.in -o project.txt
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes -c dev.txt scoring.in -o scoring.txt
