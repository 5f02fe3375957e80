import Testing

/// What stands for what, where a page is compared with a run.
@Suite("Samples")
struct SamplesTests {
    private let page = [
        "peer peer-33w9a (10.0.0.2) connected from 192.0.2.2:53503", "...",
        "handshake with peer-33w9a after 25 ms, at 2027-02-25T02:11:18Z", "fingerprint: 33W9A-51ZQ9-YKC8Y-G0ZB0-03YMV",
    ]
    private let run = """
        peer peer-abcde (10.0.0.2) connected from 192.0.2.2:40000
        something else
        handshake with peer-abcde after 3 ms, at 2026-11-27T01:02:03Z
        fingerprint: ABCDE-51ZQ9-YKC8Y-G0ZB0-03YMV
        $
        """

    @Test("stand for what is another in each run, and are typed as what they were")
    func agree() throws {
        var samples = Samples()
        #expect(try samples.match(page, then: "$", in: run))
        #expect(
            try samples.actual("rename peer-33w9a 33W9A-51ZQ9-YKC8Y-G0ZB0-03YMV")
                == "rename peer-abcde ABCDE-51ZQ9-YKC8Y-G0ZB0-03YMV"
        )
        #expect(try samples.match(Array(page.prefix(1)), inBeginningOf: run))
        #expect(throws: TypedTerminal.Difference.self) { try samples.actual("rename peer-xxxxx x") }
    }

    @Test(
        "stand for nothing else",
        arguments: [
            ("10.0.0.2", "10.0.0.3"), ("connected", "was connected"), ("192.0.2.2:", "192.0.2.3:"),
            (":40000", ":51820x"),
            ("with peer-abcde", "with peer-other"), ("3 ms", "3 s"), ("\n$", "\nmore\n$"),
            ("something else\n", "something else"),
            ("ABCDE-", "abcde-"), (" (", "  ("),
        ]
    )
    func differ(old: String, new: String) throws {
        var samples = Samples()
        let other = run.replacing(old, with: new, maxReplacements: 1)
        #expect(other != run)
        #expect(try !samples.match(page, then: "$", in: other), "\(other)")
    }
}
