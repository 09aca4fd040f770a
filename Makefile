# What one does every day, in a virtual environment of its own. `make all` is what decides about a change.

PYTHON = python3
BIN = .venv/bin

.PHONY: all test lint format docs bench

all:
	bash .ci/run

$(BIN)/ruff:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e '.[arrow,bench,cli,excel,lint,report,test]'

test: $(BIN)/ruff
	$(BIN)/python -m pytest -n 4

lint: $(BIN)/ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --config setup.cfg --no-cache
	$(BIN)/mypy --config-file setup.cfg mailkit_xmlrpc

format: $(BIN)/ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Writes the pages that are made from the code, runs what the pages show, and builds the site.
docs: $(BIN)/ruff
	$(BIN)/pip install --quiet -e '.[docs]'
	$(BIN)/python -m tests.support.render_matrix
	$(BIN)/python -m tests.support.kind_table > fixtures/meaning/kinds.txt
	$(BIN)/python tools/options_page.py
	$(BIN)/python tools/catalogue.py
	$(BIN)/python -m pytest tests/project/test_readme.py tests/project/test_docs.py tests/project/test_help.py
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs

bench: $(BIN)/ruff
	$(BIN)/python benchmarks/decode.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/calls.py
	$(BIN)/python benchmarks/output.py
