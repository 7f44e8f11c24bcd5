/// Why bytes are not the init section or fragment that they were taken for.
package enum CMAFFault: Error, Hashable, Sendable {
    /// A box, or a field in it, ends after what holds it.
    case truncated(BoxType)
    case missing(BoxType)
    /// A field says what it may not say.
    case malformed(BoxType)
    /// Legal in the file format, not in what is read here: encrypted or several tracks, version 1 sound entries.
    case unsupported(BoxType)
    /// More samples, or a later time, than any part has.
    case tooMuch(BoxType)
}
