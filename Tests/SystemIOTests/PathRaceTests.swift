internal import Crypto
internal import Foundation
internal import Glibc
internal import Synchronization
internal import SystemIO
internal import TestSupport
internal import Testing

/// Somebody swaps what a path leads to, as fast as can be, while we use it.
@Suite(
    "A race for a path",
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: User.isRoot, "needs root to give links away")
)
struct PathRaceTests {
    private static let ours = [UInt8]("ours\n".utf8)
    private static let victims = [UInt8]("victim's\n".utf8)

    @Test("of a key never leads to another file")
    func key() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("home")
        try temporary.write(Self.ours, to: "home/key")
        try temporary.write(Self.victims, to: "victim")
        let path = temporary.path
        let attack = Attack {
            unsafe symlink("\(path)/victim", "\(path)/home/spare")
            unsafe rename("\(path)/home/spare", "\(path)/home/key")
            make(Self.ours, "\(path)/home/spare")
            unsafe rename("\(path)/home/spare", "\(path)/home/key")
        }
        let outcome = attack.rounds { () throws(SystemError) in
            let home = try Directory.open("\(path)/home", privacy: .secret)
            return try home.readSecret("key", maximumByteCount: 100).withBytes { span in span.indices.map { span[$0] } }
        }
        #expect(outcome.results == [Self.ours])
        #expect(outcome.refusals == ["symbolic link"])
    }

    @Test("between a reader and a writer of a file is lost by neither")
    func replacing() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(Self.ours, to: "key")
        let path = temporary.path
        let attack = Attack {
            for contents in [Self.victims, Self.ours] {
                make(contents, "\(path)/spare")
                unsafe rename("\(path)/spare", "\(path)/key")
            }
        }
        let outcome = attack.rounds(until: { $0.results.count == 2 }) { () throws(SystemError) in
            let home = try Directory.open(path, privacy: .secret)
            return try home.readSecret("key", maximumByteCount: 100).withBytes { span in span.indices.map { span[$0] } }
        }
        #expect(outcome.refusals == [])
    }

    @Test("of a home never leads to another directory")
    func home() throws {
        let temporary = try TemporaryDirectory()
        for (name, contents) in [("home", Self.ours), ("victim", Self.victims)] {
            try temporary.makeDirectory(name)
            try temporary.write(contents, to: "\(name)/key")
        }
        try temporary.link("link", to: "victim")
        try temporary.giveAway("link", to: stranger)
        let path = temporary.path
        let attack = Attack.swapping("\(path)/home", with: "\(path)/link")
        let outcome = attack.rounds { () throws(SystemError) in
            let home = try Directory.open("\(path)/home", privacy: .secret)
            return try home.readSecret("key", maximumByteCount: 100).withBytes { span in span.indices.map { span[$0] } }
        }
        #expect(outcome.results == [Self.ours])
        #expect(outcome.refusals.isSubset(of: ["symbolic link", "missing"]))
    }

    @Test("of a bundle never leads where its owner may not go", arguments: ["drop", "drop/bundle"])
    func bundle(swapped: String) throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("drop", mode: 0o777)
        try temporary.write(Self.ours, to: "drop/bundle", mode: 0o644)
        try temporary.makeDirectory("victim")
        try temporary.write(Self.victims, to: "victim/bundle")
        try temporary.link("link", to: temporary.path(of: swapped == "drop" ? "victim" : "victim/bundle"))
        try temporary.giveAway("link", to: stranger)
        let path = temporary.path
        let attack = Attack.swapping("\(path)/\(swapped)", with: "\(path)/link")
        let outcome = attack.rounds { () throws(SystemError) in
            try InputFile.read("\(path)/drop/bundle", maximumByteCount: 100)
        }
        #expect(outcome.results == [Self.ours])
        #expect(outcome.refusals.isSubset(of: ["symbolic link", "missing"]))
    }

    @Test("of a record never has another file written")
    func record() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("state")
        try temporary.write(Self.victims, to: "victim")
        let path = temporary.path
        let attack = Attack {
            unsafe symlink("\(path)/victim", "\(path)/state/spare")
            unsafe rename("\(path)/state/spare", "\(path)/state/record")
            unsafe unlink("\(path)/state/record")
        }
        let outcome = attack.rounds { () throws(SystemError) in
            let state = try Directory.create("\(path)/state")
            try state.replace("record", bytes: Self.ours, mode: 0o600)
            return Self.ours
        }
        #expect(outcome.refusals.isSubset(of: ["symbolic link"]))
        #expect(try temporary.read("victim") == Self.victims)
        #expect(try temporary.status("victim").st_nlink == 1)
    }

    @Test("of a directory of records never has one made elsewhere")
    func state() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("state")
        try temporary.makeDirectory("victim")
        try temporary.link("link", to: "victim")
        try temporary.giveAway("link", to: stranger)
        let path = temporary.path
        let attack = Attack.swapping("\(path)/state", with: "\(path)/link")
        let outcome = attack.rounds { () throws(SystemError) in
            let state = try Directory.open("\(path)/state", privacy: .secret)
            try state.replace("record", bytes: Self.ours, mode: 0o600)
            return Self.ours
        }
        #expect(outcome.refusals.isSubset(of: ["symbolic link", "missing"]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/victim") == [])
    }
}

/// What a thread does over and over while others work.
private struct Attack {
    /// What the rounds came to.
    struct Outcome {
        var results: Set<[UInt8]> = []
        var refusals: Set<String> = []
    }

    private let step: @Sendable () -> Void

    init(_ step: @escaping @Sendable () -> Void) { self.step = step }

    /// Puts the one in the place of the other, and back.
    static func swapping(_ good: String, with evil: String) -> Attack {
        Attack {
            unsafe rename(good, "\(good).away")
            unsafe rename(evil, good)
            unsafe rename(good, evil)
            unsafe rename("\(good).away", good)
        }
    }

    /// Works 10,000 times under attack, and on until it has met what it should; by default success and the attack.
    func rounds(
        until isEnough: (Outcome) -> Bool = { !$0.results.isEmpty && !$0.refusals.isEmpty },
        _ work: () throws(SystemError) -> [UInt8]
    ) -> Outcome {
        let hasEnded = DispatchSemaphore(value: 0)
        let flag = Flag()
        Thread.detachNewThread { [step] in
            while !flag.isSet { step() }
            hasEnded.signal()
        }
        var outcome = Outcome()
        var count = 0
        while count < 10_000 || !isEnough(outcome) {
            do throws(SystemError) {
                outcome.results.insert(try work())
            } catch {
                outcome.refusals.insert(Self.summary(error))
            }
            count += 1
        }
        flag.set()
        hasEnded.wait()
        return outcome
    }

    private static func summary(_ error: SystemError) -> String {
        switch error {
        case .notRegular(_, .symbolicLink), .insecure(_, .symbolicLink): "symbolic link"
        case .missing: "missing"
        default: "\(error)"
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

private func make(_ contents: [UInt8], _ path: String) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    unsafe write(file, contents, contents.count)
    close(file)
}
