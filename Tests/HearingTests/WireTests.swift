import Hearing
import Testing

@Suite struct WireTests {
    @Test func framesComeBackInWhateverPieces() throws {
        let frames = (0..<7).map { index in
            SoundFrame(
                date: 1_700_000_000_000 + Int64(index) * 100,
                samples: (0..<[0, 1, 1600, 16_000, 3, 1600, 7][index]).map {
                    Int16(truncatingIfNeeded: $0 * 77 - 20_000)
                })
        }
        var bytes: [UInt8] = []
        for frame in frames { frame.write(to: &bytes) }
        for size in [1, 7, 12, 4096, bytes.count] {
            var reader = SoundFrameReader()
            var found: [SoundFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += try reader.take(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(found == frames)
        }
    }

    @Test func whatIsNoSoundIsAFault() throws {
        var reader = SoundFrameReader()
        #expect(throws: SoundFrameReader.Fault.self) { try reader.take(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
        // What came before it is heard.
        var other = SoundFrameReader()
        let frame = SoundFrame(date: 5, samples: [1, 2])
        var bytes: [UInt8] = []
        frame.write(to: &bytes)
        let frames = try other.take(bytes + Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(frames == [frame] && other.isBroken)
        #expect(throws: SoundFrameReader.Fault.self) { try other.take([]) }
    }

    @Test func newsComeBack() throws {
        let news: [HearingNews] = [
            .ready(engine: "moonshine"), .trouble("a\nb"), .fault("\u{202e}no"),
            .pace(HearingPace(level: .finals, behind: 4.2, dropped: 0.5, heard: 17, spent: 3)),
            .line(
                HeardLine(
                    id: 3, start: 5, end: 9, text: "Grüße 你好 \"x\"", isFinal: true, confidence: 0.5,
                    words: [.init("Grüße", start: 5, end: 7)], speaker: 2)),
        ]
        let bytes = news.flatMap { $0.bytes() }
        #expect(bytes.filter { $0 == UInt8(ascii: "\n") }.count == news.count)
        for size in [1, 10, bytes.count] {
            var reader = HearingNewsReader()
            var found: [HearingNews] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += try reader.take(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(found == news)
        }
    }

    @Test(arguments: ["nonsense\n", "{}\n", #"{"type":"line"}"# + "\n", #"{"type":"sing"}"# + "\n"])
    func whatNobodyUnderstandsIsAFault(text: String) {
        var reader = HearingNewsReader()
        #expect(throws: HearingNewsReader.Fault.self) { try reader.take(Array(text.utf8)) }
    }

    @Test func aLineWithoutAnEndIsAFault() {
        var reader = HearingNewsReader()
        #expect(throws: HearingNewsReader.Fault.self) {
            for _ in 0..<100 { _ = try reader.take([UInt8](repeating: 97, count: 4096)) }
        }
    }

    @Test func ordersKeepTheirSecretsToThemselves() throws {
        let remote = HearingOrder.Remote(
            url: "https://a.example/v1", key: "the-key", model: "whisper-1", secondsLeft: 60)
        let order = HearingOrder(
            engine: .transcriptions, language: "pt-BR", remote: remote, hints: ["Lumina"])
        #expect(try HearingOrder(line: order.line().dropLast()) == order)
        #expect(!"\(order)".contains("the-key"))
    }

    @Test func onlyWhatStayedIsShown() {
        var prefix = StablePrefix()
        #expect(prefix.take("This is", of: 1) == nil)
        #expect(prefix.take("This is a meaty", of: 1) == "This is")
        #expect(prefix.take("This is a medium or", of: 1) == "This is a")
        // It is not taken back.
        #expect(prefix.take("These are a medium or large", of: 1) == nil)
        #expect(prefix.take("This is a medium or large one", of: 1) == nil)
        #expect(prefix.take("This is a medium or large one now", of: 1) == "This is a medium or large one")
        prefix.finish(1)
        #expect(prefix.take("Next", of: 2) == nil && prefix.take("Next", of: 2) == "Next")
    }
}
