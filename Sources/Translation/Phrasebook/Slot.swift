/// A place in a template, by its name: a kind, perhaps with a digit behind where there are two of it.
struct Slot: Hashable, Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case price, percent, size, colour, quantity, country, minutes, days, coupon
        /// A word of the show's glossary.
        case term
    }

    var kind: Kind
    var number: Int
    /// How it is written where the language bends it: `{country:to}`.
    var isDirected: Bool

    /// What the braces hold: `price`, `price2`, `country:to`.
    init?(_ text: some StringProtocol) {
        var name = String(text)
        isDirected = name.hasSuffix(":to")
        if isDirected { name.removeLast(3) }
        number = 1
        if let digit = name.last?.wholeNumberValue {
            guard (2...9).contains(digit) else { return nil }
            number = digit
            name.removeLast()
        }
        guard let kind = Kind(rawValue: name), !isDirected || kind == .country else { return nil }
        self.kind = kind
    }

    /// The same place, however it is written.
    var key: String { number == 1 ? kind.rawValue : "\(kind.rawValue)\(number)" }
    var description: String { "{\(key)\(isDirected ? ":to" : "")}" }
}

/// What stands in a slot, in no language.
enum SlotValue: Hashable, Sendable {
    /// As it was written: sizes, coupons, and prices with a sign or code.
    case verbatim(String)
    /// Digits; the unit is the template's.
    case number(String)
    /// Digits, and a currency that was written as a word; by its ISO code.
    case money(String, currency: String)
    /// A colour or country, by its key.
    case name(String)
    /// A term of the glossary, by its number, as it was written.
    case term(Int, String)
}
