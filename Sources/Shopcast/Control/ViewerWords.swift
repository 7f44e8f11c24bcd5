import API
import Foundation
import People

/// Answers `shopcast viewer …`: only the running server knows who watches.
struct ViewerWords: Sendable {
    let desk: ViewerDesk

    /// Nil where the words are another's.
    func answer(_ words: [String]) async -> ControlReply? {
        guard words.count == 3, words[0] == "viewer" else { return nil }
        guard let viewer = ViewerName(words[2]) else {
            return .error("'\(words[2])' names no viewer: it is 16 to 64 letters, digits, '-' and '_'")
        }
        let nothing = ControlReply.error("nothing is kept of a viewer '\(viewer.text)'")
        do {
            switch words[1] {
            case "export":
                guard let kept = try await desk.export(viewer) else { return nothing }
                return .ok(String(decoding: try WireJSON.encoder().encode(kept), as: UTF8.self))
            case "erase":
                let parts = try await desk.erase(viewer, by: .commandLine, at: .now)
                guard !parts.isEmpty else { return nothing }
                return .ok("viewer '\(viewer.text)' is forgotten: \(parts.joined(separator: ", "))")
            default: return nil
            }
        } catch {
            return .error("\(error)")
        }
    }
}
