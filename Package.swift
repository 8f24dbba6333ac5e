// swift-tools-version: 6.2
import PackageDescription

// The layering, legible in one screen. Arrows (→ may import), held by RepositoryTests:
//
//   FieldCLI    → Simulator, MergeServer, SyncCore, Models, Interchange, Replication
//   Simulator   → Oracle, MergeServer, SyncCore, Models, Interchange, Replication, DiskFaults
//   MergeServer → SyncCore, Models, Replication
//   SyncCore    → Replication, Interchange, CZlib
//   Models      → Replication
//   Oracle      → Replication (the naive reference: tests and the simulator only)
//   DiskFaults  → CFaultVFS (tests and the simulator only)
//   Interchange → nothing
//   Replication → nothing

/// `FIELD_MARKS=1 swift build -c release` counts rare branches, see docs/simulation.md; debug builds
/// always do, and what is installed never does.
let marks: SwiftSetting =
    Context.environment["FIELD_MARKS"] == nil
    ? .define("FIELD_MARKS", .when(configuration: .debug)) : .define("FIELD_MARKS")

/// Plants the bugs of docs/simulation.md, for `make mutants`; no other build has a trace of them.
let mutants: [SwiftSetting] =
    Context.environment["FIELD_MUTANTS"] == nil ? [] : [.define("FIELD_MUTANTS")]

/// libFuzzer's archive, where the fuzzer is built.
///
/// It reads what the commands read and has a main of its own. Our modules are built with the address
/// sanitizer and counters on every edge then, and those of others as always.
let libFuzzer = Context.environment["FIELD_FUZZ"]
let counters: [SwiftSetting] =
    libFuzzer == nil
    ? []
    : [
        .define("FIELD_FUZZ"),
        .unsafeFlags([
            "-O", "-sanitize=address",
            "-sanitize-coverage=edge,trace-cmp,indirect-calls,inline-8bit-counters,pc-table",
        ]),
    ]

let settings: [SwiftSetting] =
    mutants + counters + [
        marks,
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]

/// Tests are compiled without optimisation in every build: it would take longer than it saves.
let testSettings: [SwiftSetting] =
    settings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
/// The C interface under GRDB, for binding values on the hottest statements.
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

let commandDependencies: [Target.Dependency] = [
    "Simulator", "MergeServer", "SyncCore", "Models", "Interchange", "Replication",
    argumentParser, logging, crypto,
    .product(name: "Yams", package: "Yams"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]
let commands: Target =
    libFuzzer == nil
    ? .executableTarget(
        name: "FieldCLI",
        dependencies: commandDependencies,
        swiftSettings: settings
    ) : .target(name: "FieldCLI", dependencies: commandDependencies, swiftSettings: settings)

let package = Package(
    name: "field-sync",
    products: [
        .library(name: "Replication", targets: ["Replication"]),
        .library(name: "SyncCore", targets: ["SyncCore"]),
        .library(name: "Models", targets: ["Models"]),
        .library(name: "Interchange", targets: ["Interchange"]),
        .library(name: "MergeServer", targets: ["MergeServer"]),
        .executable(name: "field", targets: ["FieldCLI"]),
        .executable(name: "benchmark", targets: ["Benchmark"]),
        .executable(name: "kill-loop", targets: ["KillLoop"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.1",
            traits: []
        ),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "Replication", swiftSettings: settings),
        .target(name: "Interchange", swiftSettings: settings),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "SyncCore",
            dependencies: [
                "Replication", "Interchange", "CZlib", grdb, sqlite, crypto, httpClient, nioCore,
                nioHTTP1,
            ],
            swiftSettings: settings
        ),
        // A SQLite VFS that fails on purpose: no store of a user is ever opened with it.
        .target(
            name: "CFaultVFS",
            cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("sqlite3")]
        ),
        .target(name: "DiskFaults", dependencies: ["CFaultVFS", grdb], swiftSettings: settings),
        .target(name: "Models", dependencies: ["Replication"], swiftSettings: settings),
        // What a set of changes means, worked out without the engine's merge.
        .target(name: "Oracle", dependencies: ["Replication"], swiftSettings: settings),
        .target(
            name: "MergeServer",
            dependencies: [
                "SyncCore", "Models", "Replication", grdb, hummingbird, logging, crypto, nioCore,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Simulator",
            dependencies: [
                "Oracle", "MergeServer", "SyncCore", "Models", "Interchange", "Replication",
                "DiskFaults",
            ],
            swiftSettings: settings
        ),
        commands,
        .executableTarget(
            name: "Benchmark",
            dependencies: ["MergeServer", "SyncCore", "Interchange", "Replication", "CZlib", grdb],
            swiftSettings: settings
        ),
        // Real processes, killed: for `make kill-loop` and one test.
        .executableTarget(
            name: "KillLoop",
            dependencies: [
                "MergeServer", "SyncCore", "Models", "Interchange", "Replication", argumentParser,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReplicationTests",
            dependencies: ["Oracle", "Replication"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "InterchangeTests",
            dependencies: ["Interchange"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ModelsTests",
            dependencies: ["Models", "Replication"],
            exclude: ["Fixtures"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SyncCoreTests",
            dependencies: [
                "SyncCore", "Models", "Interchange", "Replication", "DiskFaults", grdb,
            ],
            exclude: ["Fixtures"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "MergeServerTests",
            dependencies: [
                "MergeServer", "SyncCore", "Models", "Replication", "DiskFaults", grdb, logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SimulatorTests",
            dependencies: ["Simulator", "MergeServer", "SyncCore", "Interchange", "Replication"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "FieldCLITests",
            dependencies: ["FieldCLI", "KillLoop", "SyncCore", "Models", "Interchange", grdb],
            exclude: ["Fixtures"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "MalformedTests",
            dependencies: ["Simulator", "SyncCore", "Interchange"],
            exclude: ["Corpus"],
            swiftSettings: testSettings
        ),
        .testTarget(name: "RepositoryTests", swiftSettings: testSettings),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzzer, for `make fuzz` only.
if let libFuzzer {
    package.products.removeAll { $0.name == "field" }
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CLibFuzzer", "FieldCLI", "Simulator", "MergeServer", "SyncCore", "Models",
                "Interchange", "Replication", grdb,
            ],
            path: "Fuzz/Targets",
            swiftSettings: settings,
            linkerSettings: [
                .unsafeFlags(["-sanitize=address", "-Xlinker", libFuzzer, "-Xlinker", "-lstdc++"])
            ]
        ),
    ]
}
