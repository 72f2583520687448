# The only door: every command a person or a machine runs on this project. `make` lists them.

PYTHON ?= python3
SETUP := $(PYTHON) packaging/setup_environment.py $(if $(GPU),--gpu $(GPU))
VENV := .venv/bin/python
CODE := desktop_app engine models tests packaging

# The recipe of the built-in model imports PyTorch, which only `make train` installs: without it, its
# types cannot be checked, and `make check` says so.
HAS_TORCH := $(VENV) -c "from importlib.util import find_spec as f; exit(not f('torch'))"
WITHOUT_TORCH := --exclude ^(tests/)?models/training/

# Tests draw into memory, so that they need no display and no window manager can disturb the focus.
# TEST_PLATFORM=xcb make test runs them on a real display instead.
TEST_PLATFORM ?= offscreen
# Two at a time: many tests wait for a process or a window of their own.
TEST_PROCESSES ?= 2
# Tests start hundreds of processes: what they import is compiled once, even where Python is told to
# keep nothing compiled.
KEEP_COMPILED := PYTHONDONTWRITEBYTECODE=

.DEFAULT_GOAL := help
.PHONY: help run test check format bench screenshots train package smoke clean environment

help: ## list the commands
	@echo "make COMMAND [GPU=cpu|cuda|metal|vulkan|hip] [ARGS=\"...\"]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

environment: ## make the environment only
	@$(SETUP)

run: ## start Ponder, after making the environment; ARGS="ask ..." runs it in the terminal
	@$(SETUP)
	@$(VENV) -m desktop_app $(ARGS)

test: ## run all tests, the layer contracts among them; ARGS="tests/engine -k vote" narrows them
	@$(SETUP) --extra test
	@$(KEEP_COMPILED) QT_QPA_PLATFORM=$(TEST_PLATFORM) $(VENV) -m pytest -n $(TEST_PROCESSES) --dist worksteal $(ARGS)

check: ## check formatting, lint, types and layers
	@$(SETUP) --extra dev
	$(VENV) -m ruff format --check $(CODE)
	$(VENV) -m ruff check $(CODE)
	@$(HAS_TORCH) || echo "models/training: types not checked, because PyTorch is not installed"
	$(VENV) -m mypy $$($(HAS_TORCH) || echo "$(WITHOUT_TORCH)")
	.venv/bin/lint-imports --no-cache

format: ## format the code and fix what lint can fix
	@$(SETUP) --extra dev
	$(VENV) -m ruff format $(CODE)
	$(VENV) -m ruff check --fix $(CODE)

bench: ## measure throughput, latency and the cost of our layers
	@$(SETUP) --extra test
	@QT_QPA_PLATFORM=$(TEST_PLATFORM) $(VENV) -m tests.bench $(ARGS)

screenshots: ## draw the pictures of the README from the real window
	@$(SETUP) --extra test
	@QT_QPA_PLATFORM=$(TEST_PLATFORM) $(VENV) -m tests.screenshots $(ARGS)

train: ## make the built-in model anew (needs PyTorch; hours on two cores)
	@$(SETUP) --extra training
	@$(VENV) -m models.training $(or $(ARGS),all)

package: ## make the installers: wheel, portable folder, Debian package, into dist/
	@$(PYTHON) packaging/build_package.py $(if $(GPU),--gpu $(GPU))

smoke: ## install the Debian package into a clean system and use it there (needs root, debootstrap)
	@$(PYTHON) packaging/smoke_test.py $(ARGS)

clean: ## remove the environment, kept builds and caches
	rm -rf .venv .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
