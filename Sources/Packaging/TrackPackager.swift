import CMAF
package import Media
import NIOCore
import Synchronization

/// One rendition of one run: takes its events, makes init sections and parts, and hands them to the window.
///
/// In: `RenditionEvent`s, from one thread at a time. Out: parts in the window. It never blocks; events of a run that
/// the window has left behind go nowhere.
package final class TrackPackager: Sendable {
    private struct State {
        /// One of the two, changed where it is: taken out and put back, all samples of its part would be copied.
        var video: VideoCutter?
        var audio: AudioCutter?
        var writer: FragmentWriter?
        /// The writer of the next segment, where its format is another.
        var nextWriter: FragmentWriter?
        var fragments: UInt32 = 0

        mutating func cut(_ event: RenditionEvent) -> [CutEvent] {
            video?.take(event) ?? audio?.take(event) ?? []
        }
    }

    private let name: RenditionName
    private let run: Int
    private let window: LiveWindow
    private let state: Mutex<State>

    init(_ rendition: RunPlan.Rendition, grid: PartGrid, run: Int, window: LiveWindow) {
        self.name = rendition.name
        self.run = run
        self.window = window
        switch rendition.kind {
        case .video: state = Mutex(State(video: VideoCutter(grid: grid)))
        case .audio: state = Mutex(State(audio: AudioCutter(grid: grid)))
        case .text: state = Mutex(State())
        }
    }

    /// Up to this decoding time nothing becomes of samples alone: the open part ends no earlier. Nil where that is not
    /// known.
    package var due: MediaTime? {
        state.withLock { $0.video?.due ?? $0.audio?.due }
    }

    package func receive(_ event: RenditionEvent) {
        var steps = state.withLock { state in
            state.cut(event).map { packaged($0, &state) }
        }
        if case .end = event {
            // Where it breaks off in the middle of a segment, that says nothing of the segment's length.
            if case .segmentEnded = steps.last { steps.removeLast() }
            steps.append(.ended)
        }
        if !steps.isEmpty { window.take(steps, of: name, run: run) }
    }

    private func packaged(_ event: CutEvent, _ state: inout State) -> WindowStep {
        switch event {
        case .initSection(let format):
            state.nextWriter = FragmentWriter(format: format)
            return .initSection(format, InitSection.make(format))
        case .segment(let segment):
            if let next = state.nextWriter { state.writer = next }
            state.nextWriter = nil
            return .segment(segment)
        case .part(let part):
            var bytes: ByteBuffer?
            var keyLength: Int?
            if let writer = state.writer, let first = part.samples.first {
                state.fragments &+= 1
                let fragment = writer.write(part.samples, sequence: state.fragments)
                bytes = fragment
                if first.kind == .video, first.isSync {
                    keyLength = FragmentWriter.firstSampleEnd(in: fragment, of: part.samples)
                }
            }
            return .part(
                ArrivedPart(
                    index: part.index, start: part.start, duration: part.duration,
                    isIndependent: part.isIndependent, bytes: bytes, keyLength: keyLength,
                    arrival: part.lastArrival))
        case .partBegun(let index):
            return .partBegun(index)
        case .segmentEnded:
            return .segmentEnded
        case .resting:
            return .resting
        }
    }
}

/// What a packager tells the window, in order.
enum WindowStep: Sendable {
    case initSection(TrackFormat, ByteBuffer)
    case segment(CutSegment)
    case part(ArrivedPart)
    /// The segment goes on with the part of this index.
    case partBegun(Int)
    case segmentEnded
    /// Others have a segment here, this rendition has none.
    case resting
    /// Nothing follows in this run.
    case ended
}

/// A part that is ready to be listed; without bytes it is a gap.
struct ArrivedPart: Sendable {
    var index: Int
    var start: MediaTime
    var duration: MediaTime
    var isIndependent: Bool
    var bytes: ByteBuffer?
    /// Bytes up to the end of its first sample, where that is an IDR picture: what an I-frame playlist names.
    var keyLength: Int?
    var arrival: MonotonicTime?
}
