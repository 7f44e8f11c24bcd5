// swift-tools-version:6.2
import PackageDescription

// Fuzzers for what reads bytes from the network, with libFuzzer. A package of its own, so that they build small: the
// rooms are the real ones, by symbolic links. Run them with Deploy/fuzz.

let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

func fuzzer(_ name: String, of room: Target.Dependency = "RTMP") -> Target {
    .executableTarget(
        name: name, dependencies: [room, "Media", "CFuzzer", nio],
        swiftSettings: rules + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
}

let package = Package(
    name: "shopcast-fuzz",
    dependencies: [.package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2")],
    targets: [
        .target(name: "Media", dependencies: [nio], swiftSettings: rules),
        .target(name: "RTMP", dependencies: ["Media", nio], swiftSettings: rules),
        .target(name: "M3U8", dependencies: ["Media", nio], swiftSettings: rules),
        .target(name: "CFuzzer"),
        fuzzer("FuzzSession"),
        fuzzer("FuzzAMF0"),
        fuzzer("FuzzFLV"),
        fuzzer("FuzzM3U8", of: "M3U8"),
    ]
)
