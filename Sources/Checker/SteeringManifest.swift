import Foundation
import NIOCore

/// What a content steering server answers (7.1).
struct SteeringManifest: Decodable {
    let version: Int
    let pathways: [String]

    enum CodingKeys: String, CodingKey {
        case version = "VERSION"
        case pathways = "PATHWAY-PRIORITY"
    }

    /// Nil where it is no JSON object with these members.
    init?(_ body: ByteBuffer) {
        guard let read = try? JSONDecoder().decode(SteeringManifest.self, from: Data(body.readableBytesView))
        else {
            return nil
        }
        self = read
    }

    var isGood: Bool { version == 1 && !pathways.isEmpty }
}
