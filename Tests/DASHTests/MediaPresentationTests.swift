import DASH
import Media
import NIOCore
import Testing

@Suite struct MediaPresentationTests {
    private func text(_ presentation: MediaPresentation) -> String {
        var buffer = ByteBuffer()
        presentation.write(into: &buffer)
        return String(buffer: buffer)
    }

    private func video(_ id: String, _ height: Int, initialization: String)
        -> MediaPresentation.Representation
    {
        var segments = SegmentTemplate(
            timescale: 240_000, offset: 2_400_000, startNumber: 100,
            media: "$RepresentationID$/s$Number$-t.mp4",
            initialization: initialization)
        for index in 0..<3 { segments.append(time: 2_400_000 + 480_000 * Int64(index), duration: 480_000) }
        return .init(
            id: id, codecs: "avc1.64001f", bandwidth: height * 1000,
            shape: .video(width: height * 16 / 9, height: height, frameRate: FrameRate(30000, 1001)),
            segments: segments)
    }

    private func audio() -> MediaPresentation.Representation {
        var segments = SegmentTemplate(
            timescale: 48_000, offset: 480_000, startNumber: 100, media: "audio/s$Number$-t.mp4",
            initialization: "audio/init3-t.mp4")
        segments.append(time: 479_232, duration: 96_256)
        segments.append(time: 575_488, duration: 96_256)
        segments.append(time: 671_744, duration: 95_232)
        return .init(
            id: "audio", codecs: "mp4a.40.2", bandwidth: 128_000,
            shape: .audio(sampleRate: 48_000, channels: 2), segments: segments)
    }

    private func live(_ periods: [MediaPresentation.Period]) -> MediaPresentation {
        MediaPresentation(
            kind: .live(
                .init(
                    availabilityStart: 1_790_000_000_000, published: 1_790_000_016_250,
                    updatePeriod: MediaTime(milliseconds: 2000), depth: MediaTime(milliseconds: 30_000),
                    suggestedDelay: MediaTime(milliseconds: 8000), clock: "clock")),
            longestSegment: MediaTime(milliseconds: 2500), periods: periods)
    }

    @Test func live() {
        let period = MediaPresentation.Period(
            id: "p100", start: MediaTime(milliseconds: 10_250),
            sets: [
                .init(
                    content: .video,
                    representations: [
                        video("720p", 720, initialization: "720p/init1-t.mp4"),
                        video("360p", 360, initialization: "360p/init2-t.mp4"),
                    ]),
                .init(content: .audio(language: "pt-BR"), representations: [audio()]),
            ])
        #expect(
            text(live([period])) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="dynamic" availabilityStartTime="2026-09-21T14:13:20Z" publishTime="2026-09-21T14:13:36.250Z" minimumUpdatePeriod="PT2S" minBufferTime="PT2.500S" timeShiftBufferDepth="PT30S" suggestedPresentationDelay="PT8S" maxSegmentDuration="PT2.500S">
                  <Period id="p100" start="PT10.250S">
                    <AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
                      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
                      <SegmentTemplate timescale="240000" presentationTimeOffset="2400000" startNumber="100" media="$RepresentationID$/s$Number$-t.mp4">
                        <SegmentTimeline>
                          <S t="2400000" d="480000" r="2"/>
                        </SegmentTimeline>
                      </SegmentTemplate>
                      <Representation id="720p" codecs="avc1.64001f" bandwidth="720000" width="1280" height="720" frameRate="30000/1001">
                        <SegmentTemplate initialization="720p/init1-t.mp4"/>
                      </Representation>
                      <Representation id="360p" codecs="avc1.64001f" bandwidth="360000" width="640" height="360" frameRate="30000/1001">
                        <SegmentTemplate initialization="360p/init2-t.mp4"/>
                      </Representation>
                    </AdaptationSet>
                    <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" lang="pt-BR" segmentAlignment="true" startWithSAP="1">
                      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
                      <SegmentTemplate timescale="48000" presentationTimeOffset="480000" startNumber="100" media="audio/s$Number$-t.mp4">
                        <SegmentTimeline>
                          <S t="479232" d="96256" r="1"/>
                          <S d="95232"/>
                        </SegmentTimeline>
                      </SegmentTemplate>
                      <Representation id="audio" codecs="mp4a.40.2" bandwidth="128000" audioSamplingRate="48000">
                        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
                        <SegmentTemplate initialization="audio/init3-t.mp4"/>
                      </Representation>
                    </AdaptationSet>
                  </Period>
                  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-head:2014" value="clock"/>
                </MPD>

                """)
    }

    @Test func endedIsStatic() {
        let ended = MediaPresentation(
            kind: .ended(duration: MediaTime(milliseconds: 61_001)),
            longestSegment: MediaTime(milliseconds: 2000), periods: [])
        let found = text(ended)
        #expect(found.contains("type=\"static\" mediaPresentationDuration=\"PT61.001S\""))
        #expect(!found.contains("UTCTiming") && !found.contains("availabilityStartTime"))
    }

    /// Representations that are out of step say all of it themselves.
    @Test func representationsOutOfStep() {
        var late = video("360p", 360, initialization: "360p/init2-t.mp4")
        late.segments.append(time: 3_840_000, duration: 480_001)
        let period = MediaPresentation.Period(
            id: "p", start: .zero,
            sets: [
                .init(
                    content: .video,
                    representations: [video("720p", 720, initialization: "720p/init1-t.mp4"), late])
            ])
        let found = text(live([period]))
        #expect(found.split(separator: "<SegmentTimeline>").count == 3)
        #expect(
            found.contains(
                "startNumber=\"100\" media=\"$RepresentationID$/s$Number$-t.mp4\" initialization=\"360p/"))
    }

    @Test func textIsEscaped() {
        var odd = video("a\"<&>\u{1}b", 360, initialization: "i")
        odd.codecs = "é"
        let period = MediaPresentation.Period(
            id: "p", start: MediaTime(milliseconds: -5),
            sets: [.init(content: .video, representations: [odd])])
        let found = text(live([period]))
        #expect(found.contains("id=\"a&quot;&lt;&amp;&gt; b\" codecs=\"é\""))
        #expect(found.contains("start=\"PT0S\""))
    }

    @Test func runsAreFoldedAndHolesAreTold() {
        var segments = SegmentTemplate(
            timescale: 10, offset: 0, startNumber: 1, media: "m", initialization: "i")
        for (time, duration) in [(0, 20), (20, 20), (40, 19), (59, 20), (90, 20), (110, 0)] {
            segments.append(time: Int64(time), duration: Int64(duration))
        }
        #expect(segments.count == 6)
        #expect(segments.timeline.map(\.count) == [2, 1, 1, 1, 1])
        #expect(segments.timeline.map(\.time) == [0, 40, 59, 90, 110])
        #expect(segments.timeline.last?.duration == 1)
    }
}
