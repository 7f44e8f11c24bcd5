import Checker
import Foundation
import NIOCore
import Testing

/// The three forms of a report.
@Suite struct ReportTests {
    private func report(_ change: Change = Change()) async throws -> Report {
        try await Survey(fetcher: StagedFetcher(stage: Stage(), change: change), options: .init(seconds: 3))
            .run(Stage().base + "index.m3u8")
    }

    private let bad = Change.line("hi", "#EXTM3U").and(.replace("", "CHANNELS=\"2\",", ""))

    @Test func textNamesRuleSectionLineAndAddressWorstFirst() async throws {
        let text = try await report(bad).text
        #expect(text.contains("fail  extm3u  [4.4.1.1]"))
        #expect(text.contains("http://stage.example/show/hi/index.m3u8:1\n          #EXT-X-VERSION:6\n"))
        #expect(text.contains("1 failed, 1 warned"))
        let failed = try #require(text.firstRange(of: "fail  extm3u"))
        let warned = try #require(text.firstRange(of: "warn  channels"))
        #expect(failed.lowerBound < warned.lowerBound)
    }

    @Test func textOfServersCannotSteerATerminal() async throws {
        let text = try await report(.replace("hi", "EXTINF:2.00000,", "EXTINF:2.00000\u{1B}[2J,")).text
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("\u{FFFD}[2J"))
    }

    @Test func exitFollowsFailuresAndWarningsAsAsked() async throws {
        #expect(try await !report().isFailure(warningsCount: true))
        #expect(try await report(bad).isFailure(warningsCount: false))
        let warned = try await report(.replace("", "CHANNELS=\"2\",", ""))
        #expect(!warned.isFailure(warningsCount: false) && warned.isFailure(warningsCount: true))
    }

    @Test func jsonHoldsEveryRule() async throws {
        let data = Data(try await report(bad).json().utf8)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let rules = try #require(object["rules"] as? [[String: Any]])
        #expect(rules.compactMap { $0["id"] as? String } == RuleBook.rules.map(\.id))
        #expect(object["failed"] as? Int == 1 && object["warned"] as? Int == 1)
        let head = try #require(rules.first { $0["id"] as? String == "extm3u" })
        let finding = try #require((head["findings"] as? [[String: Any]])?.first)
        #expect(finding["line"] as? Int == 1 && finding["text"] as? String == "#EXT-X-VERSION:6")
    }

    @Test func junitHasACaseForEveryRule() async throws {
        let report = try await report(bad)
        let xml = report.junit(warningsCount: false)
        #expect(xml.components(separatedBy: "<testcase ").count == RuleBook.rules.count + 1)
        #expect(xml.components(separatedBy: "<failure ").count == 2)
        #expect(xml.contains("failures=\"1\""))
        #expect(report.junit(warningsCount: true).contains("failures=\"2\""))
        // What stands in a playlist is text here, never markup.
        #expect(!xml.contains("CHANNELS=\"2\""))
    }

    @Test func gzipIsTakenOffAndBounded() {
        func bytes(_ hex: String) -> ByteBuffer {
            let digits = hex.compactMap(\.hexDigitValue)
            return ByteBuffer(
                bytes: stride(from: 0, to: digits.count, by: 2).map {
                    UInt8(digits[$0] << 4 | digits[$0 + 1])
                })
        }
        let packed = bytes("1f8b080000000000020353768d08f1350ee55246a30197bd585018000000")
        #expect(
            GzipBody.inflated(packed, most: 1000).map(String.init(buffer:)) == "#EXTM3U\n#EXTM3U\n#EXTM3U\n")
        #expect(GzipBody.inflated(packed, most: 10) == nil)
        #expect(GzipBody.inflated(packed.getSlice(at: 0, length: 20) ?? packed, most: 1000) == nil)
        #expect(GzipBody.inflated(ByteBuffer(string: "plain"), most: 1000) == nil)
    }
}
