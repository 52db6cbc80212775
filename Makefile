# SPDX-License-Identifier: MIT
# GNU make. For users: all check demo install uninstall deps clean
# For developers: check-browser asan valgrind fuzz bench bench-labels lint format
#
# Sources are found by wildcard: a new file needs no line here.
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
CFLAGS ?= -O2 -g
WERROR ?= -Werror
CAPTURES ?=
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 1# the same walk each time; 0: another each time
FUZZ_CC ?= clang

PKGS := libcurl libcrypto jansson sndfile libmicrohttpd libdeflate \
	kissfft-float libserialport libcbor sqlite3 samplerate
# Sanitized objects never mix with plain ones.
B ?= build$(if $(SAN),-san)
WX_VERSION := 0.1
WX_CFLAGS := -std=c17 -D_GNU_SOURCE -DWX_VERSION='"$(WX_VERSION)"' \
	-Ilib -Iformats -MMD -MP -Wall -Wextra $(WERROR) -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wformat=2 \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all) \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null)
# libcsv has no .pc file. Tools load only the libraries they use.
WX_LIBS := -Wl,--as-needed $(shell pkg-config --libs $(PKGS) 2>/dev/null) \
	-lcsv -lpthread -lm

SRC   := $(wildcard lib/*/*.c formats/*/*.c)
LIB   := $(SRC:%.c=$(B)/%.o) $(B)/builtin.o
TOOLS := $(patsubst cmd/%.c,$(B)/%,$(wildcard cmd/*.c))
TESTS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
FUZZ  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
SCRIPTS := $(patsubst cmd/%.sh,$(B)/%,$(wildcard cmd/*.sh))
# Preloaded by tests: a pty passes for a serial port. Never sanitized: it is a
# guest in programs that are.
SHIM := $(B)/tests/ptyport.so $(B)/tests/clockshift.so
BUILTIN := $(sort $(wildcard schemas/*.json profiles/*.json limits/*.json \
	models/*.json \
	lib/report/page.css lib/report/page.js))

# V=1 shows whole commands.
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

all: $(TOOLS) $(SCRIPTS)

$(TOOLS): $(B)/%: $(B)/cmd/%.o $(B)/libwx.a
$(TESTS): $(B)/unit/%: $(B)/tests/unit/%.o $(B)/libwx.a
$(TOOLS) $(TESTS):
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(WX_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(WX_LIBS)
$(SCRIPTS): $(B)/%: cmd/%.sh
	@mkdir -p $(@D)
	$(call say,SH)sed 's/@VERSION@/$(WX_VERSION)/' $< >$@.part && \
		chmod 755 $@.part && mv $@.part $@
$(SHIM): $(B)/tests/%.so: tests/shim/%.c
	@mkdir -p $(@D)
	$(call say,LD)$(CC) -std=c17 -D_GNU_SOURCE -Wall -Wextra $(WERROR) -O2 \
		-fPIC -shared -o $@ $< -ldl
$(B)/libwx.a: $(LIB)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(WX_CFLAGS) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<
$(B)/builtin.o: $(B)/builtin.c
	$(call say,CC)$(CC) $(WX_CFLAGS) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<
$(B)/builtin.c: embed.sh $(BUILTIN)
	@mkdir -p $(@D)
	$(call say,GEN)sh embed.sh $(BUILTIN) >$@.part && mv $@.part $@

deps:
	@sh ./deps.sh build
deps-check:
	@sh ./deps.sh build check

# Both install first what is missing, hence the second make: it sees it.
check: deps-check
	@$(MAKE) --no-print-directory check-run
check-run: all $(TESTS) $(SHIM)
	@B='$(B)' RUN='$(RUN)' CAPTURES='$(CAPTURES)' CC='$(CC)' tests/run
# The page of wx-report in a real browser; pictures of it in build/browser.
check-browser:
	@sh ./deps.sh build browser
	@$(MAKE) --no-print-directory all
	@B='$(B)' tests/browser/run
demo:
	@sh ./deps.sh build demo
	@$(MAKE) --no-print-directory all $(SHIM)
	@B='$(B)' tests/demo

asan:
	$(MAKE) check SAN=address,undefined
valgrind:
	$(MAKE) check RUN='valgrind -q --error-exitcode=99 --leak-check=full'
bench: deps-check
	@sh ./deps.sh bench
	@$(MAKE) --no-print-directory all $(SHIM)
	@B='$(B)' tests/bench/run

# How right labels are where the truth is known; CAPTURES has real series.
bench-labels: all
	@sh ./deps.sh bench
	@B='$(B)' CAPTURES='$(CAPTURES)' CC='$(CC)' tests/bench/labels
	@B='$(B)' CAPTURES='$(CAPTURES)' CC='$(CC)' tests/bench/labels_evidence

# Every target for FUZZ_SECONDS each; fuzz-NAME for one. Its own build folder:
# all code is instrumented.
FUZZ_MAKE = $(MAKE) B=build-fuzz CC=$(FUZZ_CC) SAN= \
	CFLAGS='-g -O1 -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all'
fuzz:
	+$(FUZZ_MAKE) $(FUZZ:%=fuzz-run-%)
# With -j, each target is a make of its own: the library is built before them.
fuzz-lib:
	+$(FUZZ_MAKE) lib
$(FUZZ:%=fuzz-%): fuzz-lib
	+$(FUZZ_MAKE) $(@:fuzz-%=fuzz-run-%)
$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: tests/fuzz/fuzz_%.c $(B)/libwx.a
	@mkdir -p $(@D)
	$(call say,FUZZ)$(CC) $(WX_CFLAGS) $(CFLAGS) -fsanitize=fuzzer \
		-o $@ $< $(B)/libwx.a $(WX_LIBS)
$(FUZZ:%=fuzz-run-%): fuzz-run-%: $(B)/fuzz/%
	@mkdir -p $(B)/corpus/$* $(B)/seeds/$*
	@cp -r tests/fuzz/$*/. $(B)/seeds/$* 2>/dev/null || true
	$(B)/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -seed=$(FUZZ_SEED) -rss_limit_mb=2048 \
		-timeout=20 -verbosity=0 -artifact_prefix=$(B)/crash-$*- \
		$(B)/corpus/$* $(B)/seeds/$*
lib: $(B)/libwx.a

lint:
	clang-format --dry-run -Werror $$(git ls-files '*.[ch]')
	mandoc -T lint -W warning man/*.[157]
format:
	clang-format -i $$(git ls-files '*.[ch]')

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/wxset
	install $(TOOLS) $(SCRIPTS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 schemas/*.json profiles/*.json limits/*.json models/*.json \
		$(DESTDIR)$(PREFIX)/share/wxset
	for s in 1 5 7; do \
		set -- man/*.$$s; [ -e "$$1" ] || continue; \
		install -d $(DESTDIR)$(MANDIR)/man$$s; \
		install -m 644 "$$@" $(DESTDIR)$(MANDIR)/man$$s; done
uninstall:
	rm -f $(patsubst $(B)/%,$(DESTDIR)$(PREFIX)/bin/%,$(TOOLS) $(SCRIPTS))
	rm -rf $(DESTDIR)$(PREFIX)/share/wxset
	for f in man/*.[157]; do \
		rm -f $(DESTDIR)$(MANDIR)/man$${f##*.}/$${f#man/}; done
clean:
	rm -rf build build-*

-include $(wildcard $(B)/*/*/*.d $(B)/*/*.d)
.PHONY: all deps deps-check check check-run check-browser demo asan valgrind bench bench-labels fuzz \
	fuzz-lib lib lint format install uninstall clean $(FUZZ:%=fuzz-%) \
	$(FUZZ:%=fuzz-run-%)
.SECONDARY:
