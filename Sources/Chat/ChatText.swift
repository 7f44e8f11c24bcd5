import Foundation

/// Makes what people type safe to stand beside what others type: one line, nothing that turns the direction of what
/// follows, nothing that cannot be seen, no towers of accents. Pure; the same twice is the same once.
package enum ChatText {
    /// Marks on one letter; more are left out. Thai and Vietnamese need two, Tibetan four.
    private static let marksAtMost = 4
    private static let tagsAtMost = 8

    /// A message as it is kept; empty where nothing is left.
    package static func message(_ text: String) -> String { clean(text) }

    /// A display name as it is kept; empty where nothing is left.
    package static func name(_ name: String) -> String { clean(name) }

    private static func clean(_ text: String) -> String {
        var text = text.precomposedStringWithCanonicalMapping
        // What is left out can bring together what was apart; this ends after a few rounds, or the rest is cut as it is.
        for _ in 0..<8 {
            let next = pass(Array(text.unicodeScalars)).precomposedStringWithCanonicalMapping
            if next.unicodeScalars.elementsEqual(text.unicodeScalars) { return text }
            text = next
        }
        return text
    }

    private static func pass(_ scalars: [Unicode.Scalar]) -> String {
        var kept = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        var marks = 0
        var index = 0
        func keep(_ scalar: Unicode.Scalar) {
            kept.append(scalar)
            last = scalar
        }
        while index < scalars.count {
            let scalar = scalars[index]
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            index += 1
            if scalar.isRoom {
                marks = 0
                if last != nil, last != " " { keep(" ") }
                continue
            }
            guard scalar.isVisible(after: last, before: next) else { continue }
            if scalar.isMark {
                marks += 1
                if marks > marksAtMost { continue }
            } else {
                marks = 0
            }
            keep(scalar)
            // A flag of a region is a black flag with a word of tags behind it.
            if scalar.value == 0x1F3F4 {
                let tags = scalars[index...].prefix { $0.isTag }
                if let end = tags.last, end.value == 0xE007F, (2...tagsAtMost).contains(tags.count) {
                    tags.forEach(keep)
                    index += tags.count
                }
            }
        }
        if kept.last == " " { kept.removeLast() }
        return String(kept)
    }
}

extension Unicode.Scalar {
    /// Between words; all kinds of it become one space.
    fileprivate var isRoom: Bool {
        switch properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: true
        default: (0x09...0x0D).contains(value) || value == 0x85
        }
    }

    fileprivate var isTag: Bool { (0xE0020...0xE007F).contains(value) }

    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    /// A picture, not one of the digits and signs that can become one.
    fileprivate var isPicture: Bool { value > 0xFF && properties.isEmoji }

    private var isSkinTone: Bool { (0x1F3FB...0x1F3FF).contains(value) }

    private var isHan: Bool {
        (0x4E00...0x9FFF).contains(value) || (0x3400...0x4DBF).contains(value)
            || (0x20000...0x3FFFF).contains(value)
    }

    /// Of scripts in which joiners change how letters look, as they are meant to: Arabic, and those of India and around.
    private var isJoining: Bool {
        (0x0620...0x08FF).contains(value) || (0x0900...0x0DFF).contains(value)
            || (0x1000...0x109F).contains(value) || (0x1780...0x18AF).contains(value)
            || (0xFB50...0xFDFF).contains(value)
    }

    /// What readers see, or what makes it look as it does; where it stands decides that for joiners and selectors.
    fileprivate func isVisible(after last: Unicode.Scalar?, before next: Unicode.Scalar?) -> Bool {
        switch value {
        case 0x200D:
            guard let last, let next else { return false }
            let isPictured = last.isPicture || last.isSkinTone || last.value == 0xFE0F
            return (isPictured && next.isPicture) || (last.isJoining && next.isJoining)
        case 0x200C:
            guard let last, let next else { return false }
            return last.isJoining && next.isJoining
        case 0xFE0E, 0xFE0F: return last?.properties.isEmoji == true
        case 0xE0100...0xE01EF: return last?.isHan == true
        // Selectors of no use here, a joiner that joins nothing, letters without a shape.
        case 0xFE00...0xFE0D, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x2800, 0x3164,
            0xFFA0, 0xFFFC:
            return false
        // Pictures that this machine's tables may not know yet.
        case 0x1F000...0x1FBFF: return true
        default: break
        }
        switch properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned: return false
        default: return true
        }
    }
}
