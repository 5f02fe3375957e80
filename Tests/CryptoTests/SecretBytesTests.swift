import Crypto
import Glibc
import TestSupport
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
    @Test("start as zeros", arguments: [0, 1, 32, 65, 5000])
    func startAsZeros(count: Int) {
        let secret = SecretBytes(count: count)
        #expect(secret.count == count)
        #expect(bytes(of: secret) == [UInt8](repeating: 0, count: count))
    }

    @Test("start as zeros where another secret was, on every thread")
    func startAsZerosAgain() async {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (1...400).allSatisfy { number in
                        _ = SecretBytes.random(count: number * 7 % 1100)
                        let secret = SecretBytes(count: number * 11 % 1100)
                        return secret.withBytes { span in span.indices.allSatisfy { span[$0] == 0 } }
                    }
                }
            }
            for await areZeros in group { #expect(areZeros) }
        }
    }

    @Test("are a copy: what becomes of the source does not matter")
    func areCopies() {
        var source: [UInt8] = [1, 2, 3]
        let secret = SecretBytes(source)
        source[0] = 9
        #expect(bytes(of: secret) == [1, 2, 3])
    }

    @Test("keep what is written through the loan")
    func keepWrites() {
        var secret = SecretBytes(count: 2)
        let written = secret.withMutableBytes { span in
            span[1] = 7
            return span.count
        }
        #expect(written == 2)
        #expect(bytes(of: secret) == [0, 7])
    }

    @Test("pass on what the borrower throws")
    func rethrow() {
        let secret = SecretBytes(count: 1)
        #expect(throws: CryptoError.signature) {
            try secret.withBytes { (_) throws(CryptoError) in throw .signature }
        }
    }

    @Test("are different each time they are drawn")
    func areRandom() {
        #expect(bytes(of: .random(count: 32)) != bytes(of: .random(count: 32)))
    }

    @Test(
        "compare by all their bytes and their length",
        arguments: [
            ([], [], true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([0, 2], [1, 2], false),
            ([1], [1, 0], false), ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func compare(left: [UInt8], right: [UInt8], areEqual: Bool) {
        #expect(
            SecretBytes.constantTimeEqual(SecretBytes(left), SecretBytes(right)) == areEqual
        )
    }

    @Test("lie in memory that is locked and left out of core dumps")
    func areLockedAndNotDumped() async throws {
        let secret = SecretBytes.random(count: 32)
        let start = address(of: secret)
        let flags = try #require(try await mappingFlags(at: start))
        #expect(flags.contains("lo"))
        #expect(flags.contains("dd"))
    }

    @Test("are gone with the value: reading where they were ends the process")
    func areGoneAfterwards() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            // The secret lives to the end of this line.
            let stale = address(of: SecretBytes.random(count: 32))
            readByte(at: stale)
        }
    }

    @Test("end at a guard page: reading one byte further ends the process")
    func areGuarded() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            let secret = SecretBytes.random(count: 32)
            readByte(at: address(of: secret) + 32)
        }
    }

    @Test("can be read to their last byte where they are, so that the two tests above mean something")
    func areReadable() async {
        await #expect(processExitsWith: .success) {
            let secret = SecretBytes.random(count: 32)
            readByte(at: address(of: secret))
            readByte(at: address(of: secret) + 31)
        }
    }
}

private func address(of secret: borrowing SecretBytes) -> UInt {
    secret.withBytes { span in unsafe span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
}

/// Reads one byte, wherever it is.
@inline(never)
private func readByte(at address: UInt) {
    guard let pointer = unsafe UnsafePointer<CChar>(bitPattern: address) else { return }
    _ = unsafe strnlen(pointer, 1)
}

/// The kernel's flags of the mapping that an address lies in (`proc_pid_smaps(5)`).
private func mappingFlags(at address: UInt) async throws -> Set<Substring>? {
    let lines = try await Tool("cat").run(["/proc/\(getpid())/smaps"]).text.split(separator: "\n")
    var isInMapping = false
    for line in lines {
        let words = line.split(separator: " ")
        let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        if bounds.count == 2 { isInMapping = (bounds[0]..<bounds[1]).contains(address) }
        if isInMapping, words[0] == "VmFlags:" { return Set(words.dropFirst()) }
    }
    return nil
}
