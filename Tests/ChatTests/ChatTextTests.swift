import Chat
import Foundation
import Testing

/// What people type becomes one visible line.
@Suite struct ChatTextTests {
    @Test(arguments: [
        ("hello", "hello"),
        ("  two   words\n\tand a line ", "two words and a line"),
        ("", ""), (" \u{3000}\u{A0} ", ""),
        // What turns the direction of what follows.
        ("abc\u{202E}fdp.exe", "abcfdp.exe"), ("\u{2067}x\u{2069}\u{200F}\u{061C}", "x"),
        // What cannot be seen.
        ("a\u{200B}b\u{2060}c\u{FEFF}d\u{00AD}e", "abcde"), ("\u{200B}\u{200D}\u{2060}", ""),
        ("\u{3164}\u{115F}\u{2800}\u{FFA0}", ""), ("x\u{E0041}\u{E007F}", "x"),
        ("a\u{0000}b\u{0007}c\u{001B}[31m", "abc[31m"), ("\u{E000}\u{F8FF}ok", "ok"),
        // Pictures stay whole.
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"), ("👍🏽 ❤️ 🏳️‍🌈 1️⃣", "👍🏽 ❤️ 🏳️‍🌈 1️⃣"),
        (
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}"
        ),
        ("🏴\u{E0067}\u{E0062}", "🏴"), ("🇪🇸🇧🇷", "🇪🇸🇧🇷"),
        ("a\u{200D}b", "ab"), ("👍\u{200D}", "👍"),
        // Scripts that need joiners keep them.
        ("می\u{200C}خواهم", "می\u{200C}خواهم"), ("क्\u{200D}ष", "क्\u{200D}ष"),
        ("น้ำ ที่", "น้ำ ที่"), ("tiếng Việt", "tiếng Việt"), ("葛\u{E0100}", "葛\u{E0100}"),
        ("مرحبا كم السعر؟", "مرحبا كم السعر؟"),
        // No HTML is meant, and none is made.
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ])
    func isCleaned(_ source: String, _ wanted: String) {
        #expect(
            ChatText.message(source).unicodeScalars.elementsEqual(
                wanted.precomposedStringWithCanonicalMapping.unicodeScalars))
    }

    @Test func towersOfMarksAreCut() {
        let tower = "z" + String(repeating: "\u{0336}\u{0317}\u{0349}", count: 40)
        let clean = ChatText.message(tower)
        #expect(clean.count == 1 && clean.unicodeScalars.count <= 5)
    }

    /// Whatever is typed: the same twice is the same once, and nothing of what must not be there is.
    @Test func holdsForEverything() {
        var generator = SplitMix(seed: 42)
        let nasty: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0xFF, 0x300...0x36F, 0x590...0x6FF, 0x900...0x97F, 0xE00...0xE7F,
            0x1100...0x11FF,
            0x2000...0x206F, 0x2600...0x27BF, 0x3000...0x30FF, 0x4E00...0x4E20, 0xAC00...0xAC20,
            0xE000...0xE010,
            0xFE00...0xFE0F, 0xFEFF...0xFEFF, 0xFFF0...0xFFFF, 0x1F1E6...0x1F1FF, 0x1F300...0x1F6FF,
            0x1F3FB...0x1F3FF, 0xE0000...0xE007F, 0xE0100...0xE0110, 0x10FFF0...0x10FFFF, 0x200C...0x200D,
            0x200C...0x200D, 0x1F468...0x1F469, 0x1F3F4...0x1F3F4, 0xFE0F...0xFE0F, 0x17B0...0x17B5,
        ]
        for _ in 0..<4000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &generator) {
                let range = nasty[Int.random(in: 0..<nasty.count, using: &generator)]
                if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
                    text.append(scalar)
                }
            }
            let clean = ChatText.message(String(text))
            let again = ChatText.message(clean)
            #expect(again.unicodeScalars.elementsEqual(clean.unicodeScalars), "\(Array(text).map(\.value))")
            #expect(clean.first != " " && clean.last != " ")
            for scalar in clean.unicodeScalars {
                #expect(
                    !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
                #expect(scalar.value >= 0x20 && scalar.value != 0x7F && !(0x80...0x9F).contains(scalar.value))
                #expect(scalar.value != 0x200B && scalar.value != 0xFEFF && scalar.value != 0x2028)
            }
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
