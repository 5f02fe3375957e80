# make demo     installs what is missing, builds, and plays the whole story between two hosts on this machine
# make test     the same for every test: format, architecture, units, and the story in the namespace and kernel labs
# make fuzz     every parser of what comes from outside, each for SECONDS (60) under the address sanitizer; a part of `make test`
# make kernel   every crash point and failure, and ten thousand peers, in the kernel lab: too long for `make test`
# make soak     a hundred restarts of a workload on each engine, a thousand faults in random order, two thousand processes
#               at one registry, a million damaged identities, a hundred bundles as QR codes of each kind: an hour
# make threads  what uses several threads, under the thread sanitizer: a quarter of an hour
# make sodium   what depends on libsodium, with the one of another release of DEBIAN (sid): five minutes
# make bench    how fast it is, side by side with what else does the same work, and how that grows with the peers, also
#               drawn in .build/bench: a quarter of an hour
# make build    release binaries in .build/release
# make install  them, the manual, the units of systemd and what completes them in shells below PREFIX (/usr/local), all of
#               it below DESTDIR
# make uninstall
# make deb      the same as a Debian package, .build/wgseal_VERSION_ARCHITECTURE.deb
# make package  that, built once more elsewhere, which must give the same bytes; then the story between two new Debian systems
#               that have installed it, and what is left when it is purged: five minutes, of a commit only
# make lint

SWIFT ?= swift
SECONDS ?= 60
DEBIAN ?= sid
# The C++ runtime is a part of Swift's: linked in, it costs neither a search for it nor its relocations at every start. The
# directory has it in this form only. What is left of relocations is packed, for which gold is too old.
STATIC = .build/static
# With Swift's libraries as archives, Package.swift has a program linked statically altogether.
export WGSEAL_STATIC = 1
RELEASE = --configuration release --static-swift-stdlib --disable-local-rpath \
	-Xswiftc -L$(STATIC) -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs

PREFIX ?= /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
BASHDIR = $(PREFIX)/share/bash-completion/completions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
ZSHDIR = $(PREFIX)/share/zsh/site-functions
TOOLS = wgbundle wgkey wgup
MANUAL = 1 5 7 8
UNITS = wgup-client@.service wgup-server@.service
COMPLETIONS = $(foreach tool,$(TOOLS),$(BASHDIR)/$(tool) $(FISHDIR)/$(tool).fish $(ZSHDIR)/_$(tool))

build: packages-build $(STATIC)/libstdc++.a
	$(SWIFT) build $(RELEASE)

# Nothing is built here: who installs is root, and root need not be who builds.
install: $(TOOLS:%=install-%)
	install -d $(DESTDIR)$(UNITDIR) $(MANUAL:%=$(DESTDIR)$(MANDIR)/man%)
	$(foreach section,$(MANUAL),install -m 644 man/*.$(section) $(DESTDIR)$(MANDIR)/man$(section);)
	$(foreach unit,$(UNITS),sed 's,@bindir@,$(BINDIR),' Sources/wgup/systemd/$(unit) \
		| install -m 644 /dev/stdin $(DESTDIR)$(UNITDIR)/$(unit);)

# What the compiler writes down of a build, and no program reads, is all in which two builds of one commit differ.
install-%:
	install -D .build/release/$* $(DESTDIR)$(BINDIR)/$*
	strip --remove-section=.swift_modhash --remove-section=.note.gnu.build-id $(DESTDIR)$(BINDIR)/$*
	install -D -m 644 /dev/null $(DESTDIR)$(BASHDIR)/$*
	.build/release/$* --generate-completion-script bash >$(DESTDIR)$(BASHDIR)/$*
	install -D -m 644 /dev/null $(DESTDIR)$(FISHDIR)/$*.fish
	.build/release/$* --generate-completion-script fish >$(DESTDIR)$(FISHDIR)/$*.fish
	install -D -m 644 /dev/null $(DESTDIR)$(ZSHDIR)/_$*
	.build/release/$* --generate-completion-script zsh >$(DESTDIR)$(ZSHDIR)/_$*

uninstall:
	$(RM) $(TOOLS:%=$(DESTDIR)$(BINDIR)/%) $(UNITS:%=$(DESTDIR)$(UNITDIR)/%) $(COMPLETIONS:%=$(DESTDIR)%)
	$(RM) $(foreach page,$(wildcard $(MANUAL:%=man/*.%)),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

deb: packages-deb build
	@Sources/wgup/debian/pack

package: packages-package deb
	Tests/Lab/package .build/wgseal_*.deb

demo: packages-demo $(STATIC)/libstdc++.a
	$(SWIFT) build $(RELEASE)
	Tests/Lab/demo "$$($(SWIFT) build $(RELEASE) --show-bin-path)"

# What takes the processors for a minute runs beside no unit test, and so does what waits for a daemon only so long. The labs
# try what users get; in the emulated machine, it is also ten times faster than what is built for debugging. Of two suites at
# a time, one mostly waits.
ALONE = LabTests|ContainersTests|InteropTests|ExhaustiveRefusalTests|StormTests
BUSY = InteropTests|ExhaustiveRefusalTests|StormTests|LabTests\.(Kernel|Backend|Doctor|Down|[A-Za-z]*Crash|[A-Za-z]*Failure)
LONG = FullKernelTests|SoakTests
LABS = WGSEAL_TEST_PROGRAMS="$$($(SWIFT) build $(RELEASE) --show-bin-path)" \
	"$$($(SWIFT) build --show-bin-path)/wgsealPackageTests.xctest" --testing-library swift-testing --no-parallel

test: packages-test lint $(STATIC)/libstdc++.a
	Tests/Lab/kernel prepare
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip '$(ALONE)'
	$(SWIFT) build $(RELEASE)
	$(MAKE) --jobs=2 busy-labs idle-labs
	$(MAKE) fuzz

busy-labs:
	$(LABS) --filter '$(BUSY)' --skip '$(LONG)'

idle-labs:
	$(LABS) --filter '$(ALONE)' --skip '$(BUSY)|$(LONG)'

kernel soak: packages-test $(STATIC)/libstdc++.a
	Tests/Lab/kernel prepare
	$(SWIFT) build $(RELEASE)
	$(SWIFT) build --build-tests
	WGSEAL_TEST_FULL=1 $(LABS) --filter '$(if $(filter kernel,$@),FullKernelTests,SoakTests|StormTests|ExhaustiveRefusalTests|ReadBackTests)'

fuzz: packages-build
	SWIFT="$(SWIFT)" Tests/Fuzz/run $(SECONDS)

threads: packages-test
	SWIFT="$(SWIFT)" Tests/Threads/run

sodium: packages-test
	SWIFT="$(SWIFT)" Tests/Lab/sodium $(DEBIAN)

bench: packages-bench $(STATIC)/libstdc++.a
	$(SWIFT) build $(RELEASE)
	Tests/Benchmarks/benchmark "$$($(SWIFT) build $(RELEASE) --show-bin-path)"

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

$(STATIC)/libstdc++.a:
	mkdir -p $(STATIC)
	ln -sf "$$(gcc -print-file-name=libstdc++.a)" $@

packages-%:
	@Tests/Lab/packages $*

.PHONY: bench build busy-labs deb demo fuzz idle-labs install kernel lint package soak sodium test threads uninstall
