// swift-tools-version: 6.2
import PackageDescription

// A host app as a newcomer would write it: it depends on SyncCore only.
let package = Package(
    name: "PatrolNotes",
    dependencies: [.package(name: "field-sync", path: "../..")],
    targets: [
        .executableTarget(
            name: "PatrolNotes",
            dependencies: [.product(name: "SyncCore", package: "field-sync")],
            swiftSettings: [.enableUpcomingFeature("ExistentialAny")]
        )
    ],
    swiftLanguageModes: [.v6]
)
