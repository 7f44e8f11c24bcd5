import Audience
import Foundation
import Media
import Testing

@Suite struct BeatTests {
    static let session = "0123456789abcdef0123456789abcdef"

    static func text(_ more: String = "", session: String = session, state: String = "playing") -> Data {
        Data(#"{"session":"\#(session)","show":"evening","sequence":3,"state":"\#(state)"\#(more)}"#.utf8)
    }

    @Test func readsWhatThePageSends() throws {
        let beat = try Beat(
            json: BeatTests.text(
                #","replay":false,"latency":2.134,"rendition":"720p","joinMs":812.4,"playedMs":9000,"stalls":1,"#
                    + #""stallMs":350,"droppedFrames":2,"position":12.5,"failure":null,"other":[1],"#
                    + #""cmcd":{"br":2500,"bl":1600,"bs":true,"st":"l","sf":"h","sid":"\#(BeatTests.session)"}"#
            ))
        #expect(beat.show.text == "evening")
        #expect(beat.sequence == 3)
        #expect(beat.state == .playing)
        #expect(beat.latency == 2134)
        #expect(beat.rendition == RenditionName("720p"))
        #expect(beat.join == 812)
        #expect(beat.bitrate == 2500)
        #expect((beat.played, beat.stalls, beat.stalled, beat.droppedFrames) == (9000, 1, 350, 2))
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "\"beat\"", "{\"session\":1}", "\u{0}", "{\"session\":\"x\"",
    ])
    func refusesWhatIsNoBeat(_ text: String) {
        #expect(throws: BeatFault.self) { try Beat(json: Data(text.utf8)) }
    }

    @Test(arguments: [
        #","latency":-1"#, #","latency":1e300"#, #","joinMs":700000"#, #","playedMs":-5"#,
        #","playedMs":99999999999"#, #","stalls":-1"#, #","stalls":1.5"#, #","droppedFrames":"7""#,
        #","rendition":"<b>""#, #","rendition":"99999p""#, #","rendition":"""#, #","failure":"a;b""#,
        #","failure":"""#, #","cmcd":{"br":-1}"#, #","cmcd":{"st":"x"}"#, #","cmcd":{"sid":"another"}"#,
        #","cmcd":{"cid":"another"}"#, #","cmcd":[]"#, #","position":1e99"#,
    ])
    func refusesValuesOutOfRange(_ more: String) {
        #expect(throws: BeatFault.self) { try Beat(json: BeatTests.text(more)) }
    }

    @Test func refusesBadNames() {
        #expect(throws: BeatFault.self) { try Beat(json: BeatTests.text(session: "short")) }
        #expect(throws: BeatFault.self) {
            try Beat(json: BeatTests.text(session: String(repeating: "a", count: 65)))
        }
        #expect(throws: BeatFault.self) { try Beat(json: BeatTests.text(session: "0123456789abcde/")) }
        #expect(throws: BeatFault.self) { try Beat(json: BeatTests.text(state: "dancing")) }
        #expect(throws: BeatFault.self) {
            try Beat(json: BeatTests.text(#","x":"\#(String(repeating: "a", count: 2048))""#))
        }
    }
}
