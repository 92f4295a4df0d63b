# One command each; what they do lies in workbench/toolchain/ and in the tools they name.
PYTHON ?= python3
TOOLCHAIN = $(PYTHON) -m workbench.toolchain
BIN = .venv/bin
YES ?=
# So many files of tests at a time, in the order of tests/conftest.py: most of them wait for engines.
WORKERS ?= 2
SIDE_BY_SIDE = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
SLOWEST = --durations=20 --durations-min=10
# Cases of each fuzz test in the long run; of each operation of the HTTP interface a hundredth.
EXAMPLES ?= 100000
# The toolchain prints what a shell needs; recipes that run engines need it too.
ENGINES = eval "$$($(TOOLCHAIN) env)" &&

MAKEFLAGS += --no-print-directory
# Our own sources are compiled once, not by each of the many processes that tests start.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL = help
.PHONY: help up engines spark down env doctor test test-cluster test-long check style types imports fast lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

up: ## from a bare machine to a service that answers: engines, data, training, pulumi up, a score
	@$(TOOLCHAIN) up

engines: ## the engines, .venv, dockerd and base images alone
	@$(TOOLCHAIN) up --no-stack

spark: ## the base image with Java that runs of Framework PySpark have
	@$(TOOLCHAIN) build spark

down: ## destroy the stacks and remove what `make up` started; asks first unless YES=1
	@$(TOOLCHAIN) down $(if $(filter 1,$(YES)),--yes) $(if $(filter 1,$(DOCKERD)),--dockerd)

env: ## print export lines; use as: eval "$(make -s env)"
	@$(TOOLCHAIN) env

doctor: ## what is here, from where, and what to do about what is not
	@$(TOOLCHAIN) doctor

test: engines ## the tests that need no more than `make up` brings: real engines, about 20 minutes on two cores
	@$(ENGINES) $(BIN)/pytest $(SIDE_BY_SIDE) $(SLOWEST) -m "not cluster and not long"

test-cluster: engines ## the same on a real Kubernetes; builds it first: about 20 minutes the first time, 10 from then on
	@$(TOOLCHAIN) build kubernetes
	@$(TOOLCHAIN) build pulumi-resource-kubernetes
	@$(BIN)/python -m tests.go_programs cluster
	@$(ENGINES) $(BIN)/pytest $(SIDE_BY_SIDE) $(SLOWEST) -m cluster

test-long: engines spark ## hostile, long and at scale: hours; EXAMPLES=N cases of each fuzz test
	@$(BIN)/python -m tests.go_programs long
	@$(ENGINES) FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest $(SIDE_BY_SIDE) $(SLOWEST) -m "long or fuzz"

check: $(BIN)/pytest ## style, types, imports and the fast tests; about a minute
	@$(MAKE) --jobs --keep-going --output-sync=target style types imports fast

style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

fast:
	$(BIN)/pytest -q -m "not engines and not slow and not long and not fuzz" $(SIDE_BY_SIDE)

$(BIN)/pytest:
	@$(TOOLCHAIN) build venv

lock: ## write requirements/*.txt anew from requirements/*.in
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes dev.in -o dev.txt
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes -c dev.txt project.in -o project.txt
	cd requirements && ../$(BIN)/uv pip compile --quiet --no-header --generate-hashes -c dev.txt scoring.in -o scoring.txt
