# One line of help for each target: `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIGURATION ?= debug
FIELD := .build/$(CONFIGURATION)/field
PREFIX ?= /usr/local
SIMULATE := .build/release/field simulate --plans .build

.PHONY: help setup build release install demo test test-optimised fleets play-fleets play-twice determinism nightly simulate mutants kill-loop load fuzz tsan lint format bench bench-check docs example clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  %-12s %s\n", $$1, $$2}'

setup: ## install the missing system packages when root, else say which command does
	@Scripts/setup

build: setup ## build everything, for development
	swift build -c $(CONFIGURATION) --product field

release: setup ## build the optimised `field`
	swift build -c release --product field

install: release ## copy the optimised `field` and the seeds under PREFIX, which is /usr/local
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/field/seeds/demo
	install -m 755 .build/release/field $(DESTDIR)$(PREFIX)/bin/field
	install -m 644 $(wildcard seeds/*.*) $(DESTDIR)$(PREFIX)/share/field/seeds
	install -m 644 $(wildcard seeds/demo/*) $(DESTDIR)$(PREFIX)/share/field/seeds/demo

demo: build ## play a scenario with a hub and three devices as real processes; SCENARIO=gas-inspection for another
	@$(FIELD) demo $(SCENARIO) --seeds seeds

# One test at a time: tests that block would keep those that wait for a network from their turn.
test: setup ## run every test; prints swift test's own closing line
	swift test -c $(CONFIGURATION) --no-parallel $(if $(FILTER),--filter $(FILTER))
	@$(MAKE) --no-print-directory example

# One optimised build for tests and fleets, with marks. To become `make test` when it is measured within 25 minutes from nothing.
TEST_BUILD := -c release -Xswiftc -enable-testing

test-optimised: setup ## run every test optimised, then 2,000 small fleets, 60 large ones, and some seeds twice
	FIELD_MARKS=1 swift test $(TEST_BUILD) --no-parallel
	@$(MAKE) --no-print-directory play-fleets play-twice

fleets: release play-fleets play-twice ## run 2,000 small fleets and 60 of ninety days under faults, and some seeds twice

determinism: release play-twice ## run 50 seeds in two processes each and compare what they come to

play-fleets:
	$(SIMULATE) small --seeds 1..$(or $(SMALL),2000) --brief
	$(SIMULATE) swarm --seeds 1..$(or $(SWARM),60) --brief

play-twice:
	@for run in first second; do \
	    { $(SIMULATE) small --seeds 1..40 && $(SIMULATE) swarm --seeds 1..10 --days 30; } \
	        > .build/determinism.$$run || exit 1; \
	done
	@cmp .build/determinism.first .build/determinism.second
	@echo "50 seeds came to the same in two processes"

# The parts are lines of Scripts/nightly. FIRST says from which seed, so that another night tries others.
# The build counts rare branches; `make release` builds anew without.
nightly: setup ## what takes an hour: 50,000 small fleets, 2,000 of ninety days; MINUTES=60 FIRST=1
	FIELD_MARKS=1 swift build -c release --product field
	Scripts/nightly .build/release/field $(or $(MINUTES),60) $(or $(FIRST),1)

simulate: build ## run fleets under faults: SCENARIO=quiet-week SEEDS=1..100
	@$(FIELD) simulate $(or $(SCENARIO),quiet-week) --seeds $(or $(SEEDS),1..100)

# A build of its own, so that no other ever holds a planted bug.
MUTANTS_BUILD ?= .build/mutants
mutants: setup ## plant the bugs of other engines one by one, and fail when the simulator does not find one
	FIELD_MUTANTS=1 swift build -c $(CONFIGURATION) --product field --scratch-path $(MUTANTS_BUILD)
	@$(MUTANTS_BUILD)/$(CONFIGURATION)/field mutants --seeds $(or $(SEEDS),500)

fuzz: setup ## feed decoders with bytes made by libFuzzer: TARGET=frame TIME=60, or every target in turn
	@Scripts/fuzz $(or $(TARGET),all) $(or $(TIME),60)

tsan: setup ## run the tests of the hub, and those of the core that use threads, with the thread sanitizer
	@Scripts/tsan $(FILTER)

kill-loop: setup ## kill hub and devices as real processes behind a bad link: ROUNDS=200 SEED=1
	swift build -c $(CONFIGURATION) --product field
	swift build -c $(CONFIGURATION) --product kill-loop
	@.build/$(CONFIGURATION)/kill-loop --rounds $(or $(ROUNDS),200) --seed $(or $(SEED),1)

load: release ## measure a hub under 200 devices, with as many that hold a request: DEVICES=200 HOLD=200
	@.build/release/field load --devices $(or $(DEVICES),200) --hold $(or $(HOLD),200)

example: setup ## build and run the example app against SyncCore, reusing what is built
	swift run -c $(CONFIGURATION) --package-path Examples/PatrolNotes --scratch-path .build PatrolNotes

lint: ## check formatting and the house rules that the formatter knows
	swift format lint --strict --recursive --parallel --configuration .swift-format Package.swift Sources Tests Fuzz Examples/PatrolNotes/Package.swift Examples/PatrolNotes/Sources

format: ## rewrite the sources in the house format
	swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests Fuzz Examples/PatrolNotes/Package.swift Examples/PatrolNotes/Sources

bench: setup ## measure against plain SQLite in one run: ratios and bytes, a table and .build/benchmark.json
	swift run -c release benchmark --json .build/benchmark.json

bench-check: setup ## measure, and fail where a ratio or a size is over Scripts/bench-thresholds.json
	swift run -c release benchmark --json .build/benchmark.json --check Scripts/bench-thresholds.json

docs: setup ## make the DocC pages of SyncCore and Replication under .build/docs
	Scripts/docs

clean: ## remove what the builds made
	rm -rf .build
