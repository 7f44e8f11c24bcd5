import Media
import Preflight
import Testing

struct LanguageTests {
    /// Every finding is there in Chinese, says its values, and leaves no place empty.
    @Test(arguments: FindingCode.allCases) func everyFindingIsToldInChinese(code: FindingCode) throws {
        let values = [
            "seconds": "7", "width": "641", "height": "361", "interval": "10 s", "rate": "12", "limit": "30",
            "percent": "4.5", "kilobits": "900", "better": "2500", "target": "3000", "direction": "fast",
            "perHour": "1.5", "deaf": "left", "loudness": "-40",
            "names": "720p", "relief": "off",
        ]
        let finding = Finding(
            code: code, severity: .warning, words: .init("In English.", fix: "Do it.", values: values),
            since: .now)
        let said = finding.words(in: try #require(LanguageTag("zh-Hans")))
        #expect(said.title != "In English." && said.fix != "Do it.")
        #expect(!(said.title + said.fix).contains { "{}".contains($0) })
        #expect(!(said.title + said.fix).contains("left") && !(said.title + said.fix).contains("fast"))
    }

    @Test func whatIsNotThereIsToldInEnglish() throws {
        let finding = Finding(
            code: .audioMono, severity: .info, words: .init("In English.", fix: "Do it."), since: .now)
        #expect(finding.words(in: try #require(LanguageTag("sw"))).title == "In English.")
    }
}
