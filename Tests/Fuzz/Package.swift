// swift-tools-version:6.2
import PackageDescription

// Fuzzers for what reads bytes from the network, with libFuzzer and under AddressSanitizer. A package of its own, so that
// they build small: the rooms are the real ones, by symbolic links. Run them with Deploy/fuzz.

let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer,address"]),
]
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

func fuzzer(_ name: String, of room: Target.Dependency = "RTMP") -> Target {
    .executableTarget(
        name: name, dependencies: [room, "Media", "CFuzzer", nio],
        swiftSettings: rules + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}

let package = Package(
    name: "shopcast-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
    ],
    targets: [
        .target(name: "Media", dependencies: [nio], swiftSettings: rules),
        .target(name: "RTMP", dependencies: ["Media", nio], swiftSettings: rules),
        .target(name: "M3U8", dependencies: ["Media", nio], swiftSettings: rules),
        .target(name: "CaptionText", dependencies: ["Media", nio], swiftSettings: rules),
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavformat libavcodec libavutil libswscale libswresample"),
        .systemLibrary(name: "CX264", pkgConfig: "x264"),
        .systemLibrary(name: "CZimg", pkgConfig: "zimg"),
        .systemLibrary(name: "CSRT", pkgConfig: "srt"),
        .target(name: "CMediaShims", dependencies: ["CFFmpeg", "CX264", "CZimg"]),
        .target(
            name: "Codecs",
            dependencies: [
                "Media", "CFFmpeg", "CX264", "CZimg", "CMediaShims", nio,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: rules),
        .target(name: "SRT", dependencies: ["CSRT", nio], swiftSettings: rules),
        // Only what reads clients' bytes: the rest of these rooms needs more than a fuzzer should build.
        .target(
            name: "Delivery", dependencies: [nio],
            sources: ["Lines/TextCheck.swift", "Lines/WebSocketReader.swift", "Lines/WebSocketWire.swift"],
            swiftSettings: rules),
        .target(
            name: "Chat", dependencies: ["Media", nio],
            sources: [
                "ChatText.swift", "ClientWord.swift", "Fanout/JSONPen.swift", "FoldedText.swift",
                "LinkSpotter.swift",
                "QuestionSpotter.swift",
            ], swiftSettings: rules),
        .target(name: "CFuzzer"),
        fuzzer("FuzzSession"),
        fuzzer("FuzzAMF0"),
        fuzzer("FuzzFLV"),
        fuzzer("FuzzM3U8", of: "M3U8"),
        fuzzer("FuzzCaptions", of: "CaptionText"),
        fuzzer("FuzzTransportStream", of: "Codecs"),
        fuzzer("FuzzStreamID", of: "SRT"),
        fuzzer("FuzzSocket", of: "Delivery"),
        fuzzer("FuzzChat", of: "Chat"),
    ]
)
