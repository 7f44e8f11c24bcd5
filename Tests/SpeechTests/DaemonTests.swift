import Foundation
import Glibc
import Hearing
import Speech
import Testing

/// Says every second of sound that it was fed, as a line that is open for one look and final with the next.
private final class CountingEngine: SpeechEngine {
    let name = "counting"
    let isFaulty: Bool

    init(isFaulty: Bool = false) { self.isFaulty = isFaulty }

    func session() throws(SpeechFault) -> any SpeechSession { Session(isFaulty: isFaulty) }

    private final class Session: SpeechSession {
        let isFaulty: Bool
        var fed = 0
        var told = 0

        init(isFaulty: Bool) { self.isFaulty = isFaulty }

        func feed(_ samples: [Int16]) throws(SpeechFault) {
            if isFaulty { throw SpeechFault("it is broken: mend it") }
            fed += samples.count
        }

        private func line(_ id: Int, _ end: Double, _ isFinal: Bool) -> SpokenLine {
            SpokenLine(id: id, start: Double(id), end: end, text: "second \(id)", isFinal: isFinal)
        }

        func poll(partials: Bool) throws(SpeechFault) -> [SpokenLine] {
            let whole = fed / 16_000
            defer { told = whole }
            let finals = (told..<whole).map { line($0, Double($0 + 1), true) }
            return finals + (partials ? [line(whole, Double(fed) / 16_000 + 0.1, false)] : [])
        }

        func finish() throws(SpeechFault) -> [SpokenLine] {
            try poll(partials: false)
                + (fed % 16_000 > 0 ? [line(told, Double(fed) / 16_000, true)] : [])
        }
    }
}

@Suite struct DaemonTests {
    /// What a daemon that is told this says, and its exit code.
    private func answer(
        to input: [UInt8], engine: CountingEngine = CountingEngine()
    ) async throws -> (news: [HearingNews], code: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (ours, theirs) = (ends[0], ends[1])
        let daemon = CaptionDaemon(input: theirs, output: theirs)
        let writing = Thread {
            var rest = input[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(ours, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count <= 0 { break }
                rest = rest.dropFirst(count)
            }
            shutdown(ours, Int32(SHUT_WR))
        }
        async let said = onThread { () -> [UInt8] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(ours, &buffer, buffer.count)
                if count <= 0 { return bytes }
                bytes += buffer[..<count]
            }
        }
        writing.start()
        let code = await daemon.run { _ throws(SpeechFault) in engine }
        close(theirs)
        let bytes = try await said
        close(ours)
        var reader = HearingNewsReader()
        return (try reader.take(bytes), code)
    }

    private func sound(_ parts: [(date: Int64, seconds: Double)]) throws -> [UInt8] {
        var bytes = try HearingOrder(engine: .moonshine, language: "en").line()
        for (date, seconds) in parts {
            let samples = MadeSound.tone(seconds)
            for start in stride(from: 0, to: samples.count, by: 1600) {
                let piece = Array(samples[start..<min(start + 1600, samples.count)])
                SoundFrame(date: date + Int64(start) / 16, samples: piece).write(to: &bytes)
            }
        }
        return bytes
    }

    private func lines(_ news: [HearingNews]) -> [HeardLine] {
        news.compactMap { if case .line(let line) = $0 { line } else { nil } }
    }

    @Test func whatIsSaidHasItsTimeOnTheShowClock() async throws {
        let (news, code) = try await answer(to: sound([(1_700_000_000_000, 3.5)]))
        #expect(code == 0 && news.first == .ready(engine: "counting"))
        let finals = lines(news).filter(\.isFinal)
        #expect(finals.map(\.text) == ["second 0", "second 1", "second 2", "second 3"])
        for (index, line) in finals.enumerated() {
            #expect(abs(line.start - 1_700_000_000_000 - Int64(index) * 1000) <= 20 && line.end > line.start)
        }
        #expect(lines(news).contains { !$0.isFinal })
    }

    /// Lines go on being counted; what was open before the gap is over.
    @Test func aGapEndsWhatWasOpen() async throws {
        let (news, code) = try await answer(to: sound([(1000, 1.5), (9000, 1.5)]))
        let finals = lines(news).filter(\.isFinal)
        #expect(code == 0 && finals.map(\.text) == ["second 0", "second 1", "second 0", "second 1"])
        #expect(Set(finals.map(\.id)).count == 4 && finals.map(\.id) == finals.map(\.id).sorted())
        #expect(finals[1].end <= 2600 && finals[2].start >= 9000)
    }

    @Test func whatIsNoOrderIsAFault() async throws {
        for text in ["", "no json\n", "{}\n", String(repeating: "x", count: 80_000)] {
            let (news, code) = try await answer(to: Array(text.utf8))
            #expect(code == 1 && news.count == 1)
            if case .fault = news.first {} else { Issue.record("\(news)") }
        }
    }

    @Test func whatIsNoSoundEndsIt() async throws {
        let (news, code) = try await answer(to: sound([(0, 1)]) + Array("GET / HTTP/1.1\r\n".utf8))
        #expect(code == 0 && news.contains(.fault("the input is no sound")))
        #expect(!lines(news).isEmpty)
    }

    @Test func anEngineThatFailsSaysSo() async throws {
        let (news, code) = try await answer(to: sound([(0, 1)]), engine: CountingEngine(isFaulty: true))
        #expect(code == 1 && news.contains(.fault("it is broken: mend it")))
    }
}
