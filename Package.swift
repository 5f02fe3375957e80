// swift-tools-version: 6.3
import PackageDescription

// One list for every target, tests included: a warning is an error, and every use of unsafe memory is spelled out.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

// For `make`, which has Swift's libraries linked statically, too. The work of wgkey takes less time than a loader would, and
// than relocating it: what it reads of others, it reads in Swift.
let wgkeyLinkerSettings: [LinkerSetting] =
    Context.environment["WGSEAL_STATIC"] == nil
    ? [] : [.unsafeFlags(["-static-executable"], .when(configuration: .release))]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func executable(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = [],
    linkerSettings: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        swiftSettings: swiftSettings,
        linkerSettings: linkerSettings
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

let package = Package(
    name: "wgseal",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // C
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CQRCodeGen", pkgConfig: "qrcodegen", providers: [.apt(["libqrcodegen-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CPacket"),

        // Libraries, bottom-up: a module imports only modules above it.
        library("Crypto", ["CSodium"]),
        library("WireGuard", ["Crypto"]),
        library("Planning", ["Crypto", "WireGuard"]),
        library("PeerBundle", ["Crypto", "WireGuard"]),
        library("QRCode", ["CQRCodeGen"]),
        library("SystemIO", ["CLinux", "Crypto", "WireGuard"]),
        library("Processes", ["SystemIO", subprocess, systemPackage]),
        library("Keystore", ["Crypto", "PeerBundle", "Planning", "SystemIO", "WireGuard"]),
        library("Probes", ["CPacket", "SystemIO", "WireGuard"]),
        library("Netlink", ["CMnl", "Crypto", "SystemIO", "WireGuard"]),
        library("Tunnel", ["Crypto", "Netlink", "Planning", "Processes", "SystemIO", "WireGuard"]),
        library("Containers", ["Planning", "Processes", "SystemIO", "WireGuard"]),
        library("CommandSupport", ["Crypto", "Keystore", "PeerBundle", "SystemIO", "WireGuard", argumentParser]),
        library("QRDisplay", ["CommandSupport", "QRCode", "SystemIO"]),

        // Executables and tests
        executable(
            "wgkey",
            [
                "CommandSupport", "Crypto", "Keystore", "PeerBundle", "QRDisplay", "SystemIO", "WireGuard",
                argumentParser,
            ],
            linkerSettings: wgkeyLinkerSettings
        ),
        executable(
            "wgbundle",
            [
                "CommandSupport", "Crypto", "Keystore", "Netlink", "PeerBundle", "QRCode", "QRDisplay", "SystemIO",
                "WireGuard", argumentParser,
            ]
        ),
        executable(
            "wgup",
            [
                "CommandSupport", "Containers", "Crypto", "Keystore", "Netlink", "PeerBundle", "Planning", "Probes",
                "Processes", "SystemIO", "Tunnel", "WireGuard", argumentParser,
            ],
            exclude: ["debian", "systemd"]
        ),
        .executableTarget(
            name: "benchmark-identities",
            dependencies: ["Crypto", "PeerBundle"],
            path: "Tests/Benchmarks/Identities",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "confined-probe",
            dependencies: ["CLinux", "Crypto", "SystemIO"],
            path: "Tests/ConfinedProbe",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Crypto", subprocess, systemPackage],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        tests("ArchitectureTests", ["TestSupport"]),
        tests(
            "ContainersTests",
            ["Containers", "Planning", "Processes", "SystemIO", "TestSupport", "WireGuard"]
        ),
        tests("ProcessesTests", ["Processes", "SystemIO", "TestSupport"]),
        tests("QRCodeTests", ["PeerBundle", "QRCode", "TestSupport"]),
        tests("CryptoTests", ["CSodium", "Crypto", "TestSupport"]),
        tests("NetlinkTests", ["CLinux", "Crypto", "Netlink", "SystemIO", "TestSupport", "WireGuard"]),
        tests(
            "LabTests",
            ["CSodium", "Crypto", "PeerBundle", "TestSupport", "WireGuard", "wgbundle", "wgkey", "wgup"]
        ),
        tests("PlanningTests", ["Crypto", "Planning", "TestSupport", "WireGuard"]),
        tests(
            "TunnelTests",
            ["Crypto", "Planning", "Processes", "SystemIO", "TestSupport", "Tunnel", "WireGuard"]
        ),
        tests("PeerBundleTests", ["Crypto", "PeerBundle", "TestSupport", "WireGuard"]),
        tests("WireGuardTests", ["Crypto", "TestSupport", "WireGuard"]),
        tests("SystemIOTests", ["CLinux", "Crypto", "SystemIO", "TestSupport", "WireGuard", "confined-probe"]),
        tests(
            "KeystoreTests",
            ["Crypto", "Keystore", "PeerBundle", "Planning", "SystemIO", "TestSupport", "WireGuard"]
        ),
        tests(
            "CommandLineTests",
            [
                "CommandSupport", "Crypto", "Keystore", "PeerBundle", "TestSupport", "WireGuard", "wgbundle", "wgkey",
                "wgup",
            ]
        ),
    ]
)

// For `Tests/Fuzz/run` alone, which names libFuzzer's runtime to the linker.
if Context.environment["WGSEAL_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CFuzzer", "CMnl", "Crypto", "Keystore", "Netlink", "PeerBundle", "SystemIO", "Tunnel", "WireGuard",
            ],
            path: "Tests/Fuzz/Targets",
            swiftSettings: swiftSettings
        ),
    ]
}
