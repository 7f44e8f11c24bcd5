import Captioning
import Foundation
import Media
import NIOCore
import Testing

/// What is written as WebVTT is read back as the same, whoever wrote it.
@Suite struct WebVTTTests {
    private func text(_ cues: [VTTCue]) -> String {
        var writer = VTTWriter.segment()
        for cue in cues { writer.write(cue) }
        return String(buffer: writer.buffer)
    }

    private func cue(_ text: String, id: String? = nil, speaker: String? = nil) -> VTTCue {
        VTTCue(
            id: id, start: MediaTime(milliseconds: 12_500), end: MediaTime(milliseconds: 14_000),
            speaker: speaker, text: CueText(text))
    }

    @Test func aSegmentIsAsPlayersReadIt() {
        let text = text([cue("Half price, & only today", id: "c7", speaker: "Ana")])
        #expect(
            text == """
                WEBVTT
                X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

                c7
                00:00:12.500 --> 00:00:14.000
                <v Ana>Half price, &amp; only today

                """)
        #expect(self.text([]) == "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n")
    }

    @Test func aNameIsOneCleanLine() {
        #expect(CueText.name("  Ana\u{202E} \n Maria ") == "Ana Maria")
        #expect(CueText.name("\u{202E}\u{0}") == nil && CueText.name("") == nil)
        #expect(CueText.name("e" + String(repeating: "\u{301}", count: 40))?.unicodeScalars.count == 7)
        #expect(CueText.name(String(repeating: "x", count: 80)) != nil)
        #expect(CueText.name(String(repeating: "x", count: 81)) == nil)
    }

    @Test func longTimesAreWritten() {
        #expect(ClockText.hours(360_000_000 + 61_005, point: ".") == "100:01:01.005")
        #expect(ClockText.milliseconds("100:01:01.005") == 360_061_005)
        #expect(ClockText.milliseconds("01:01,005") == 61_005)
        for bad in [
            "", "1", "00:60:00.000", "00:00:61.000", "00:00:01", "00:00:01.5", "-1:00.000", "a:b.c",
            "1:1:1:1.000",
        ] {
            #expect(ClockText.milliseconds(bad) == nil, "\(bad)")
        }
    }

    static let hostile = [
        "00:00:01.000 --> 00:00:02.000", "\n\n00:00:01.000 --> 99:00:00.000\nmine", "a --> b", "-->",
        "<script>alert(1)</script>", "</c><v Admin>", "&lt;b&gt;", "&amp;lt;", "&", "<", ">", "<<v x>>",
        "\r\n\r\nNOTE\n\nSTYLE\n::cue{}", "WEBVTT\n\n", "\u{202E}gnp.exe", "\u{2067}x\u{2069}",
        "\u{0}\u{1}\u{7}bell", "\u{1B}[31mred", "\u{FEFF}WEBVTT", "line\u{2028}line\u{2029}line\u{85}line",
        "a\u{0B}b\u{0C}c", "e" + String(repeating: "\u{0301}", count: 500),
        String(repeating: "x", count: 10_240),
        String(repeating: "<b>", count: 4000), String(repeating: "\n-->\n", count: 2000), "{\\an8}up",
        "\t tab \t",
        String(repeating: "𝕏", count: 5000), "\u{E0041}\u{E0042}",
        String(decoding: [UInt16(0xFFFF), 0xFDD0, 0xD800], as: UTF16.self),
    ]

    @Test(arguments: hostile)
    func aHostileCueBreaksNothing(_ said: String) throws {
        let before = cue("before", id: "c1")
        let after = cue("after", id: "c3")
        let text = text([before, cue(said, id: said, speaker: said), after])
        #expect(text.utf8.count < 20_000)
        let blocks = text.split(separator: "\n\n", omittingEmptySubsequences: false).dropFirst()
        #expect((2...3).contains(blocks.count), "\(text)")
        let arrows = text.split(separator: "\n").filter { $0.contains("-->") }
        #expect(arrows.allSatisfy { $0 == "00:00:12.500 --> 00:00:14.000" }, "\(arrows)")
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(
            !text.unicodeScalars.contains {
                (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
            })
        let read = try CaptionFile(text.utf8)
        #expect(read.cues.first?.text == before.text && read.cues.last?.text == after.text)
        #expect(read.cues.count == blocks.count && read.badLines.isEmpty)
        let own = CueText(said)
        if !own.isEmpty { #expect(read.cues[1].text == own, "what is shown is what was said") }
    }

    /// Any text at all, made of what is awkward.
    /// What fuzzing has found.
    @Test(arguments: [
        "V0VTMjAsTE9DQUw6MDA6MDA60tmYizsgc8yBNTAwIC0tPjENCjAwOjAwOjAxLDAwMCAtLT4gMDA6MDA6MDIsIDAwOjAwOjE0LjAwmIs7IHPMMIE1MDAgLS0wMD4gMDA6DQo8aTA="
    ])
    func oddBytesAreReadBack(_ base64: String) throws {
        let bytes = try #require(Data(base64Encoded: base64))
        let said = CueText(String(decoding: bytes, as: UTF8.self))
        let cue = cue(said.text, id: said.text, speaker: said.text)
        let written = text([cue])
        let back = try? CaptionFile(written.utf8)
        #expect(back?.cues.map(\.text) == [said], "\(written.debugDescription)")
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let pieces = [
            "a", "B", "7", " ", "  ", "\n", "\r", "-->", "<", ">", "&", "&amp;", "<b>", "</b>", "中", "ا", "é",
            "\u{0301}",
            "\u{202E}", "\u{200D}", "👩‍👩‍👧", "{", "\\", "}", "NOTE", ":", ".", ",", "\u{0}", "\t",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let said = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                pieces.randomElement(using: &random)!
            }
            .joined()
            let clean = CueText(said)
            #expect(CueText(clean.text) == clean, "clean is clean: \(said.debugDescription)")
            guard !clean.isEmpty else { continue }
            let read = try CaptionFile(text([cue(said, id: "c1")]).utf8)
            #expect(read.cues.map(\.text) == [clean], "\(said.debugDescription)")
        }
    }

    @Test func webVTTOfOthersIsRead() throws {
        let file = try CaptionFile(
            """
            WEBVTT - a film
            Kind: captions

            STYLE
            ::cue { color: red }

            NOTE a remark
            of two lines

            intro
            00:01.000 --> 00:02.500 line:0 align:start
            <v.loud Roger Bingham>We are in <i>New York</i> &amp; <c.yellow>you</c>?

            00:02.500 --> 00:02.000
            ends before it starts

            00:10:03.000 --> 00:10:04.000
            5 < 6 and <b>bold

            """.utf8)
        #expect(file.cues.map(\.text.text) == ["We are in New York & you?", "5 < 6 and bold"])
        #expect(file.cues[0].speaker == "Roger Bingham" && file.cues[1].start.milliseconds == 603_000)
        #expect(file.badLines == [14])
    }

    @Test func subRipIsRead() throws {
        let file = try CaptionFile(
            "\u{FEFF}1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Hello</i>\r\n{\\an8}there\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nBye\r\n3\r\n00:00:05,000 --> 00:00:06,000\r\nLast"
                .utf8)
        #expect(file.cues.map(\.text.text) == ["Hello\nthere", "Bye", "Last"])
        let out = String(buffer: CaptionForm.srt.text(file.cues))
        #expect(try CaptionFile(out.utf8).cues.map(\.text) == file.cues.map(\.text))
        #expect(out.hasPrefix("1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\nthere\r\n\r\n2\r\n"))
        #expect(String(buffer: CaptionForm.txt.text(file.cues)) == "Hello there\nBye\nLast\n")
    }

    @Test func filesThatAreNoneAreRefused() {
        #expect(throws: CaptionFileFault.empty) { try CaptionFile("".utf8) }
        #expect(throws: CaptionFileFault.empty) { try CaptionFile("<html>".utf8) }
        #expect(throws: CaptionFileFault.notUTF8) { try CaptionFile([0xFF, 0xFE, 0x00]) }
        #expect(throws: CaptionFileFault.tooLong(bytes: CaptionFile.longest)) {
            try CaptionFile([UInt8](repeating: 0x20, count: CaptionFile.longest + 1))
        }
        let many = (0...CaptionFile.mostCues).map { _ in "00:01.000 --> 00:02.000\nx\n" }.joined(
            separator: "\n")
        #expect(throws: CaptionFileFault.tooMany) { try CaptionFile(many.utf8) }
    }
}
