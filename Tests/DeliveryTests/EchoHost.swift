import Delivery
import NIOCore
import Synchronization

/// Says again what it hears, as the reader's guest; and what the test wants to be said.
final class EchoHost: LineHost {
    let protocols = ["echo.v2", "echo.v1"]
    let open = Mutex<[NIOLoopBound<Guest>]>([])
    let ended = Atomic<Int>(0)
    let caughtUp = Atomic<Int>(0)
    /// Whether guests say who they are.
    let settles: Bool

    init(settles: Bool = true) { self.settles = settles }

    final class Guest: LineGuest {
        let host: EchoHost
        var line: (any Line)?
        /// How many times it goes on as soon as the reader has caught up: more than the kernel holds for who does not read.
        private var floods = 0

        init(_ host: EchoHost) { self.host = host }

        func begin(_ line: any Line) {
            self.line = line
            if host.settles { line.settle() }
            host.open.withLock { $0.append(NIOLoopBound(self, eventLoop: line.loop)) }
            line.write(Parcel(ByteBuffer(string: "begun"), id: "7"))
        }

        func heard(_ text: ByteBuffer) {
            switch String(buffer: text) {
            case "close": line?.close(.policy, last: Parcel(ByteBuffer(string: "last words")))
            case "flood":
                floods = 100
                flood()
            default: line?.write(Parcel(text))
            }
        }

        /// As much as the reader does not take.
        func flood() {
            let parcel = Parcel(ByteBuffer(repeating: 0x61, count: 60_000))
            while line?.isWritable == true { line?.write(parcel) }
        }

        func caughtUp() {
            host.caughtUp.add(1, ordering: .relaxed)
            guard floods > 0 else { return }
            floods -= 1
            flood()
        }
        func farewell() -> Parcel? { Parcel(ByteBuffer(string: "farewell")) }
        func ended() {
            line = nil
            host.ended.add(1, ordering: .relaxed)
        }
    }

    func kind(of target: String) -> LineKind? {
        if target.hasPrefix("/ws/") { return .socket }
        return target.hasPrefix("/events/") ? .events : nil
    }

    func answer(_ request: LineRequest) -> LineAnswer {
        if request.target.hasSuffix("/closed") { return .refused(.forbidden("Not for you.")) }
        return .guest(Guest(self))
    }

    /// Numbered texts of `size` bytes to the only guest, not while it is read from, until its reader takes no more; how many.
    func fill(_ size: Int) async throws -> Int {
        guard let guest = open.withLock({ $0.first }) else { return 0 }
        return try await guest.eventLoop.submit {
            var count = 0
            while let line = guest.value.line, line.isWritable {
                count += 1
                var text = ByteBuffer(repeating: UInt8(ascii: "x"), count: size - "\(count)".utf8.count)
                text.writeString("\(count)")
                line.write(Parcel(text))
            }
            return count
        }.get()
    }

    /// Says something to everybody.
    func say(_ text: String) {
        for guest in open.withLock({ $0 }) {
            guest.value(on: { $0.line?.write(Parcel(ByteBuffer(string: text))) })
        }
    }
}

extension NIOLoopBound where Value == EchoHost.Guest {
    fileprivate func value(on body: @escaping @Sendable (EchoHost.Guest) -> Void) {
        eventLoop.execute { body(self.value) }
    }
}
