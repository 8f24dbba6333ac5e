# One line of help for each target: `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CONFIGURATION ?= debug
FIELD := .build/$(CONFIGURATION)/field
PREFIX ?= /usr/local

.PHONY: help setup build release install demo test simulate kill-loop lint format bench docs example clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  %-10s %s\n", $$1, $$2}'

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
	swift test -c $(CONFIGURATION) --no-parallel
	@$(MAKE) --no-print-directory example

simulate: build ## run fleets under faults: SCENARIO=quiet-week SEEDS=1..100
	@$(FIELD) simulate $(or $(SCENARIO),quiet-week) --seeds $(or $(SEEDS),1..100)

kill-loop: setup ## kill hub and devices as real processes behind a bad link: ROUNDS=200 SEED=1
	swift build -c $(CONFIGURATION) --product field
	swift build -c $(CONFIGURATION) --product kill-loop
	@.build/$(CONFIGURATION)/kill-loop --rounds $(or $(ROUNDS),200) --seed $(or $(SEED),1)

example: setup ## build and run the example app against SyncCore, reusing what is built
	swift run -c $(CONFIGURATION) --package-path Examples/PatrolNotes --scratch-path .build PatrolNotes

lint: ## check formatting and the house rules that the formatter knows
	swift format lint --strict --recursive --parallel --configuration .swift-format Package.swift Sources Tests Examples/PatrolNotes/Package.swift Examples/PatrolNotes/Sources

format: ## rewrite the sources in the house format
	swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests Examples/PatrolNotes/Package.swift Examples/PatrolNotes/Sources

bench: setup ## measure against plain SQLite in one run: ratios and bytes, a table and .build/benchmark.json
	swift run -c release benchmark --json .build/benchmark.json

docs: setup ## make the DocC pages of SyncCore and Replication under .build/docs
	Scripts/docs

clean: ## remove what the builds made
	rm -rf .build
