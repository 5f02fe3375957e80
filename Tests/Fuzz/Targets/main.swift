internal import CFuzzer

// A fuzzer for each parser of what comes from outside, all in one program:
//
//   fuzz --TARGET [LIBFUZZER-OPTION]... [DIRECTORY OR FILE]...
//   fuzz --capture REPLY [LINK]            writes a seed, see `Tests/Fuzz/seeds`
//
// libFuzzer passes over options with two hyphens, and keeps them when it starts itself again to minimise or merge.

/// What can be fuzzed; a target is a function in a file of its own.
enum FuzzTarget: String, CaseIterable {
    case netlink
    case uapi

    func run(_ input: Span<UInt8>) {
        switch self {
        case .netlink: fuzzNetlink(input)
        case .uapi: fuzzUAPI(input)
        }
    }

    static let chosen = allCases.first { CommandLine.arguments.contains("--\($0)") }
}

/// Ends the process, which libFuzzer takes for a finding, unless a claim holds.
func expect(_ claim: Bool, _ text: @autoclosure () -> String) {
    if !claim { fatalError(text()) }
}

if CommandLine.arguments.dropFirst().first == "--capture" {
    try capture(CommandLine.arguments.dropFirst(2).map { $0 })
} else {
    guard FuzzTarget.chosen != nil else {
        fatalError("one of \(FuzzTarget.allCases.map { "--\($0)" }.joined(separator: " ")) is needed")
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
    _ = unsafe LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
        unsafe FuzzTarget.chosen?.run(UnsafeBufferPointer(start: bytes, count: count).span)
        return 0
    }
}
