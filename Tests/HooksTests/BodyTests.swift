import Foundation
import Hooks
import Media
import Shows
import Testing

@Suite struct BodyTests {
    private let at = Date(timeIntervalSince1970: 1_796_061_600.1234)

    private func show(_ state: ShowState = .live) throws -> HookEvent.Show {
        HookEvent.Show(
            id: try #require(ShowID("evening")), title: "Ein \"Abend\" / 一个晚上", state: state,
            startsAt: Date(timeIntervalSince1970: 1_796_061_600), timeZone: "Asia/Shanghai",
            url: "https://live.example/shows/evening")
    }

    private func text(_ happening: HookEvent.Happening, _ show: HookEvent.Show?) throws -> String {
        let event = HookEvent(happening, show: show, at: at)
        return try event.body().replacing(event.id, with: "ID")
    }

    @Test func theWholeBodyIsWhatTheDocumentSays() throws {
        #expect(
            try text(.feedRestored(.primary, away: .milliseconds(12_500)), show()) == """
                {"at":"2026-11-30T18:00:00.123Z","event":"feed.restored","feed":{"awaySeconds":12.5,"role":"primary"},\
                "id":"ID","show":{"id":"evening","startsAt":"2026-11-30T18:00:00.000Z","state":"live",\
                "timeZone":"Asia/Shanghai","title":"Ein \\"Abend\\" / 一个晚上",\
                "url":"https://live.example/shows/evening"}}
                """)
        #expect(
            try text(.test, nil) == #"{"at":"2026-11-30T18:00:00.123Z","event":"webhook.test","id":"ID"}"#)
    }

    @Test(
        arguments: [
            (.scheduled, "show.scheduled", ""), (.cancelled, "show.cancelled", ""),
            (.rehearsal, "show.rehearsal", ""),
            (.live, "show.live", ""), (.ended, "show.ended", ""), (.reopened, "show.reopened", ""),
            (.rescheduled(from: nil), "show.rescheduled", ""),
            (
                .rescheduled(from: Date(timeIntervalSince1970: 0)), "show.rescheduled",
                #""previousStartsAt":"1970-01-01T00:00:00.000Z","#
            ),
            (
                .feedLost(.backup, reason: "silent"), "feed.lost",
                #""feed":{"reason":"silent","role":"backup"},"#
            ),
            (.feedLost(.primary, reason: nil), "feed.lost", #""feed":{"role":"primary"},"#),
            (.feedRestored(.primary, away: nil), "feed.restored", #""feed":{"role":"primary"},"#),
            (
                .feedSwitched(from: .primary, to: .backup), "feed.switched",
                #""feed":{"from":"primary","to":"backup"},"#
            ),
            (
                .recordingReady(
                    url: "https://live.example/replay/evening/index.m3u8", duration: .seconds(3600)),
                "recording.ready",
                #""recording":{"durationSeconds":3600,"url":"https://live.example/replay/evening/index.m3u8"},"#
            ),
            (
                .recordingFailed(reason: "disk full"), "recording.failed",
                #""recording":{"reason":"disk full"},"#
            ),
            (.keyRotated(.primary), "key.rotated", #""key":{"role":"primary"},"#),
        ] as [(HookEvent.Happening, String, String)])
    func eachEventSaysWhatHappened(_ happening: HookEvent.Happening, _ name: String, _ part: String) throws {
        let body = try text(happening, show())
        #expect(body.contains(#""event":"\#(name)""#) && (part.isEmpty || body.contains(part)))
        let plain = try text(.live, show()).utf8.count - "show.live".utf8.count
        #expect(body.utf8.count - name.utf8.count - part.utf8.count == plain)
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        #expect(object?["event"] as? String == name)
        #expect(HookEvent.Kind(rawValue: name) == HookEvent(happening, show: nil, at: at).kind)
    }
}
