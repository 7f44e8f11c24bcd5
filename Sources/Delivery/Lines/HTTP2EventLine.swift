// Out: server-sent events on one stream of HTTP/2. Bound: `mark` bytes wait for the stream's window, then the line is not
// writable; who takes none of them for a while loses the stream, not the connection.

import DequeModule
import NIOCore

/// One stream of HTTP/2 with server-sent events.
final class HTTP2EventLine: Guest, Line {
    /// Bytes that wait for the window before the reader counts as slow.
    private static let mark = 16 * 1024

    let loop: any EventLoop
    let patience: Patience
    let id: UInt32
    private let desk: Desk
    private let admission: Desk.Admission
    private weak var connection: HTTP2Connection?
    private var pieces: Deque<ByteBuffer> = []
    private var queued = 0
    private(set) var isOpen = true
    private var isWaiting = false
    private var lastWritten: NIODeadline
    /// Bytes that waited when the reader was last given time.
    private var leftWaiting = 0

    init(_ id: UInt32, _ connection: HTTP2Connection, _ admission: Desk.Admission) {
        self.id = id
        self.connection = connection
        self.admission = admission
        desk = connection.desk
        loop = desk.loop
        lastWritten = desk.now
        patience = Patience(until: desk.now + TimeAmount(desk.lineLimits.heartbeat))
    }

    /// The stream stands and its head is written.
    func begin() {
        desk.guests.enter(self)
        desk.count(opened: .events)
        queue(EventText.opening)
        admission.guest.begin(self)
    }

    // MARK: The line

    var isWritable: Bool { isOpen && queued < HTTP2EventLine.mark }

    func write(_ parcel: Parcel) {
        guard isOpen else { return }
        lastWritten = desk.now
        desk.count(parcel: parcel.event.readableBytes)
        queue(parcel.event)
    }

    private func queue(_ bytes: ByteBuffer) {
        pieces.append(bytes)
        queued += bytes.readableBytes
        if queued >= HTTP2EventLine.mark, !isWaiting {
            isWaiting = true
            awaitReader()
        }
        connection?.wrote(self)
    }

    func settle() {}

    func close(_ reason: LineEnd, last: Parcel?) {
        guard isOpen else { return }
        if let last { write(last) }
        finish(reason == .policy ? .policy : reason == .later ? .stalled : .guest)
    }

    private func finish(_ ending: LineTally.Ending) {
        guard isOpen else { return }
        end(ending)
        awaitReader()
        connection?.wrote(self)
    }

    private func end(_ ending: LineTally.Ending) {
        guard isOpen else { return }
        isOpen = false
        desk.count(ended: ending)
        admission.end()
    }

    /// The stream is gone.
    func gone() {
        end(.left)
        desk.guests.leave(self)
        pieces = []
        queued = 0
    }

    // MARK: The stream

    /// Bytes wait to be sent, or the end does.
    var hasContent: Bool { !pieces.isEmpty || !isOpen }
    /// Nothing is to be sent but the end.
    var isEmptyEnd: Bool { pieces.isEmpty && !isOpen }

    /// The next bytes to send, at most so many, and whether they are the last.
    func take(atMost count: Int) -> (bytes: ByteBuffer?, isLast: Bool) {
        guard var piece = pieces.popFirst() else { return (nil, !isOpen) }
        let bytes = piece.readSlice(length: min(count, piece.readableBytes))
        if piece.readableBytes > 0 { pieces.prepend(piece) }
        queued -= bytes?.readableBytes ?? 0
        if isWaiting, queued < HTTP2EventLine.mark / 2 {
            isWaiting = false
            patience.deadline = desk.now + TimeAmount(desk.lineLimits.heartbeat)
            // Not from within the connection's turn.
            let bound = NIOLoopBound(self, eventLoop: loop)
            loop.execute { bound.value.tellCaughtUp() }
        }
        return (bytes, !isOpen && pieces.isEmpty)
    }

    private func tellCaughtUp() {
        if isOpen { admission.guest.caughtUp() }
    }

    // MARK: Patience

    private func awaitReader() {
        leftWaiting = queued
        patience.deadline = desk.now + TimeAmount(desk.lineLimits.stalled)
    }

    func expired() {
        let heartbeat = TimeAmount(desk.lineLimits.heartbeat)
        if !isOpen || queued > 0 && lastWritten + heartbeat <= desk.now || isWaiting {
            // Something has waited all this time.
            if queued > 0, queued < leftWaiting { return awaitReader() }
            if isOpen {
                end(.stalled)
                desk.tally.slowReaders += 1
            }
            connection?.breakOff(self)
        } else if lastWritten + heartbeat > desk.now {
            patience.deadline = lastWritten + heartbeat
        } else {
            lastWritten = desk.now
            patience.deadline = desk.now + heartbeat
            queue(EventText.heartbeat)
        }
    }

    func sendAway() {
        guard isOpen else { return }
        if let last = admission.guest.farewell() { write(last) }
        finish(.stopping)
    }

    func quiesce() { sendAway() }

    func abort() {}
}
