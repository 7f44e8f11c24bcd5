import Media
package import NIOCore

/// A track as a file to keep: WebVTT, SubRip or plain text.
package enum CaptionForm: String, Hashable, Sendable, CaseIterable {
    case vtt, srt, txt

    package var contentType: String {
        switch self {
        case .vtt: "text/vtt"
        case .srt: "application/x-subrip; charset=utf-8"
        case .txt: "text/plain; charset=utf-8"
        }
    }

    /// The whole file, of cues in the order of their starts.
    package func text(_ cues: some Sequence<VTTCue>) -> ByteBuffer {
        switch self {
        case .vtt:
            var writer = VTTWriter()
            for cue in cues { writer.write(cue) }
            return writer.buffer
        case .srt:
            var buffer = ByteBuffer()
            for (place, cue) in cues.enumerated() {
                let start = ClockText.hours(cue.start.milliseconds, point: ",")
                let end = ClockText.hours(cue.end.milliseconds, point: ",")
                // An arrow would be read as another cue's.
                let said = CaptionForm.said(cue).replacing("-->", with: "→")
                buffer.writeString("\(place + 1)\r\n\(start) --> \(end)\r\n")
                buffer.writeString(said.replacing("\n", with: "\r\n") + "\r\n\r\n")
            }
            return buffer
        case .txt:
            var buffer = ByteBuffer()
            for cue in cues { buffer.writeString(CaptionForm.said(cue).replacing("\n", with: " ") + "\n") }
            return buffer
        }
    }

    private static func said(_ cue: VTTCue) -> String {
        cue.speaker.map { "\($0): \(cue.text.text)" } ?? cue.text.text
    }
}
