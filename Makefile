# make demo     installs what is missing, builds, and plays the whole story between two hosts on this machine
# make test     the same for every test: format, architecture, units, and the story in the namespace and kernel labs
# make fuzz     every parser of what comes from outside, each for SECONDS (60) under the address sanitizer; a part of `make test`
# make kernel   every crash point and failure, and ten thousand peers, in the kernel lab: too long for `make test`
# make soak     a hundred restarts of a workload on each engine, a thousand faults in random order, a million damaged
#               identities, a hundred bundles as QR codes of each kind: an hour
# make bench    how fast it is, side by side with what else does the same work, and how that grows with the peers, also
#               drawn in .build/bench: a quarter of an hour
# make build    release binaries in .build/release
# make install  them, the manual and the units of systemd below PREFIX (/usr/local), all of it below DESTDIR
# make uninstall
# make lint

SWIFT ?= swift
SECONDS ?= 60
# The C++ runtime is a part of Swift's: linked in, it costs neither a search for it nor its relocations at every start. The
# directory has it in this form only. What is left of relocations is packed, for which gold is too old.
STATIC = .build/static
RELEASE = --configuration release --static-swift-stdlib --disable-local-rpath \
	-Xswiftc -L$(STATIC) -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs

PREFIX ?= /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
TOOLS = wgbundle wgkey wgup
MANUAL = 1 5 8
UNITS = wgup-client@.service wgup-server@.service

build: packages-build $(STATIC)/libstdc++.a
	$(SWIFT) build $(RELEASE)

# Nothing is built here: who installs is root, and root need not be who builds.
install:
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(UNITDIR) $(MANUAL:%=$(DESTDIR)$(MANDIR)/man%)
	install --strip $(TOOLS:%=.build/release/%) $(DESTDIR)$(BINDIR)
	$(foreach section,$(MANUAL),install -m 644 man/*.$(section) $(DESTDIR)$(MANDIR)/man$(section);)
	$(foreach unit,$(UNITS),sed 's,@bindir@,$(BINDIR),' Sources/wgup/systemd/$(unit) \
		| install -m 644 /dev/stdin $(DESTDIR)$(UNITDIR)/$(unit);)

uninstall:
	$(RM) $(TOOLS:%=$(DESTDIR)$(BINDIR)/%) $(UNITS:%=$(DESTDIR)$(UNITDIR)/%)
	$(RM) $(foreach page,$(wildcard man/*.*),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

demo: packages-demo $(STATIC)/libstdc++.a
	$(SWIFT) build $(RELEASE)
	Tests/Lab/demo "$$($(SWIFT) build $(RELEASE) --show-bin-path)"

# What takes the processors for a minute runs beside no unit test, and so does what waits for a daemon only so long. The labs
# try what users get; in the emulated machine, it is also ten times faster than what is built for debugging. Of two suites at
# a time, one mostly waits.
ALONE = LabTests|ContainersTests|InteropTests|ExhaustiveRefusalTests|StormTests
BUSY = InteropTests|ExhaustiveRefusalTests|StormTests|LabTests\.(Kernel|Backend|Down|[A-Za-z]*Crash|[A-Za-z]*Failure)
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
	WGSEAL_TEST_FULL=1 $(LABS) --filter '$(if $(filter kernel,$@),FullKernelTests,SoakTests|ExhaustiveRefusalTests|ReadBackTests)'

fuzz: packages-build
	SWIFT="$(SWIFT)" Tests/Fuzz/run $(SECONDS)

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

.PHONY: bench build busy-labs demo fuzz idle-labs install kernel lint soak test uninstall
