# Every target starts from a bare checkout: Python 3.11, pip, git and make are enough.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check bench docs dev format

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: setup
	$(BIN)/ashare run demo

test: setup
	$(BIN)/pytest -n 2 --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests
	$(BIN)/pytest tests/sql

bench: setup
	$(BIN)/ashare bench

docs: setup
	$(BIN)/ashare docs

dev: setup
	$(BIN)/ashare dev

format: setup
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
