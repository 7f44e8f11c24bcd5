import Media
import NIOCore
import RTMP
import Restream
import Testing

@Suite struct RelayCursorTests {
    private func kinds(_ messages: [RTMPOutgoing]) -> [String] {
        messages.map { message in
            switch message {
            case .metadata: return "metadata"
            case .video(let body, let time):
                guard case .picture(_, _, let offset, let isKey) = FLVVideoTag(body) else {
                    return "header@\(time)"
                }
                return "\(isKey ? "key" : "picture")@\(time)+\(offset)"
            case .audio(let body, let time):
                guard case .frame = FLVAudioTag(body) else { return "config@\(time)" }
                return "sound@\(time)"
            case .finish: return "finish"
            }
        }
    }

    @Test func headersComeFirstAndOnce() throws {
        let formats = RelayFeed.formats(video: .avc(try AVCFormat(record: RelayFeed.avc)))
        var cursor = RelayCursor()
        func send(_ unit: AccessUnit, _ formats: RelayFormats) -> [String] {
            kinds(cursor.messages(for: RelayItem(unit: unit, formats: formats)))
        }
        #expect(
            send(RelayFeed.picture(700, isKey: true, offset: 80), formats) == [
                "metadata", "header@0", "config@0", "key@0+80",
            ])
        #expect(send(RelayFeed.sound(710), formats) == ["sound@10"])
        #expect(send(RelayFeed.picture(740), formats) == ["picture@40+0"])
        // The same said again is not said on; what differs is.
        let same = RelayFeed.formats(video: .avc(try AVCFormat(record: RelayFeed.avc)))
        #expect(send(RelayFeed.picture(780), same) == ["picture@80+0"])
        let mono = RelayFeed.formats(video: .avc(try AVCFormat(record: RelayFeed.avc)), channels: 1)
        #expect(send(RelayFeed.sound(790), mono) == ["config@90", "sound@90"])
        let other = RelayFeed.formats(2, video: .avc(try AVCFormat(record: RelayFeed.avc)))
        #expect(
            send(RelayFeed.picture(0, isKey: true, arrival: 880), other) == [
                "metadata", "header@180", "config@180", "key@180+0",
            ])
    }

    @Test func whatAServerSaysIsMadeHarmless() {
        let said = RelayTrouble.harmless(
            "no stream live/my-key?x=1\nmy-key is\u{7} bad", hiding: ["my-key?x=1", "my-key"])
        #expect(said == "no stream live/…… is bad" || said == "no stream live/…" + "… is bad")
        #expect(RelayTrouble.harmless(String(repeating: "x", count: 1000), hiding: [""]).count == 160)
    }
}
