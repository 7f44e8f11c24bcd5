// swift-tools-version:6.2
import PackageDescription

// One folder in Sources is one target and one room of the house. The dependency lists below are its law:
// nothing imports upward. Each target names every room that it imports, also those that it could reach through another,
// so that a change of layout there rebuilds it. `package` is the access level between rooms; tests use it too.

let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room: one folder of `Sources`, with what it may import.
func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: rules)
}

/// The tests of one room, in the folder of the same name.
func tests(_ room: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: [.byName(name: room)] + dependencies, resources: resources,
        swiftSettings: rules)
}

let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "shopcast",
    products: [
        .executable(name: "shopcast", targets: ["Command"]),
        // Recognises what shows say, in processes of its own.
        .executable(name: "captiond", targets: ["Captiond"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", exact: "5.7.1"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CFFmpeg",
            pkgConfig: "libavfilter libavformat libavcodec libavutil libswscale libswresample",
            providers: [
                .apt([
                    "libavfilter-dev", "libavformat-dev", "libavcodec-dev", "libswscale-dev",
                    "libswresample-dev",
                ])
            ]),
        .systemLibrary(name: "CX264", pkgConfig: "x264", providers: [.apt(["libx264-dev"])]),
        .systemLibrary(name: "CZimg", pkgConfig: "zimg", providers: [.apt(["libzimg-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CSRT", pkgConfig: "srt", providers: [.apt(["libsrt-gnutls-dev"])]),
        .target(name: "CMediaShims", dependencies: ["CFFmpeg", "CX264", "CZimg"]),
        .target(name: "CSpawn"),
        .target(name: "CSpeech", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CCLD2", linkerSettings: [.linkedLibrary("cld2")]),

        room("Media", [nio]),
        room("Codecs", ["Media", "CFFmpeg", "CX264", "CZimg", "CMediaShims", nio, deque, logging]),
        room("RTMP", ["Media", nio]),
        room("SRT", ["CSRT", nio]),
        room(
            "Ingest",
            [
                "RTMP", "SRT", "Codecs", "Media", nio, nioPosix, nioSSL, deque, logging, metrics, coreMetrics,
                lifecycle,
            ]),
        room(
            "Restream",
            ["RTMP", "Media", nio, nioPosix, nioSSL, deque, logging, metrics, coreMetrics]),
        room("Preflight", ["Codecs", "Media", nio, logging, metrics]),
        room("Transcode", ["Codecs", "Media", nio, deque, logging, metrics, coreMetrics]),
        room("CMAF", ["Media", nio]),
        room("M3U8", ["Media", nio]),
        room("DASH", ["Media", nio]),
        room(
            "Packaging",
            ["CMAF", "DASH", "M3U8", "Media", "CZlib", nio, deque, crypto, cryptoExtras, logging, metrics]),
        room("Protection", ["Media", crypto, jwt, metrics]),
        room("Recording", ["Packaging", "Codecs", "CMAF", "M3U8", "Media", nio, logging, metrics]),
        room("People", ["Media", "CArgon2", crypto, metrics]),
        room("Shows", ["People", "Media", crypto]),
        room("ShowTimeline", ["Shows", "People", "M3U8", "Media"]),
        room(
            "Chat",
            ["Translation", "ShowTimeline", "Shows", "People", "Media", nio, deque, crypto, logging, metrics]),
        room(
            "Captioning",
            [
                "Packaging", "Translation", "M3U8", "Shows", "People", "Media", nio, deque, logging, metrics,
            ]),
        room("Outbound", [nio, nioPosix, nioHTTP1, nioWebSocket, nioSSL, httpClient, logging, metrics]),
        room(
            "Hooks",
            [
                "Outbound", "Shows", "People", "Media", nio, nioPosix, crypto, lifecycle, logging, metrics,
                coreMetrics,
            ]),
        room("Programs", ["CSpawn"]),
        room("Hearing", []),
        room(
            "Speech",
            ["Hearing", "Programs", "Outbound", "Media", "CSpeech", nio, nioPosix, crypto, deque]),
        room(
            "Translation",
            ["Outbound", "Programs", "Media", "CCLD2", nio, logging, metrics],
            resources: [.copy("Phrases"), .copy("Sidecar")]),
        room("Audience", ["Shows", "Media", logging, metrics]),
        room(
            "Persistence",
            [
                "Chat", "Captioning", "Translation", "People", "Shows", "ShowTimeline", "Audience", "Hooks",
                "Outbound",
                "Media",
                grdb, logging,
            ]),
        room(
            "Delivery",
            [
                "Packaging", "Media", nio, nioPosix, nioHTTP1, nioHPACK, nioSSL, nioTLS, httpTypes,
                nioHTTPTypes, nioHTTPTypesHTTP1, hummingbird, hummingbirdCore, crypto, deque, logging,
                metrics,
                lifecycle,
            ]),
        room(
            "API",
            [
                "Delivery", "Chat", "Captioning", "Packaging", "Translation", "Hooks", "Outbound",
                "ShowTimeline", "Shows", "People",
                "Codecs", "Media", nio, nioPosix, httpTypes,
                hummingbird, logging, metrics,
            ], resources: [.copy("openapi.yaml")]),
        room("Web", ["Media", "Shows", "CZlib", nio, crypto], resources: [.copy("Assets")]),
        room("Checker", ["CMAF", "Media", "CZlib", nio, nioHTTP1, nioSSL, httpClient]),
        room("HLSClient", ["M3U8", "Media", "CZlib", nio, nioPosix, nioHPACK, nioSSL, nioTLS, deque]),
        room("Load", ["HLSClient", "M3U8", "Media", nio, nioPosix, nioSSL]),
        room("Telemetry", [logging, metrics, coreMetrics]),
        room(
            "Shopcast",
            [
                "Codecs", "Ingest", "SRT", "RTMP", "Media", "Preflight", "Transcode", "M3U8", "Packaging",
                "Protection",
                "Recording", "Restream", "People", "Shows", "ShowTimeline", "Chat", "Audience", "Persistence",
                "Outbound", "Hooks", "Translation", "Captioning", "Hearing", "Programs",
                "Delivery", "API", "Web",
                "Telemetry", yams, httpTypes,
                hummingbird,
                nioPosix, nioSSL, deque, lifecycle, unixSignals, logging, metrics,
            ]),
        .executableTarget(
            name: "Command", dependencies: ["Shopcast", "Checker", "HLSClient", "Load", arguments],
            swiftSettings: rules),
        .executableTarget(name: "Captiond", dependencies: ["Speech"], swiftSettings: rules),

        .executableTarget(
            name: "LadderBenchmark", dependencies: ["Transcode", "Codecs", "Media", "CMAF"],
            path: "Tests/Benchmarks/Ladder",
            swiftSettings: rules),
        .executableTarget(
            name: "ServeBenchmark",
            dependencies: [
                "Delivery", "Media", "Packaging", hummingbird, nio, nioPosix, logging, lifecycle, unixSignals,
            ],
            path: "Tests/Benchmarks/Serve", swiftSettings: rules),
        .executableTarget(
            name: "StoreBenchmark",
            dependencies: ["Chat", "Persistence", "People", "Shows", "ShowTimeline", "Media", logging],
            path: "Tests/Benchmarks/Store", swiftSettings: rules),
        .executableTarget(
            name: "TranslationBenchmark", dependencies: ["Translation", "Media"],
            path: "Tests/Benchmarks/Translation", exclude: ["verdicts.tsv"], swiftSettings: rules),

        tests("Media"),
        tests("Codecs", ["Media"]),
        tests("RTMP", ["Media", nioEmbedded]),
        tests("SRT"),
        tests("Ingest", ["Media", "RTMP", nioPosix]),
        tests("Restream", ["Media", "RTMP", nio, nioPosix, logging]),
        tests("Preflight", ["Codecs", "Media", nio, logging]),
        tests("Transcode", ["Codecs", "Media"]),
        tests("CMAF", ["Media"]),
        tests("M3U8"),
        tests("Checker", ["CMAF", "Media", nio]),
        tests("DASH", ["Media", nio]),
        tests("Packaging", ["CMAF", "M3U8", "Media", nio, logging, crypto, cryptoExtras]),
        tests("Protection", ["Media", crypto]),
        tests("Recording", ["Packaging", "Codecs", "CMAF", "M3U8", "Media", nio, logging]),
        tests("People", ["Media"]),
        tests("Shows", ["People", "Media"]),
        tests("Chat", ["Translation", "ShowTimeline", "Shows", "People", "Media", nio, nioPosix, logging]),
        tests(
            "Persistence",
            [
                "Chat", "Captioning", "Translation", "People", "Shows", "ShowTimeline", "Audience", "Media",
                "StoreBenchmark", grdb,
                logging,
            ],
            resources: [.copy("store-1.sql")]),
        tests(
            "Captioning",
            ["Packaging", "Translation", "Persistence", "M3U8", "Shows", "People", "Media", nio, logging]),
        tests("Audience", ["Media", logging]),
        tests(
            "Delivery",
            [
                "Media", "Packaging", nio, nioPosix, nioHTTP2, nioHPACK, nioSSL, httpTypes, hummingbird,
                logging,
                lifecycle,
            ]),
        tests(
            "API",
            [
                "Chat", "Captioning", "Delivery", "Persistence", "Hooks", "Outbound", "ShowTimeline", "Shows",
                "People", "Codecs",
                "Media", nio,
                nioPosix, grdb, httpTypes, hummingbird, yams, logging,
            ]),
        tests("HLSClient", ["M3U8", "Media", nio, nioPosix, nioHPACK, nioEmbedded]),
        tests("Load", ["HLSClient", "Media"]),
        .target(
            name: "Receiving", dependencies: [nio, nioPosix, nioHTTP1, nioSSL], path: "Tests/Receiving",
            swiftSettings: rules),
        tests("Outbound", ["Receiving", nio, nioPosix]),
        tests(
            "Hooks",
            [
                "Receiving", "Outbound", "People", "Shows", "Media", "Persistence", nio, nioPosix, grdb,
                logging,
                lifecycle,
            ]),
        tests(
            "Translation", ["Receiving", "Outbound", "Media", nio, nioPosix, logging],
            resources: [.copy("sentences.tsv")]),
        tests("Hearing"),
        tests("Speech", ["Hearing", "Outbound", "Receiving", nio, nioPosix, nioHTTP1, nioWebSocket]),
        tests("Telemetry", [coreMetrics, logging]),
        tests("Web", ["Media", "Shows", nio, crypto]),
        tests(
            "Shopcast",
            [
                "CMAF", "Captioning", "Codecs", "Delivery", "Hearing", "Hooks", "M3U8", "Media", "Outbound",
                "Packaging", "People", "Persistence", "RTMP", "Restream", "ShowTimeline", "Shows",
                "Telemetry",
                "Transcode", "Translation", nio, grdb, logging,
            ]),
    ]
)
