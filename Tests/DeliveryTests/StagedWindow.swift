import Delivery
import Media
import NIOCore
import Packaging
import Synchronization

/// A window that a test moves by hand.
final class StagedWindow: ServedWindow, ShowDirectory {
    static let show = ShowID("sale")

    private struct State {
        var snapshot: StagedSnapshot
        var watchers: [@Sendable (any ServedSnapshot) -> Void] = []
    }

    private let state: Mutex<State>

    init(_ snapshot: StagedSnapshot = StagedSnapshot(upTo: 10)) {
        state = Mutex(State(snapshot: snapshot))
    }

    var latest: any ServedSnapshot { state.withLock { $0.snapshot } }

    func watch(_ observer: @escaping @Sendable (any ServedSnapshot) -> Void) {
        state.withLock { $0.watchers.append(observer) }
    }

    func window(for show: ShowID) -> (any ServedWindow)? { show == StagedWindow.show ? self : nil }

    func publish(_ snapshot: StagedSnapshot) {
        let watchers = state.withLock { state in
            state.snapshot = snapshot
            return state.watchers
        }
        for watcher in watchers { watcher(snapshot) }
    }
}

/// One moment: segments up to `last` are listed, the file `LAST.mp4` and those before it exist, the next is hinted.
final class StagedSnapshot: ServedSnapshot {
    let last: UInt64
    let hasEnded: Bool
    let text: PlaylistText
    let object: MediaObject
    private let asked = Mutex<(times: Int, waits: [(Int, CheckedContinuation<Void, Never>)])>((0, []))
    /// How often a playlist or file was asked for.
    var timesAsked: Int { asked.withLock { $0.times } }

    /// Returns once a playlist or file was asked for so often.
    func untilAsked(_ times: Int) async {
        await withCheckedContinuation { continuation in
            let isMet = asked.withLock { asked in
                if asked.times < times { asked.waits.append((times, continuation)) }
                return asked.times >= times
            }
            if isMet { continuation.resume() }
        }
    }

    private func ask() {
        let met = asked.withLock { asked in
            asked.times += 1
            let (times, waits) = asked
            asked.waits.removeAll { $0.0 <= times }
            return waits.filter { $0.0 <= times }
        }
        for (_, continuation) in met { continuation.resume() }
    }

    init(
        upTo last: UInt64, hasEnded: Bool = false, bytes: Int = 1000, playlistBytes: Int? = nil,
        object given: MediaObject? = nil
    ) {
        self.last = last
        self.hasEnded = hasEnded
        var plain = ByteBuffer(string: "#EXTM3U\n#LAST:\(last)\n")
        if let playlistBytes { plain.writeRepeatingByte(35, count: playlistBytes - plain.readableBytes) }
        text = PlaylistText(
            plain: plain, gzip: ByteBuffer(string: "GZIP\(last)"), etag: "\"t\(last)\"")
        let content = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        object =
            given
            ?? MediaObject(
                kind: .audio,
                buffers: stride(from: 0, to: bytes, by: 400_000).map {
                    ByteBuffer(bytes: content[$0..<min($0 + 400_000, bytes)])
                })
    }

    var multivariant: PlaylistText? { last == 0 ? nil : text }
    var steering: PlaylistText? { last == 0 ? nil : text }

    func playlist(_ rendition: RenditionName, _ request: BlockingRequest) -> PlaylistAnswer {
        ask()
        guard rendition.text == "720p" else { return .unknown }
        guard let wanted = request.mediaSequence, wanted > last, !hasEnded else { return .ready(text) }
        return wanted > last + 2 ? .badRequest("too far") : .wait
    }

    func media(_ rendition: RenditionName, file name: Substring) -> MediaAnswer {
        ask()
        guard rendition.text == "720p", let number = UInt64(name.dropLast(4)) else { return .unknown }
        return number <= last ? .ready(object) : number == last + 1 ? .wait : .unknown
    }
}
