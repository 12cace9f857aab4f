# make demo   install and run the main job on the embedded picture and sound, into out/demo
# make test   install and pass the tests, types, lint and layers
# make bench  install, measure speed and memory, write benchmarks/RESULTS.md
# make fronts install, measure fronts against certified bounds, write benchmarks/FRONTS.md; twenty minutes

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.PHONY: demo test check bench fronts clean

demo: $(INSTALLED)
	$(BIN)/pymoo-moss demo --out out/demo --overwrite

test: $(INSTALLED) check
	$(BIN)/python -m pytest

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)
	mkdir -p out
	$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=min,median,rounds \
		--benchmark-json=out/benchmarks.json
	$(BIN)/python -m benchmarks.report out/benchmarks.json

fronts: $(INSTALLED)
	$(BIN)/python -m benchmarks.fronts out/fronts
	$(BIN)/python -m benchmarks.front_report out/fronts

# constraints.txt pins what the project is tested with. torch comes first and by its exact version: a CPU build
# is found where one is provided, while a range would bring in several gigabytes of CUDA libraries on Linux.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $(INSTALLED)

clean:
	rm -rf $(VENV) out build dist *.egg-info
