package import Foundation
import People

/// What a webhook's messages are signed with. Both sides need it in clear, so it is stored so; it is never logged.
package struct HookSecret: Hashable, Sendable, CustomStringConvertible {
    /// `whsec_` and 40 letters and digits (200 bits), or what an operator has set: 16 to 200 printable ASCII characters.
    package let text: String

    /// Nil where the text is too short, too long, or of other characters.
    package init?(_ text: String) {
        guard (16...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.text = text
    }

    private init(known: String) { text = known }

    package static func random() -> HookSecret { HookSecret(known: "whsec_" + Name32.random(40)) }

    package var description: String { "(secret)" }
}

/// A webhook's secret, and the one before it, for as long as messages are signed with both.
package struct HookSecrets: Hashable, Sendable {
    package struct Former: Hashable, Sendable {
        package var secret: HookSecret
        package var until: Date

        package init(secret: HookSecret, until: Date) {
            self.secret = secret
            self.until = until
        }
    }

    package var current: HookSecret
    package var former: Former?

    package init(current: HookSecret, former: Former? = nil) {
        self.current = current
        self.former = former
    }

    /// How long a receiver has to take up a new secret.
    package static let overlap: TimeInterval = 86_400

    /// `secret` signs from now on, and the one before it beside it for a day. An older one than that is void.
    package mutating func rotate(to secret: HookSecret = .random(), at now: Date) {
        former = Former(secret: current, until: now.addingTimeInterval(HookSecrets.overlap))
        current = secret
    }

    /// The one or two that sign at `now`, the newer first.
    package func signing(at now: Date) -> [HookSecret] {
        guard let former, now < former.until else { return [current] }
        return [current, former.secret]
    }
}
