import Keystore
import Testing

@Suite("Command words")
struct CommandWordsTests {
    @Test(
        "splits at blanks that no quote keeps",
        arguments: [
            ("nginx", ["nginx"]),
            ("  a \t b  ", ["a", "b"]),
            ("nginx -g 'daemon off;'", ["nginx", "-g", "daemon off;"]),
            (#"a "b c"d"#, ["a", "b cd"]),
            (#"a\ b "\"" '\'"#, ["a b", "\"", "\\"]),
            ("a '' b", ["a", "", "b"]),
            ("echo $HOME * ; rm", ["echo", "$HOME", "*", ";", "rm"]),
        ]
    )
    func splits(text: String, words: [String]) {
        #expect(CommandWords.split(text) == words)
    }

    @Test("refuses what has no end, and nothing", arguments: ["", "  ", "a 'b", "a \"b", "a \\"])
    func refuses(text: String) {
        #expect(CommandWords.split(text) == nil)
    }
}
