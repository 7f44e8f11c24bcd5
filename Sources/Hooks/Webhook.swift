package import Foundation
package import Outbound
import People

/// An address that wants to be told what happens.
package struct Webhook: Hashable, Sendable {
    /// More are not kept in one store.
    package static let most = 100

    package var id: HookID
    /// Where to; http or https.
    package var url: String
    /// What it wants to be told; nil: everything, and what later versions add.
    package var events: Set<HookEvent.Kind>?
    package var secrets: HookSecrets
    /// Nothing is sent while it is not; what waits goes on waiting, and nothing is added.
    package var isEnabled: Bool
    package var createdAt: Date

    package init(
        id: HookID = .random(), url: String, events: Set<HookEvent.Kind>? = nil,
        secrets: HookSecrets = HookSecrets(current: .random()), isEnabled: Bool = true, createdAt: Date
    ) {
        self.id = id
        self.url = url
        self.events = events
        self.secrets = secrets
        self.isEnabled = isEnabled
        self.createdAt = createdAt.toMilliseconds
    }

    package func wants(_ kind: HookEvent.Kind) -> Bool {
        isEnabled && (events?.contains(kind) ?? true)
    }

    /// Throws where the address cannot be used; the API asks before it keeps a webhook, and asks
    /// `OutboundClient.check` too.
    package func target() throws(WebTargetFault) -> WebTarget {
        try WebTarget(url)
    }
}
