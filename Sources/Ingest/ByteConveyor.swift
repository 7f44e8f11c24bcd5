import Codecs
import DequeModule
import NIOCore

/// From the thread that receives to the one that reads. Bound: bytes; when full the newest are dropped, which a transport
/// stream's reader passes over. Closed once; what is inside still comes out.
final class ByteConveyor: Sendable {
    private struct State {
        var buffers = Deque<ByteBuffer>()
        var bytes = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let bound: Int

    /// `bound` in bytes.
    init(bound: Int) {
        self.bound = bound
    }

    /// False where there was no room.
    func put(_ buffer: ByteBuffer) -> Bool {
        state.change { state in
            guard !state.isClosed, state.bytes + buffer.readableBytes <= bound else { return (false, false) }
            state.buffers.append(buffer)
            state.bytes += buffer.readableBytes
            return (true, true)
        }
    }

    func close() {
        state.change { state in
            state.isClosed = true
            return (true, ())
        }
    }

    /// Waits for bytes; 0 where none will come.
    func take(_ room: UnsafeMutableRawBufferPointer) -> Int {
        state.wait { state -> Int? in
            guard var first = state.buffers.popFirst() else { return state.isClosed ? 0 : nil }
            let count = first.readWithUnsafeReadableBytes { bytes in
                let count = min(bytes.count, room.count)
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
                return count
            }
            if first.readableBytes > 0 { state.buffers.prepend(first) }
            state.bytes -= count
            return count
        } ?? 0
    }
}
