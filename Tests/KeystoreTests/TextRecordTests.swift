import Testing

@testable import Keystore

@Suite("Text record")
struct TextRecordTests {
    private func record(_ text: String) throws(RecordError) -> TextRecord {
        try TextRecord(Array(text.utf8), file: "a.conf", keys: ["name", "port", "list"])
    }

    @Test("reads values between blanks, comments and empty lines")
    func readsValues() throws {
        let record = try record("# a comment\n\n \tname =  some words = here \nport=1")
        #expect(try record.required("name", "text") { $0 } == "some words = here")
        #expect(try record.required("port", "a number") { Int($0) } == 1)
        #expect(try record.optional("list", "text") { $0 } == nil)
    }

    @Test("reads lists with commas between the values")
    func readsLists() throws {
        #expect(try record("list = 1,2 ,  3").list("list", "numbers") { Int($0) } == [1, 2, 3])
        #expect(try record("").list("list", "numbers") { Int($0) } == [])
    }

    @Test(
        "names the line and what is wrong with it",
        arguments: [
            ("name = a\nname = b", 2, RecordError.Problem.duplicate(key: "name")),
            ("name", 1, .notAssignment),
            ("nmae = a", 1, .unknownKey),
            ("Name = a", 1, .unknownKey),
            ("= a", 1, .unknownKey),
            ("\nname =", 2, .invalid(key: "name", expected: "a value")),
            ("name = \u{1b}[2J", 1, .notText),
            ("name = a\u{202e}b", 1, .notText),
            ("name = a\r\n", 1, .notText),
        ]
    )
    func namesLine(text: String, line: Int, problem: RecordError.Problem) {
        #expect(throws: RecordError(file: "a.conf", line: line, problem: problem)) { try record(text) }
    }

    @Test("refuses bytes that are not UTF-8")
    func refusesOtherBytes() {
        #expect(throws: RecordError(file: "a.conf", line: nil, problem: .notText)) {
            try TextRecord([0x6e, 0xff, 0x0a], file: "a.conf", keys: ["n"])
        }
    }

    @Test("says which key is missing")
    func saysWhatIsMissing() {
        #expect(throws: RecordError(file: "a.conf", line: nil, problem: .missing(key: "port"))) {
            try record("name = a").required("port", "a number") { Int($0) }
        }
    }

    @Test("says what a value should be, and not what it is")
    func hidesValues() {
        #expect {
            try record("\nport = hunter2").required("port", "a number") { Int($0) }
        } throws: { error in
            "\(error)" == "a.conf, line 2: 'port' is not a number"
        }
    }
}
