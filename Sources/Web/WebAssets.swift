import Crypto
import Foundation
import NIOCore

/// The files that the pages load, in memory from the start, and the templates of the pages.
///
/// Addresses are `/assets/VERSION/PATH`, where VERSION changes with any file, so that browsers keep them for a year;
/// `/assets/PATH` is answered too and is asked for anew each time.
package struct WebAssets: Sendable {
    /// Changes with any of the files.
    package let version: String
    /// Whether the player's module is there; without it the pages use the browser's own HLS.
    package let hasPlayer: Bool

    private let files: [String: WebAsset]
    /// The pages' texts by their names.
    package let templates: [String: String]
    /// By their paths below `messages/`.
    private let messages: [String: [UInt8]]

    /// What is answered at an address below `/assets/`.
    package struct Answer: Sendable {
        package let asset: WebAsset
        package let cacheControl: String
    }

    /// The files in the binary's own resources, with `hls.mjs` of `playerDirectory` where that exists.
    package static func bundled(playerDirectory: String?) throws(WebError) -> WebAssets {
        // Found beside the binary first: the generated accessor of the bundle stops the process where it finds none.
        let beside = Bundle.main.bundleURL.appending(path: "shopcast_Web.resources/Assets")
        let folder = FileManager.default.fileExists(atPath: beside.path) ? beside : built()
        return try WebAssets(directory: folder.path, playerDirectory: playerDirectory)
    }

    private static func built() -> URL {
        Bundle.module.bundleURL.appending(path: "Assets")
    }

    /// Reads `directory` whole: `pages/*.html` are templates, `messages` what the pages say, everything else is served.
    package init(directory: String, playerDirectory: String?) throws(WebError) {
        guard let found = FileManager.default.enumerator(atPath: directory) else {
            throw .missingAssets(directory)
        }
        var files: [String: WebAsset] = [:]
        var templates: [String: String] = [:]
        var messages: [String: [UInt8]] = [:]
        var digest = SHA256()
        let paths = found.compactMap { $0 as? String }.filter { $0.contains(".") }.sorted()
        for path in paths {
            let bytes = try WebAssets.read("\(directory)/\(path)")
            if path.hasPrefix("pages/") {
                templates[String(path.dropFirst("pages/".count))] = String(decoding: bytes, as: UTF8.self)
            } else if path.hasPrefix("messages/") {
                messages[String(path.dropFirst("messages/".count))] = bytes
            } else {
                files[path] = WebAsset(path: path, bytes: bytes)
                digest.update(data: bytes)
            }
        }
        guard !files.isEmpty, !templates.isEmpty else { throw .missingAssets(directory) }
        var hasPlayer = false
        if let playerDirectory, FileManager.default.fileExists(atPath: "\(playerDirectory)/hls.mjs") {
            let bytes = try WebAssets.read("\(playerDirectory)/hls.mjs")
            files[WebAssets.playerPath] = WebAsset(path: WebAssets.playerPath, bytes: bytes)
            digest.update(data: bytes)
            hasPlayer = true
        }
        version = digest.finalize().prefix(6).map { hexadecimal($0) }.joined()
        self.hasPlayer = hasPlayer
        self.files = files
        self.templates = templates
        self.messages = messages
    }

    /// Where the pages find their files: `/assets/VERSION`.
    package var root: String { "/assets/\(version)" }

    /// The address of the player's module, or nil where it is missing.
    package var player: String? { hasPlayer ? "\(root)/\(WebAssets.playerPath)" : nil }

    /// The file at `path` below `/assets/`, with or without the version; nil where there is none.
    package func answer(_ path: some StringProtocol) -> Answer? {
        let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == version, let asset = files[String(parts[1])] {
            return Answer(asset: asset, cacheControl: "public, max-age=31536000, immutable")
        }
        if let asset = files[String(path)] { return Answer(asset: asset, cacheControl: "no-cache") }
        // An older page asks with the version that it was served with: it gets today's file.
        if parts.count == 2, WebAssets.isVersion(parts[0]), let asset = files[String(parts[1])] {
            return Answer(asset: asset, cacheControl: "no-cache")
        }
        return nil
    }

    /// The file at `path` as text, to be put into a page itself.
    func text(_ path: String) throws(WebError) -> String {
        guard let file = files[path] else { throw .unreadable(path) }
        return String(buffer: file.body)
    }

    /// The texts of the scripts by their paths.
    package var scripts: [String: String] {
        files.filter { $0.key.hasSuffix(".mjs") || $0.key.hasSuffix(".js") }
            .mapValues { String(buffer: $0.body) }
    }

    /// The template `pages/NAME`, with what it shares with others: `{{part:NAME}}` is `pages/parts/NAME.html`.
    func template(_ name: String) throws(WebError) -> PageTemplate {
        guard var rest = templates[name]?[...] else { throw .unreadable("pages/\(name)") }
        var whole = ""
        while let open = rest.firstRange(of: "{{part:"),
            let close = rest[open.upperBound...].firstRange(of: "}}\n")
        {
            let file = "parts/\(rest[open.upperBound..<close.lowerBound]).html"
            guard let part = templates[file] else { throw .unreadable("pages/\(file)") }
            whole += String(rest[..<open.lowerBound]) + part
            rest = rest[close.upperBound...]
        }
        return PageTemplate(name: name, text: whole + String(rest))
    }

    /// The languages of pages of this kind.
    package func catalogues(_ kind: MessageCatalogues.Kind) throws(WebError) -> MessageCatalogues {
        try MessageCatalogues(messages, kind)
    }

    private static let playerPath = "player/hls.mjs"

    private static func isVersion(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 12
            && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || 97...102 ~= $0 }
    }

    private static func read(_ path: String) throws(WebError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path) }
        return Array(data)
    }
}
