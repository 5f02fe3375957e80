internal import CFuzzer

// A fuzzer for each parser of what comes from outside, all in one program:
//
//   fuzz --TARGET [LIBFUZZER-OPTION]... [DIRECTORY OR FILE]...
//   fuzz --capture REPLY [LINK]            writes a seed, see `Tests/Fuzz/seeds`
//   fuzz --bundles DIRECTORY               writes the seeds of all targets but those of replies
//
// libFuzzer passes over options with two hyphens, and keeps them when it starts itself again to minimise or merge.

/// What can be fuzzed; a target is a function in a file of its own.
enum FuzzTarget: String, CaseIterable {
    case armor, base45, bech32m, codes, header, payload, signed
    case batch, index, keyfile, registry, trust, workload
    case quick
    case netlink
    case uapi

    func run(_ input: Span<UInt8>) {
        switch self {
        case .armor: fuzzArmor(input)
        case .base45: fuzzBase45(input)
        case .bech32m: fuzzBech32m(input)
        case .codes: fuzzCodes(input)
        case .header: fuzzHeader(input)
        case .payload: fuzzPayload(input)
        case .signed: fuzzSigned(input)
        case .batch: fuzzBatch(input)
        case .index: fuzzIndex(input)
        case .keyfile: fuzzKeyFile(input)
        case .registry: fuzzRegistry(input)
        case .trust: fuzzTrust(input)
        case .workload: fuzzWorkload(input)
        case .quick: fuzzQuick(input)
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
} else if CommandLine.arguments.dropFirst().first == "--bundles",
    let directory = CommandLine.arguments.dropFirst(2).first
{
    try writeBundleSeeds(below: directory)
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
