# The front door: make run, make test. Everything else is CMake (CMakePresets.json) and .ci/.
.DEFAULT_GOAL := help
# The compiler's cache serves every clone and work tree on this machine alike.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
.PHONY: help setup build run test test-long bench format tidy clean

help:
	@echo "make run        install what is missing, build, start the server and print the page to open"
	@echo "make test       everything CI runs: build, style, unit, wire, sanitizers, plugins, end to end, short fuzz"
	@echo "make test-long  soak, long fuzzing, many browsers, benchmarks (an hour)"
	@echo "make build      only build (build/bin/viadux, build/lib/viadux/plugins/*.so)"
	@echo "make bench      beside Janus in one run; prints ratios (needs root for a network namespace)"
	@echo "make format     rewrite the format; make tidy: clang-tidy"

setup:
	@.ci/setup build

build: setup
	@[ -f build/build.ninja ] || { echo "==> configuring"; cmake --preset release > build.log.tmp 2>&1 || { cat build.log.tmp; rm -f build.log.tmp; exit 1; }; rm -f build.log.tmp; }
	@echo "==> building (the first time takes some minutes)"
	@cmake --build build

run: build
	@mkdir -p var
	@build/bin/viadux run --config conf/viadux.toml

test:
	@.ci/setup build test
	@.ci/stages "build=$(MAKE) build" \
	  "style=.ci/style" \
	  "tests=ctest --test-dir build --output-on-failure -LE 'e2e|long' -j2" \
	  "asan=.ci/sanitize asan" \
	  "tsan=.ci/sanitize tsan" \
	  "end-to-end=ctest --test-dir build --output-on-failure -L e2e -LE long --repeat until-pass:2" \
	  "fuzz=.ci/fuzz 10"

test-long:
	@.ci/setup build test bench
	@.ci/stages "build=$(MAKE) build" \
	  "long=ctest --test-dir build --output-on-failure -L long" \
	  "tidy=.ci/tidy" \
	  "fuzz=.ci/fuzz 120" \
	  "bench=bench/run --quick"

bench:
	@.ci/setup build test bench
	@$(MAKE) build
	@bench/run

format:
	@.ci/setup build test
	@.ci/style --fix

tidy:
	@.ci/tidy

clean:
	rm -rf build
