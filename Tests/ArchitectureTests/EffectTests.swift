import TestSupport
import Testing

/// What reaches outside a value, and the modules that may do it.
enum EffectTable {
    /// One effect: functions of the C library, found where they are called in a file that imports Glibc, and words of
    /// Swift's own library, found wherever they stand.
    struct Effect {
        let name: String
        let calls: Set<String>
        var words: Set<String> = []
        let owners: Set<String>
    }

    static let effects: [Effect] = [
        Effect(
            name: "starting processes",
            calls: [
                "execl", "execle", "execlp", "execv", "execve", "execvp", "execvpe", "fork", "popen", "posix_spawn",
                "posix_spawnp", "system", "vfork",
            ],
            owners: []  // swift-subprocess does it for Processes
        ),
        Effect(
            name: "a copy of this process",
            calls: ["_exit", "waitpid"],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "sockets other than netlink's",
            calls: [
                "accept", "accept4", "bind", "connect", "getaddrinfo", "listen", "shutdown", "socket", "socketpair",
            ],
            owners: ["Probes", "SystemIO"]
        ),
        Effect(
            name: "messages",
            calls: ["recv", "recvfrom", "recvmsg", "send", "sendmsg", "sendto"],
            owners: ["Netlink", "Probes", "SystemIO"]
        ),
        Effect(
            name: "files",
            calls: [
                "chdir", "chmod", "chown", "creat", "fchmod", "fchmodat", "fchown", "fchownat", "fdopendir", "flock",
                "fopen", "fstatat", "ftruncate", "link", "linkat", "lstat", "mkdir", "mkdirat", "mkdtemp", "mkstemp",
                "open", "openat", "opendir", "readlink", "remove", "rename", "renameat", "renameat2", "rmdir", "stat",
                "symlink", "symlinkat", "truncate", "unlink", "unlinkat",
            ],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "terminals",
            calls: ["ioctl", "isatty", "tcgetattr", "tcsetattr", "ttyname"],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "namespaces, mounts and the process's own limits",
            calls: ["chroot", "mount", "prctl", "setns", "setrlimit", "umask", "umount", "umount2", "unshare"],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "signals",
            calls: [
                "kill", "pthread_sigmask", "raise", "sigaction", "signal", "signalfd", "sigprocmask", "sigwait",
                "sigwaitinfo",
            ],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "the environment and the users of the host",
            calls: ["getenv", "geteuid", "getpwnam", "getpwuid", "getpwuid_r", "getuid", "secure_getenv", "setenv"],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "the time of day",
            calls: [
                "clock_gettime", "gettimeofday", "localtime", "localtime_r", "nanosleep", "sleep", "time", "usleep",
            ],
            owners: ["SystemIO"]
        ),
        Effect(
            name: "waiting with a deadline",
            calls: [],
            words: ["ContinuousClock", "SuspendingClock"],
            owners: ["Containers", "Probes", "Processes", "SystemIO", "Tunnel", "wgup"]
        ),
        Effect(
            name: "randomness that is not libsodium's",
            calls: ["arc4random", "arc4random_buf", "getentropy", "getrandom", "rand", "random", "srand"],
            words: ["SystemRandomNumberGenerator", "randomElement", "shuffle", "shuffled"],
            owners: []
        ),
        Effect(
            name: "the end of the process",
            calls: ["abort", "atexit", "exit", "quick_exit"],
            owners: ["CommandSupport"]
        ),
        Effect(
            name: "standard output past StandardStream",
            calls: ["fprintf", "fputs", "fwrite", "printf", "puts", "vprintf"],
            words: ["debugPrint", "stderr", "stdout"],
            owners: []
        ),
    ]

    /// `print(…)`, and not the method of that name.
    private static let print = Effect(
        name: "standard output past StandardStream",
        calls: ["print", "dump"],
        owners: []
    )

    static func violations(in code: SwiftCode) -> [Violation] {
        return code.lines.enumerated().flatMap { index, line in
            SwiftCode.words(in: line).compactMap { word in
                let isCall = word.isCalled && !word.isMember && !word.isDeclared
                let effect = effects.first { effect in
                    effect.words.contains(word.text) && !word.isDeclared
                        || isCall && code.imports.contains("Glibc") && effect.calls.contains(word.text)
                }
                guard let found = effect ?? (isCall && print.calls.contains(word.text) ? print : nil),
                    !found.owners.contains(code.file.module)
                else { return nil }
                return Violation(path: code.file.path, line: index + 1, rule: "\(word.text): \(found.name)")
            }
        }
    }
}

@Suite("Effects")
struct EffectTests {
    @Test("are where their owners are")
    func areWithOwners() throws {
        let violations = try SwiftCode.sources().flatMap(EffectTable.violations)
        #expect(violations == [])
    }

    @Test("are owned by modules that exist, and C functions by those that may call them")
    func ownersExist() {
        for effect in EffectTable.effects {
            let modules = Set(ImportTable.modules.map(\.name))
            #expect(
                effect.owners.isSubset(of: effect.calls.isEmpty ? modules : ImportTable.glibcOwners),
                "\(effect.name)"
            )
        }
    }

    @Test("are found in a module that does not own them", arguments: EffectTable.effects.flatMap(\.calls).sorted())
    func findsCall(function: String) {
        for line in [
            "\(function)(0)", "_ = unsafe Glibc.\(function)(0)", "if Glibc::\(function)(x) {",
            "a = \"\\(\(function)(1))\"",
        ] {
            let code = SwiftCode("internal import Glibc\n\n\(line)\n", in: "WireGuard")
            #expect(EffectTable.violations(in: code).map(\.line) == [3], "\(line)")
        }
    }

    @Test(
        "of Swift's own library are found without an import",
        arguments: [
            "print(key)", "    print( key )", "dump(key)", "let now = ContinuousClock.now", "list.shuffled()",
            "x.randomElement()",
            "var generator = SystemRandomNumberGenerator()", "debugPrint(a)",
        ]
    )
    func findsWord(line: String) {
        let code = SwiftCode(line, in: "WireGuard")
        #expect(EffectTable.violations(in: code).count == 1)
    }

    @Test(
        "are not seen in methods, declarations, comments, strings and longer words",
        arguments: [
            "try home.open(path)", "static func open(_ path: String) {", "// open(path)", "/// Calls `fork()`.",
            "\"print(x)\"",
            "reopen(path)", "open_(path)", "case open(Int)", "output.print(x)", "let open = 1",
            "\"\"\"\nprint(1)\n\"\"\"",
            "#\"a \\(open(x)) b\"#", "\"a \\\" open(x)\"", "/* a /* b */ open(x) */",
        ]
    )
    func leavesOthers(text: String) {
        let code = SwiftCode("import Glibc\n\(text)\n", in: "WireGuard")
        #expect(EffectTable.violations(in: code) == [])
    }

    @Test("are left to their owners")
    func leavesOwners() {
        let code = SwiftCode("import Glibc\nlet x = open(path, 0)\n", in: "SystemIO")
        #expect(EffectTable.violations(in: code) == [])
    }
}
