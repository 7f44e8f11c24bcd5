/// A password as it is kept: Argon2id in its own encoded form, with its salt and costs.
package struct PasswordHash: Hashable, Sendable {
    /// `$argon2id$v=19$m=…`
    package let text: String

    package init(stored: String) { text = stored }
}
