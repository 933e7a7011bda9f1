# The front door. `make` alone tells what there is.
#
# Everything installs what it needs first (tools/setup), builds with CMake and Ninja into build/, and can be repeated:
# a second call with nothing changed takes seconds.

JOBS ?= $(shell nproc)
# Tests run on Debian's own interpreter; the interpreters they start are found by tools/pythons.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
# Options for `scalene run` in `make demo`, for example SCALENE_OPTIONS="--cpu-sampling-rate 0.001"
SCALENE_OPTIONS ?=
# Options for pytest, for example PYTEST_OPTIONS="-k recursion -x"
PYTEST_OPTIONS ?=
BENCH_OPTIONS ?=

SCALENE := build/release/bin/scalene
PYTEST := $(PYTHON) -m pytest -o cache_dir=$(CURDIR)/build/pytest tests
SIDE_BY_SIDE := -n $(JOBS) --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup build demo test test-all check bench bench-page format clean

help:
	@echo 'Scalene: where the time of a Python program goes, line by line'
	@echo
	@echo '  make demo      profile an example program and show the result: start here'
	@echo '  make test      every test on Debian'"'"'s own Python, a short pass on every other one found'
	@echo
	@echo '  make build     $(SCALENE) and build/release/lib/libscalene_agent.so'
	@echo '  make test-all  the whole matrix of Pythons, 3.14, 3.15 and 3.13t included'
	@echo '  make check     layers, imports, format, sanitizers, fuzzers: what CI asks for'
	@echo '  make bench     cost and accuracy beside other profilers (long)'
	@echo '  make bench-page  the page with large profiles, beside what was promised'
	@echo '  make format    settle the format of all C++ files'
	@echo '  make setup     only install what is missing'
	@echo '  make clean     remove build/ (what was downloaded stays in .deps/)'
	@echo
	@echo 'Variables: SCALENE_OPTIONS (demo), PYTEST_OPTIONS (tests), JOBS ($(JOBS)), PYTHON ($(PYTHON)),'
	@echo 'SCALENE_PYTHONS (more interpreters to test on, colon-separated; tools/pythons lists those found)'

# $(call pytest,INTERPRETERS): a measurement on a busy machine can miss its interval by chance (each test states its rate of
# false alarms, and there are hundreds), and another test runs beside it. So what fails is asked again, alone and in plain
# sight; what fails three times has failed.
ask_again = { echo; echo '=== asked again: the tests that failed above ==='; \
  $(PYTEST) --interpreters=$(1) --last-failed --last-failed-no-failures=none $(PYTEST_OPTIONS); }
define pytest
$(PYTEST) $(SIDE_BY_SIDE) --interpreters=$(1) $(PYTEST_OPTIONS) || $(call ask_again,$(1)) || $(call ask_again,$(1))
endef

# $(call build,PRESET,TARGETS): configures once; afterwards Ninja itself calls CMake when a CMake file has changed.
define build
@test -f build/$(1)/build.ninja || cmake --preset $(1) --log-level=WARNING
@ninja -C build/$(1) -j $(JOBS) $(2)
endef

setup:
	@tools/setup build

build: setup
	$(call build,release,scalene scalene_agent)

demo: build
	@echo '$$ scalene run $(SCALENE_OPTIONS) -o build/demo.json examples/bookworm.py'
	@$(SCALENE) run $(SCALENE_OPTIONS) -o build/demo.json examples/bookworm.py
	@echo
	@echo '$$ scalene view --cli -r build/demo.json'
	@$(SCALENE) view --cli -r build/demo.json

test:
	@tools/setup test
	$(call build,release)
	ctest --test-dir build/release --output-on-failure -j $(JOBS)
	npm --prefix web test
	$(call pytest,short)

test-all:
	@tools/setup matrix
	$(call build,release)
	$(call pytest,all)

check:
	@tools/check

bench: build
	@tools/setup bench
	benchmarks/run $(BENCH_OPTIONS)

bench-page: build
	@tools/setup test
	benchmarks/page $(BENCH_OPTIONS)

format:
	@tools/format

clean:
	rm -rf build
