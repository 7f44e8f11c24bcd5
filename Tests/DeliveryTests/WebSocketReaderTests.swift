import Delivery
import NIOCore
import Testing

/// The cases that Autobahn|Testsuite lists for a server (1 to 7, 10), on the reader alone: whole, byte by byte, and in pieces
/// of odd sizes.
struct WebSocketReaderTests {
    typealias Event = WebSocketReader.Event
    typealias F = ClientFrames

    private static func text(_ text: String) -> Event { .text(ByteBuffer(string: text)) }
    private static func isFailure(_ event: Event?, _ code: UInt16) -> Bool {
        if case .failed(code, _)? = event { true } else { false }
    }

    private func each(_ bytes: [UInt8], _ check: ([Event]) -> Void) {
        for piece in [Int.max, 1, 3, 997] where piece > 1 || bytes.count < 70_000 {
            check(F.events(bytes, piece: piece))
        }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 128, 65_535, 65_536, 100_000])
    func textsAndBinariesOfEveryLengthComeWhole(_ length: Int) {
        let content = [UInt8](repeating: 0x2A, count: length)
        each(F.frame(1, content)) { #expect($0 == [.text(ByteBuffer(bytes: content))]) }
        each(F.frame(2, content)) { #expect($0 == [.binary(ByteBuffer(bytes: content))]) }
    }

    @Test func pingsAndPongs() {
        for length in [0, 1, 125] {
            let content = [UInt8](repeating: 0xFE, count: length)
            each(F.frame(9, content)) { #expect($0 == [.ping(ByteBuffer(bytes: content))]) }
            each(F.frame(10, content)) { #expect($0 == [.pong]) }
        }
        each(F.frame(9, [UInt8](repeating: 1, count: 126))) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(9, Array("a".utf8)) + F.text("b") + F.frame(9)) {
            #expect($0 == [.ping(ByteBuffer(string: "a")), Self.text("b"), .ping(ByteBuffer())])
        }
    }

    @Test(arguments: 1...7 as ClosedRange<UInt8>)
    func reservedBitsFail(_ bits: UInt8) {
        for opcode: UInt8 in [1, 2, 8, 9, 10] {
            each(F.text("ok") + F.frame(opcode, [], reserved: bits)) {
                #expect($0.count == 2 && $0[0] == Self.text("ok") && Self.isFailure($0[1], 1002))
            }
        }
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func unknownOpcodesFail(_ opcode: UInt8) {
        each(F.frame(opcode)) { #expect($0.count == 1 && Self.isFailure($0[0], 1002)) }
        each(F.frame(opcode, Array("x".utf8))) { #expect(Self.isFailure($0.last, 1002)) }
    }

    @Test func whatIsNotMaskedFails() {
        each(F.frame(1, Array("x".utf8), isMasked: false)) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(9, [], isMasked: false)) { #expect(Self.isFailure($0.last, 1002)) }
    }

    @Test func lengthsThatAreNotWrittenAsTheyMustBeFail() {
        let key = F.mask
        each([0x81, 0x80 | 126, 0, 125] + key) { #expect(Self.isFailure($0.last, 1002)) }
        each([0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + key) {
            #expect(Self.isFailure($0.last, 1002))
        }
        each([0x81, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0] + key) { #expect(Self.isFailure($0.last, 1002)) }
    }

    @Test func fragmentsAreJoined() {
        let parts = F.frame(1, Array("frag".utf8), isFinal: false) + F.frame(0, Array("ment".utf8))
        each(parts) { #expect($0 == [Self.text("fragment")]) }
        let withPing =
            F.frame(1, Array("a".utf8), isFinal: false) + F.frame(9, Array("p".utf8))
            + F.frame(0, Array("b".utf8), isFinal: false) + F.frame(10) + F.frame(0, Array("c".utf8))
        each(withPing) {
            #expect($0 == [.ping(ByteBuffer(string: "p")), .pong, Self.text("abc")])
        }
        let empty = F.frame(1, [], isFinal: false) + F.frame(0, [], isFinal: false) + F.frame(0, [])
        each(empty) { #expect($0 == [Self.text("")]) }
        let two = F.frame(2, [0xFF], isFinal: false) + F.frame(0, [0xFE]) + F.text("x")
        each(two) { #expect($0 == [.binary(ByteBuffer(bytes: [0xFF, 0xFE])), Self.text("x")]) }
    }

    @Test func everyFrameIsToldSoThatItCanBeCounted() {
        let frames =
            F.frame(1, Array("a".utf8), isFinal: false) + F.frame(0, [], isFinal: false) + F.frame(10)
            + F.frame(0, [], isFinal: false) + F.frame(0, Array("b".utf8))
        for piece in [Int.max, 1, 3] {
            #expect(
                F.allEvents(frames, piece: piece)
                    == [.fragment, .fragment, .pong, .fragment, Self.text("ab")])
        }
    }

    @Test func fragmentsOutOfPlaceFail() {
        each(F.frame(0, Array("x".utf8))) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(0, Array("x".utf8), isFinal: false)) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(1, [], isFinal: false) + F.text("x")) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(1, [], isFinal: false) + F.frame(2, [1])) { #expect(Self.isFailure($0.last, 1002)) }
        for opcode: UInt8 in [8, 9, 10] {
            each(F.frame(opcode, [], isFinal: false)) { #expect(Self.isFailure($0.last, 1002)) }
        }
    }

    @Test func textInManyWritingsPassesHoweverItIsCut() {
        let words =
            "κόσμε Hello-µ@ßöäüàá-UTF-8!! 你好 สวัสดี 🎉👩‍👩‍👧‍👦 \u{0}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"
        each(F.text(words)) { #expect($0 == [Self.text(words)]) }
        let bytes = Array(words.utf8)
        for cut in 0...bytes.count {
            let parts = F.frame(1, Array(bytes[..<cut]), isFinal: false) + F.frame(0, Array(bytes[cut...]))
            #expect(F.events(parts) == [Self.text(words)])
        }
    }

    @Test func textThatIsNotUTF8FailsWithItsFirstBadByte() {
        let bad: [[UInt8]] = [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE],
            [0xFF],
            [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xED, 0xA0, 0x80, 0x65],
        ]
        for bytes in bad {
            each(F.frame(1, bytes)) { #expect($0.count == 1 && Self.isFailure($0[0], 1007)) }
            each(F.frame(2, bytes)) { #expect($0 == [.binary(ByteBuffer(bytes: bytes))]) }
        }
        // Before the frame is whole: its head says that a thousand bytes come.
        let begun = F.frame(1, [0x61, 0xFF], length: 1000)
        #expect(Self.isFailure(F.events(begun).first, 1007))
        // In the second fragment, while more are to come.
        let second = F.frame(1, [0xCE], isFinal: false) + F.frame(0, [0xCE], isFinal: false)
        #expect(Self.isFailure(F.events(second).first, 1007))
        // What becomes good is waited for.
        #expect(F.events(F.frame(1, [0xF0, 0x9F], isFinal: false)).isEmpty)
    }

    @Test func everyCodePointPasses() {
        var scalars = String.UnicodeScalarView()
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 7) {
            if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        }
        let text = String(scalars)
        #expect(F.events(F.text(text), piece: 4093) == [Self.text(text)])
    }

    @Test func closingEndsTheReading() {
        each(F.close(nil)) { #expect($0 == [.closed(nil)]) }
        each(F.close(1000, Array("bye".utf8)) + F.text("late")) { #expect($0 == [.closed(1000)]) }
        each(F.close(1000, [UInt8](repeating: 0x2A, count: 123))) { #expect($0 == [.closed(1000)]) }
        each(F.frame(8, [UInt8](repeating: 0x2A, count: 126))) { #expect(Self.isFailure($0.last, 1002)) }
        each(F.frame(8, [3])) { #expect($0.count == 1 && Self.isFailure($0[0], 1002)) }
        each(F.close(1000, [0xCE, 0xBA, 0xED, 0xA0, 0x80])) { #expect(Self.isFailure($0.last, 1007)) }
        each(F.close(1000, [0xCE])) { #expect(Self.isFailure($0.last, 1007)) }
    }

    @Test(arguments: [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999,
    ])
    func goodCloseCodes(_ code: Int) {
        #expect(F.events(F.close(code)) == [.closed(UInt16(code))])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    func badCloseCodes(_ code: Int) {
        #expect(Self.isFailure(F.events(F.close(code)).first, 1002))
    }

    @Test func whatIsTooBigFailsWithItsHead() {
        let limit = 100
        #expect(Self.isFailure(F.events(F.frame(1, [], length: 101), limit: limit).first, 1009))
        #expect(F.events(F.frame(1, [UInt8](repeating: 0x61, count: 100)), limit: limit).count == 1)
        let begun = F.frame(1, [UInt8](repeating: 0x61, count: 60), isFinal: false)
        let more = F.frame(0, [], length: 41)
        #expect(Self.isFailure(F.events(begun + more, limit: limit).first, 1009))
        #expect(Self.isFailure(F.events(F.frame(2, [], length: Int.max), limit: limit).first, 1009))
    }

    @Test func nothingAtAllMakesItHoldMuch() {
        var random = Chance(seed: 6455)
        for _ in 0..<2000 {
            var reader = WebSocketReader(limit: 512)
            var input = ByteBuffer(
                bytes: (0..<Int.random(in: 1...200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                })
            while let event = reader.next(&input) {
                if case .failed = event { break }
            }
            #expect(reader.held <= 512 + 125)
        }
    }
}

/// The same numbers in every run.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ mixed >> 32
    }
}
