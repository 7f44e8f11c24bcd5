import Media
import Packaging
import Testing

/// Journals come back as they were written, whatever a crash or a bad disk has left of them.
@Suite struct JournalTests {
    static let show = ShowID("sale")!
    static let entries: [JournalEntry] = [
        .header(
            show: show, tag: "abc123", continues: "abb", unixMilliseconds: 1_790_000_000_123,
            discontinuities: 7,
            isKept: true),
        .run(epoch: -12_345),
        .rendition(
            .init(
                name: .source, kind: .video(width: 1920, height: 1080, frameRate: FrameRate(30000, 1001)),
                peakBitsPerSecond: 6_000_000, isPassthrough: true)),
        .rendition(
            .init(name: .audio, kind: .audio(channels: 2), peakBitsPerSecond: 128_000, isPassthrough: false)),
        .initSection(.source, file: "init1-abc123.mp4", bytes: 812),
        .taken(1_790_000_001),
        .segment(.source, segment(1_790_000_000, at: 10_000)),
        .segment(.audio, segment(1_790_000_000, at: 10_010)),
        .ended(unixMilliseconds: 1_790_000_009_000),
    ]

    static func segment(
        _ sequence: UInt64, at milliseconds: Int64, isGap: Bool = false, isDiscontinuity: Bool = false,
        tag: String = "abc123"
    ) -> ReelSegment {
        ReelSegment(
            sequence: sequence, start: MediaTime(milliseconds: milliseconds),
            duration: MediaTime(milliseconds: 2000), programDateTime: 1_790_000_000_000 + milliseconds,
            isDiscontinuity: isDiscontinuity, isGap: isGap, map: "init1-\(tag).mp4",
            file: "s\(sequence)-\(tag).mp4", bytes: isGap ? 0 : 1000, keyLength: isGap ? nil : 120)
    }

    @Test(arguments: entries) func everyEntryComesBack(entry: JournalEntry) {
        let line = entry.line
        #expect(line.hasSuffix("\n"))
        #expect(JournalEntry(line: line.dropLast()) == entry)
    }

    @Test(arguments: entries) func aDamagedLineIsNone(entry: JournalEntry) {
        let bytes = Array(entry.line.dropLast().utf8)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x01
            let read = JournalEntry(line: Substring(String(decoding: damaged, as: UTF8.self)))
            // A check sum in capital letters is the same number.
            #expect(read == nil || read == entry)
        }
    }

    /// Killed at any byte: what was whole is there, and nothing else.
    @Test func aTornJournalKeepsWhatWasWhole() throws {
        let text = JournalTests.entries.map(\.line).joined()
        let header = JournalTests.entries[0].line.utf8.count
        let bytes = Array(text.utf8)
        for length in 0...bytes.count {
            let reel = Reel(journal: String(decoding: bytes[..<length], as: UTF8.self))
            guard length >= header else {
                #expect(reel == nil)
                continue
            }
            let whole = bytes[..<length].count { $0 == UInt8(ascii: "\n") }
            let found = try #require(reel)
            #expect(found.damaged == (bytes[length - 1] == UInt8(ascii: "\n") ? 0 : 1))
            #expect(found.runs.count == (whole > 1 ? 1 : 0))
            #expect((found.segments[.source]?.count ?? 0) == (whole > 6 ? 1 : 0))
            #expect((found.ended != nil) == (whole > 8))
        }
    }

    @Test(arguments: 1...40) func hostileJournalsAreReadOrLeft(seed: UInt64) {
        var random = Seeded(seed)
        var bytes = Array(JournalTests.entries.map(\.line).joined().utf8)
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let at = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            default: bytes.insert(contentsOf: bytes[at...].prefix(60), at: at)
            }
        }
        guard let reel = Reel(journal: String(decoding: bytes, as: UTF8.self)) else { return }
        for list in reel.segments.values {
            #expect(zip(list, list.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
            #expect(list.allSatisfy { $0.bytes >= 0 && !$0.file.contains("/") && !$0.file.hasPrefix(".") })
        }
    }

    /// Well-formed lines that say what no line of ours does.
    @Test(arguments: [
        "segment ../x 1 0 0 0 . - a 1 -", "segment a 1 0 0 0 . - ../../etc/passwd 1 -",
        "segment a 1 0 0 0 . - .hidden 1 -", "segment a 18446744073709551615 0 0 0 . - a 1 -",
        "segment a 1 -5 0 0 . - a 1 -", "segment a 1 0 0 0 . - a -1 -", "segment a 1 0 0 0 . - a 1 2",
        "rendition a 1 made video 0 0 1 1", "rendition a 1 made video 16 16 0 1", "init a b/c 3", "taken -1",
        "reel 2 sale a - 0 0 kept", "reel 1 Sale a - 0 0 kept", "reel 1 sale a/b - 0 0 kept", "", " ",
    ])
    func linesThatNobodyWroteAreRefused(text: String) {
        // The check sum is right, so that what the line says is what is refused.
        var sum = ~UInt32(0)
        for byte in text.utf8 {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        #expect(JournalEntry(line: "\(text) \(String(~sum, radix: 16))"[...]) == nil)
    }

    @Test func runsKnowTheirNumbers() throws {
        var entries = JournalTests.entries.dropLast()
        entries += [
            .run(epoch: 99), .segment(.source, JournalTests.segment(1_790_000_002, at: 14_000)),
        ]
        let reel = try #require(Reel(journal: entries.map(\.line).joined()))
        #expect(reel.run(of: 1_790_000_000)?.epoch == -12_345)
        #expect(reel.run(of: 1_790_000_002)?.epoch == 99)
    }
}
