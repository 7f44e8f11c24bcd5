package import Media

/// Slows down who guesses keys, wherever they do.
package protocol Warden: Sendable {
    /// Whole seconds until a key from this address is looked at; nil where it is now.
    func delay(of address: String, at now: MonotonicTime) -> Int?
    /// A key that opens nothing has come from there. Who shows none guesses none.
    func refused(_ key: String?, from address: String, at now: MonotonicTime)
}
