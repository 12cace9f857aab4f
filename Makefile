# make demo   install and run the main job on the embedded picture and sound, into out/demo
# make test   install and pass format, lint, types, layers and the fast half of the tests; four minutes
# make test-all    install and pass all tests but the campaigns; a quarter of an hour
# make test-rest   install and pass what the fast half leaves out, but for the campaigns; ten minutes
# make test-slow   install and pass the campaigns of faults, damaged files and random problems in full; half an hour
# make coverage    install, pass all tests but the campaigns, and say which lines none of them reached
# make coverage-fast  likewise with the fast half alone
# make docs   install and build the documentation into out/docs, warnings are errors
# make bench  install, measure speed and memory, write benchmarks/RESULTS.md
# make fronts install, measure fronts against certified bounds, write benchmarks/FRONTS.md; half an hour
# make study-smoke  install and run a study of two problems, three algorithms and two seeds, into out/study-smoke
# make comparison   install, make the runs of the comparison that benchmarks/results/ lacks, add them to it, and write
#                   benchmarks/COMPARISON.md; many hours, and it can be interrupted. For an hour of it:
#                   make comparison COMPARED="--minutes 60"
# make comparison-report  install and write benchmarks/COMPARISON.md from benchmarks/results/
# make comparison-smoke   install, make a sample of the comparison's runs with small budgets, and their page in
#                   out/; a few minutes
# make browser      install Debian's chromium, in which page and app are tested; needs apt-get and its rights
# make viewers      install, measure how sox and ffmpeg show hidden pictures, write benchmarks/VIEWERS.md
# make judges       install, and the judges in an environment of their own; make fronts and released files, have them
#                   judged, write benchmarks/JUDGES.md; half an hour, and it can be interrupted. A part of it:
#                   make judges JUDGED="--quick --pairs owl"
# make judges-report  install and write benchmarks/JUDGES.md from benchmarks/results/, all but the views
# make screenshots  install and take the documents' pictures of page and app
# make characterise install, measure the features of the frozen problems that docs/instances.md lacks; half an hour
# make references VERSION=3  install and compute reference fronts of the frozen problems; one hour, likewise

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PEERS := $(VENV)/peers-installed
JUDGES ?= .venv-judges

# One process of tests a core, at most four; more would need more memory than they save time.
PARALLEL := -n auto --dist worksteal
ALL_BUT_CAMPAIGNS := -m "not slow"
# The marks that pyproject.toml leaves out of the fast half.
OTHER_HALF := -m "($(shell sed -n "s/^addopts.*'not (\(.*\) or slow)'.*/\1/p" pyproject.toml)) and not slow"

.PHONY: demo test test-all test-rest test-slow coverage coverage-fast check docs bench fronts study-smoke comparison \
	comparison-report comparison-smoke references characterise \
	viewers judges judges-programs judges-report browser screenshots clean

demo: $(INSTALLED)
	$(BIN)/pymoo-moss demo --out out/demo --overwrite

test: $(INSTALLED) check
	$(BIN)/python -m pytest $(PARALLEL)

test-all: $(INSTALLED) comparison-smoke
	$(BIN)/python -m pytest $(PARALLEL) $(ALL_BUT_CAMPAIGNS)

test-rest: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) $(OTHER_HALF)

test-slow: $(INSTALLED)
	$(BIN)/python -m pytest tests/bounds tests/faults tests/fuzz -m slow

coverage: TESTS := $(ALL_BUT_CAMPAIGNS)
coverage: LEAST := 97
coverage-fast: LEAST := 88

# In one process, because coverage follows processes that tests start, and not those of pytest-xdist.
coverage coverage-fast: $(INSTALLED)
	$(BIN)/python -m coverage erase
	NUMBA_JIT_COVERAGE=1 NUMBA_CACHE_DIR=$$(mktemp -d) $(BIN)/python -m coverage run -m pytest $(TESTS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=$(LEAST)

docs: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs out/docs

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

study-smoke: $(INSTALLED)
	$(BIN)/pymoo-moss study benchmarks/smoke.toml --out out/study-smoke --jobs 2

comparison: $(INSTALLED) $(PEERS)
	$(BIN)/python -m benchmarks.comparison.run out/comparison $(COMPARED)
	$(BIN)/python -m benchmarks.comparison.collect out/comparison
	$(BIN)/python -m benchmarks.comparison.report

comparison-report: $(INSTALLED)
	$(BIN)/python -m benchmarks.comparison.report

comparison-smoke: $(INSTALLED) $(PEERS)
	$(BIN)/python -m benchmarks.comparison.run out/comparison-smoke --smoke
	$(BIN)/python -m benchmarks.comparison.collect out/comparison-smoke out/comparison-smoke/results
	$(BIN)/python -m benchmarks.comparison.report out/comparison-smoke/results out/comparison-smoke --smoke

# Other libraries, in the versions that the page names.
$(PEERS): $(INSTALLED) benchmarks/requirements.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --requirement benchmarks/requirements.txt
	touch $(PEERS)

viewers: $(INSTALLED)
	$(BIN)/python -m benchmarks.viewers

judges: $(INSTALLED) $(JUDGES)/installed judges-programs
	$(JUDGES)/bin/python -m benchmarks.judges.borrowed out/judges
	$(BIN)/python -m benchmarks.judges.release out/judges $(JUDGED)
	$(JUDGES)/bin/python -m benchmarks.judges.judge out/judges
	$(BIN)/python -m benchmarks.judges.kept pack out/judges
	$(BIN)/python -m benchmarks.judges.report out/judges

judges-report: $(INSTALLED)
	rm -rf out/judges-published
	$(BIN)/python -m benchmarks.judges.kept unpack out/judges-published
	$(BIN)/python -m benchmarks.judges.report out/judges-published

# A judge whose program is missing is not asked, and the page says so.
judges-programs:
	command -v fpcalc >/dev/null && command -v tesseract >/dev/null && test -d /usr/share/pocketsphinx/test || \
		{ apt-get update && apt-get install --yes --no-install-recommends \
			libchromaprint-tools tesseract-ocr pocketsphinx-testdata; } || true

# Its packages would move the package's versions.
$(JUDGES)/installed: benchmarks/judges/requirements.txt
	$(PYTHON) -m venv $(JUDGES)
	$(JUDGES)/bin/python -m pip install --quiet --no-deps --requirement benchmarks/judges/requirements.txt
	touch $(JUDGES)/installed

browser:
	command -v chromium >/dev/null || { apt-get update && apt-get install --yes --no-install-recommends chromium; }

screenshots: $(INSTALLED)
	SCREENSHOTS=docs/images $(BIN)/python -m pytest -m browser tests/browser/test_screenshots.py

characterise: $(INSTALLED)
	$(BIN)/python -m benchmarks.characterise

references: $(INSTALLED)
	$(BIN)/python tools/make_references.py $(VERSION)

# constraints.txt pins what the project is tested with. torch comes first and by its exact version: a CPU build
# is found where one is provided, while a range would bring in several gigabytes of CUDA libraries on Linux.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $(INSTALLED)

clean:
	rm -rf $(VENV) $(JUDGES) out build dist *.egg-info
