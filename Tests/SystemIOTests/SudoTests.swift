internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

/// Each test is a process of its own, because the environment belongs to the whole process.
@Suite("Root acting for the user of sudo", .enabled(if: User.isRoot, "needs root"))
struct SudoTests {
    @Test("gives him what it makes in his directories")
    func givesAway() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "\(stranger)", 1)
            let temporary = try TemporaryDirectory()
            try temporary.makeDirectory("home")
            try temporary.giveAway("home", to: stranger)
            let home = try Directory.create(temporary.path(of: "home/.config/wgseal"))
            try home.create("new", bytes: sample, mode: 0o600)
            try home.replace("replaced", bytes: sample, mode: 0o600)
            _ = try home.lock("lock", wait: false)
            _ = try home.subdirectory("sub", creating: true)
            for name in ["", "/wgseal", "/wgseal/new", "/wgseal/replaced", "/wgseal/lock", "/wgseal/sub"] {
                let status = try temporary.status("home/.config" + name)
                #expect(status.st_uid == stranger && status.st_gid == stranger, "\(name)")
            }
        }
    }

    @Test("keeps what it makes in its own directories")
    func keeps() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "\(stranger)", 1)
            let temporary = try TemporaryDirectory()
            let home = try Directory.create(temporary.path(of: "etc"))
            try home.create("new", bytes: sample, mode: 0o600)
            #expect(try temporary.status("etc").st_uid == 0)
            #expect(try temporary.status("etc/new").st_uid == 0)
        }
    }

    @Test("reads his secrets, but not those of a third")
    func reads() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "\(stranger)", 1)
            let temporary = try TemporaryDirectory()
            try temporary.write(sample, to: "his")
            try temporary.giveAway("his", to: stranger)
            try temporary.write(sample, to: "other")
            try temporary.giveAway("other", to: 4711)
            let directory = try Directory.open(temporary.path, privacy: .secret)
            #expect(try directory.read("his", maximumByteCount: 100) == sample)
            #expect(throws: SystemError.insecure(path: temporary.path(of: "other"), reason: .owner(4711))) {
                _ = try directory.readSecret("other", maximumByteCount: 100)
            }
        }
    }

    @Test("is not led away by his links")
    func links() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "\(stranger)", 1)
            let temporary = try TemporaryDirectory()
            try temporary.makeDirectory("home")
            try temporary.link("home/.config", to: "/etc")
            try temporary.giveAway("home", to: stranger)
            // Even a link of root, which he may have moved there.
            let path = temporary.path(of: "home/.config")
            #expect(throws: SystemError.insecure(path: path, reason: .symbolicLink)) {
                _ = try Directory.create(path + "/wgseal")
            }
        }
    }

    @Test("knows his home from the user database, not from the environment")
    func home() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "\(stranger)", 1)
            unsafe setenv("HOME", "/tmp/elsewhere", 1)
            let home = unsafe getpwuid(stranger).map { entry in unsafe String(cString: entry.pointee.pw_dir) }
            let user = try #require(User.invoking())
            #expect(user.id == stranger && user.homeDirectory == home)
        }
    }

    @Test("takes SUDO_UID for what it is: a number, or nothing", arguments: ["", "x", "-1", "4294967296", "1 "])
    func number(text: String) async {
        await #expect(processExitsWith: .success) { [text = text as String] in
            unsafe setenv("SUDO_UID", text, 1)
            unsafe setenv("HOME", "/root", 1)
            #expect(User.invoking()?.id == 0)
        }
    }

    @Test("believes SUDO_UID only as root")
    func notRoot() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("SUDO_UID", "4711", 1)
            unsafe setenv("HOME", "/home/me", 1)
            try #require(seteuid(stranger) == 0)
            #expect(User.invoking()?.id == stranger)
            #expect(User.invoking()?.homeDirectory == "/home/me")
        }
    }
}
