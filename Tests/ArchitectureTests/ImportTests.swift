import TestSupport
import Testing

/// Who imports whom.
///
/// SwiftPM lets a module import what its dependencies depend on; this table does not.
enum ImportTable {
    /// Each module with all that it may import, bottom-up: a module imports only from above.
    static let modules: [(name: String, imports: Set<String>)] = [
        ("Crypto", ["CSodium"]),
        ("WireGuard", ["Crypto"]),
        ("Planning", ["Crypto", "WireGuard"]),
        ("PeerBundle", ["Crypto", "WireGuard"]),
        ("QRCode", ["CQRCodeGen"]),
        ("SystemIO", ["CLinux", "Crypto", "WireGuard"]),
        ("Processes", ["Subprocess", "SystemIO", "SystemPackage"]),
        ("Keystore", ["Crypto", "PeerBundle", "Planning", "SystemIO", "WireGuard"]),
        ("Probes", ["CPacket", "SystemIO", "WireGuard"]),
        ("Netlink", ["CMnl", "Crypto", "SystemIO", "WireGuard"]),
        ("Tunnel", ["Crypto", "Netlink", "Planning", "Processes", "SystemIO", "WireGuard"]),
        ("Containers", ["Planning", "Processes", "SystemIO", "WireGuard"]),
        ("CommandSupport", ["ArgumentParser", "Crypto", "Keystore", "PeerBundle", "SystemIO", "WireGuard"]),
        ("QRDisplay", ["CommandSupport", "QRCode", "SystemIO"]),
        (
            "wgkey",
            [
                "ArgumentParser", "CommandSupport", "Crypto", "Keystore", "PeerBundle", "QRDisplay", "SystemIO",
                "WireGuard",
            ]
        ),
        (
            "wgbundle",
            [
                "ArgumentParser", "CommandSupport", "Crypto", "Keystore", "Netlink", "PeerBundle", "QRCode",
                "QRDisplay", "SystemIO", "WireGuard",
            ]
        ),
        (
            "wgup",
            [
                "ArgumentParser", "CommandSupport", "Containers", "Crypto", "Keystore", "Netlink", "PeerBundle",
                "Planning", "Probes", "Processes", "SystemIO", "Tunnel", "WireGuard",
            ]
        ),
    ]

    /// The C library, for the owners of effects alone: without it, a file reaches nothing outside the process.
    static let glibcOwners: Set<String> = ["CommandSupport", "Netlink", "Probes", "Processes", "SystemIO"]

    /// What comes with the compiler and has no effect outside the process.
    static let everybody: Set<String> = ["Synchronization"]

    /// The module that a line of code imports.
    static func importedModule(in line: String) -> String? {
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import"),
            words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["package", "internal", "private"].contains($0) })
        else { return nil }
        // `import struct Foundation.URL` names the module in its last word.
        return words.last?.split(separator: ".").first.map(String.init)
    }

    static func violations(in code: SwiftCode) -> [Violation] {
        let module = code.file.module
        let allowed = modules.first { $0.name == module }?.imports ?? []
        let system = glibcOwners.contains(module) ? everybody.union(["Glibc"]) : everybody
        return code.lines.enumerated().compactMap { index, line in
            guard let imported = importedModule(in: line), !allowed.union(system).contains(imported) else { return nil }
            return Violation(path: code.file.path, line: index + 1, rule: "\(module) may not import \(imported)")
        }
    }

    /// The dependencies of each library and executable that a manifest declares.
    static func dependencies(inManifest text: String) -> [String: Set<String>] {
        let products = [
            "argumentParser": "ArgumentParser", "subprocess": "Subprocess", "systemPackage": "SystemPackage",
        ]
        var result: [String: Set<String>] = [:]
        for keyword in [" library(", " executable("] {
            for part in text.split(separator: keyword, omittingEmptySubsequences: false).dropFirst() {
                // The helper functions that are declared with the same words have no quotation mark first.
                guard part.drop(while: \.isWhitespace).first == "\"", let end = part.firstIndex(of: "]") else {
                    continue
                }
                let words = part[..<end].split { !$0.isLetter }.map(String.init)
                guard let name = words.first else { continue }
                result[name] = Set(words.dropFirst().map { products[$0] ?? $0 })
            }
        }
        return result
    }
}

@Suite("Imports")
struct ImportTests {
    @Test("stay within the table")
    func stayWithinTable() throws {
        let violations = try SwiftCode.sources().flatMap(ImportTable.violations)
        #expect(violations == [])
    }

    @Test("are what the manifest says")
    func areWhatManifestSays() throws {
        let manifest = ImportTable.dependencies(inManifest: try SourceTree.file("Package.swift").text)
        for module in ImportTable.modules { #expect(manifest[module.name] == module.imports, "\(module.name)") }
        #expect(manifest.count == ImportTable.modules.count)
    }

    @Test("are what the table of the README shows, in its order")
    func areWhatReadmeSays() throws {
        let rows = try SourceTree.file("README.md").text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let names = rows.flatMap { row in
            (row.dropFirst().split(separator: "|").first ?? "").matches(of: #/`([A-Za-z]+)`/#).map { String($0.1) }
        }
        let modules = try SourceTree.names(in: "Sources")
        #expect(names.filter(ImportTable.modules.map(\.name).contains) == ImportTable.modules.map(\.name))
        #expect(Set(modules).subtracting(names) == [])
    }

    @Test("go upwards: a module comes after all that it imports")
    func goUpwards() {
        let names = ImportTable.modules.map(\.name)
        for (index, module) in ImportTable.modules.enumerated() {
            #expect(module.imports.intersection(names[index...]).isEmpty, "\(module.name)")
        }
    }

    @Test("are known for every folder of Sources with Swift in it")
    func coverAllModules() throws {
        let folders = Set(try SwiftCode.sources().map(\.file.module))
        #expect(folders == Set(ImportTable.modules.map(\.name)))
    }

    @Test("of C have one owner each, and executables have none")
    func ofCHaveOneOwner() {
        for library in ["CLinux", "CMnl", "CQRCodeGen", "CSodium", "Subprocess"] {
            #expect(ImportTable.modules.filter { $0.imports.contains(library) }.count == 1, "\(library)")
        }
        #expect(ImportTable.glibcOwners.allSatisfy { !$0.hasPrefix("wg") })
    }

    @Test(
        "outside the table are found, however they are written",
        arguments: [
            "import CSodium", "package import CSodium", "  internal  import CSodium", "@testable import Tunnel",
            "import struct Foundation.URL", "@preconcurrency internal import Glibc", "import wgup",
        ]
    )
    func findsForbidden(line: String) {
        let code = SwiftCode("// import Crypto\n\n\(line) // why\n", in: "WireGuard")
        #expect(ImportTable.violations(in: code).map(\.line) == [3])
    }

    @Test(
        "within the table, in comments and in strings are left alone",
        arguments: [
            "import Crypto", "// import CSodium", "/* import CSodium */", "let text = \"import CSodium\"",
            "let x = important",
        ]
    )
    func leavesAllowed(line: String) {
        let code = SwiftCode(line, in: "WireGuard")
        #expect(ImportTable.violations(in: code) == [])
    }

    @Test("of a manifest are read, in one line or many")
    func readsManifest() {
        let text = """
            func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
                library("A", []),
                library("B", ["A", subprocess]),
                executable(
                    "c",
                    [
                        "A", "B", argumentParser,
                    ]
                ),
            """
        #expect(
            ImportTable.dependencies(inManifest: text)
                == ["A": [], "B": ["A", "Subprocess"], "c": ["A", "B", "ArgumentParser"]]
        )
    }
}
