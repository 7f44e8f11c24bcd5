import Foundation
import NIOCore
import Testing
import Web

struct WebAssetsTests {
    private let assets: WebAssets

    init() throws {
        assets = try WebAssets.bundled(playerDirectory: nil)
    }

    @Test func filesAreKeptForeverOnlyUnderTheirVersion() throws {
        let versioned = try #require(assets.answer("\(assets.version)/watch.mjs"))
        #expect(versioned.cacheControl == "public, max-age=31536000, immutable")
        #expect(versioned.asset.contentType == "text/javascript; charset=utf-8")
        #expect(try #require(assets.answer("watch.mjs")).cacheControl == "no-cache")
        #expect(try #require(assets.answer("0123456789ab/watch.mjs")).cacheControl == "no-cache")
        #expect(assets.root == "/assets/\(assets.version)")
    }

    @Test(arguments: [
        "", "/", "watch", "pages/watch.html", "../Package.swift", "%2e%2e/watch.mjs", "watch.mjs/",
        "//watch.mjs",
        "0123456789ab", "0123456789ab/", "0123456789ab/pages/watch.html", "nothex/watch.mjs", "\u{0}",
    ])
    func everythingElseIsNotThere(path: String) {
        #expect(assets.answer(path) == nil)
    }

    @Test func textGoesAsGzipWithATagOfItsOwn() throws {
        let sheet = try #require(assets.answer("watch.css")).asset
        let packed = try #require(sheet.gzip)
        #expect(packed.entityTag != sheet.entityTag)
        #expect(packed.entityTag.hasPrefix("\"") && packed.entityTag.hasSuffix("\""))
        #expect(packed.body.getBytes(at: 0, length: 3) == [0x1f, 0x8b, 8])
        let end = packed.body.readableBytes - 4
        let length = packed.body.getInteger(at: end, endianness: .little, as: UInt32.self)
        #expect(length == UInt32(sheet.body.readableBytes))
        #expect(packed.body.readableBytes < sheet.body.readableBytes / 2)
    }

    @Test func thePlayerIsServedWhereItIsInstalled() throws {
        #expect(assets.player == nil)
        let folder = FileManager.default.temporaryDirectory.appending(path: "player-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try WebAssets.bundled(playerDirectory: folder.path).hasPlayer == false)
        try Data("export class Hls {}".utf8).write(to: folder.appending(path: "hls.mjs"))
        let equipped = try WebAssets.bundled(playerDirectory: folder.path)
        #expect(equipped.version != assets.version)
        #expect(equipped.player == "/assets/\(equipped.version)/player/hls.mjs")
        let player = try #require(equipped.answer("\(equipped.version)/player/hls.mjs"))
        #expect(String(buffer: player.asset.body) == "export class Hls {}")
    }

    @Test func anEmptyFolderStopsTheStart() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "assets-\(UUID())")
        #expect(throws: WebError.missingAssets(folder.path)) {
            _ = try WebAssets(directory: folder.path, playerDirectory: nil)
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: WebError.missingAssets(folder.path)) {
            _ = try WebAssets(directory: folder.path, playerDirectory: nil)
        }
    }
}
