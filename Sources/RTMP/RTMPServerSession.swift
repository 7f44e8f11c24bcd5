package import NIOCore

/// The server's end of one connection, without clock or socket.
///
/// Bytes come in through `next`, which hands out one event at a time; what is to be sent gathers in
/// `output`. While a publish request waits for its answer nothing is read, so that no host can fill memory
/// before it is known.
package struct RTMPServerSession: Sendable {
    package enum Event: Hashable, Sendable {
        /// Answer with `accept` or `refuse`; `next` returns nil until then.
        case publish(RTMPPublishRequest)
        /// The body of an FLV video tag, and its time in milliseconds modulo 2^32.
        case video(ByteBuffer, timestamp: UInt32)
        /// The body of an FLV audio tag.
        case audio(ByteBuffer, timestamp: UInt32)
        /// The properties of `onMetaData`.
        case metadata([AMF0Property])
        /// The host stopped publishing; the connection may stay and publish again.
        case unpublished
    }

    enum Phase: Hashable {
        case handshake
        case awaitingConnect
        case connected
        case deciding(streamID: UInt32)
        case publishing(streamID: UInt32)
        case closed
    }

    /// Bytes between two acknowledgements, both ways, until the client says otherwise.
    static let window: UInt32 = 2_500_000
    /// Message streams that a client may create; each encoder needs one for each publish.
    static let streamLimit: UInt32 = 64

    let limits: RTMPLimits
    private var handshake: ServerHandshake
    private var decoder: ChunkDecoder
    private var encoder = ChunkEncoder()
    private var outgoing = ByteBuffer()
    private var aggregate: RTMPAggregate?
    private var received = 0
    private var acknowledged = 0
    private var acknowledgeEvery = Int(window)

    var phase = Phase.handshake
    var application = ""
    var encoderName = ""
    var streams: UInt32 = 0

    /// `seed` only has to differ between connections.
    package init(limits: RTMPLimits, seed: UInt64) {
        self.limits = limits
        handshake = ServerHandshake(seed: seed)
        decoder = ChunkDecoder(limits: limits.beforeAcceptance)
    }

    package var isPublishing: Bool { if case .publishing = phase { true } else { false } }
    /// A publish request has come and waits for its answer.
    package var isDeciding: Bool { if case .deciding = phase { true } else { false } }
    /// Nothing more is read; what is left in `output` is the last word.
    package var isClosed: Bool { phase == .closed }

    /// The next event in `buffer`; nil when the buffer is used up, an answer is awaited, or the session is
    /// over.
    package mutating func next(_ buffer: inout ByteBuffer) throws(RTMPFault) -> Event? {
        let before = buffer.readableBytes
        defer { count(before - buffer.readableBytes) }
        if phase == .handshake {
            guard try handshake.receive(&buffer, answer: &outgoing) else { return nil }
            phase = .awaitingConnect
        }
        while phase != .closed, !isDeciding {
            if let event = nextOfAggregate() { return event }
            guard let message = try decoder.next(&buffer) else { return nil }
            if let event = try handle(message) { return event }
        }
        return nil
    }

    /// What is to be sent now; nil when there is nothing.
    package mutating func takeOutput() -> ByteBuffer? {
        guard outgoing.readableBytes > 0 else { return nil }
        defer { outgoing = ByteBuffer() }
        return outgoing
    }

    /// Answers a publish request with `NetStream.Publish.Start`.
    package mutating func accept() {
        guard case .deciding(let stream) = phase else { return }
        phase = .publishing(streamID: stream)
        decoder.limits = limits
        var begin = ByteBuffer()
        begin.writeInteger(UserControl.streamBegin)
        begin.writeInteger(stream)
        send(.userControl, begin)
        status(stream: stream, level: "status", code: "NetStream.Publish.Start", "Publishing.")
    }

    /// Answers a publish request with `NetStream.Publish.BadName` and ends the session.
    package mutating func refuse(reason: String) {
        guard case .deciding(let stream) = phase else { return }
        status(stream: stream, level: "error", code: "NetStream.Publish.BadName", reason)
        phase = .closed
    }

    /// Ends the session with a reason that the client shows, where a stream is there to say it on.
    package mutating func fail(reason: String) {
        switch phase {
        case .deciding(let stream), .publishing(let stream):
            status(stream: stream, level: "error", code: "NetStream.Publish.Rejected", reason)
        case .handshake, .awaitingConnect, .connected, .closed: break
        }
        phase = .closed
    }

    private mutating func handle(_ message: RTMPMessage) throws(RTMPFault) -> Event? {
        switch message.type {
        case .video, .audio, .aggregate:
            guard phase != .awaitingConnect else { throw .outOfOrder("media came before connect") }
            // What is still on its way after "unpublish" belongs to nobody.
            guard isPublishing else { return nil }
            if message.type == .aggregate {
                aggregate = RTMPAggregate(message)
                return nil
            }
            return message.type == .video
                ? .video(message.payload, timestamp: message.timestamp)
                : .audio(message.payload, timestamp: message.timestamp)
        case .data, .dataAMF3: return data(message)
        case .command, .commandAMF3: return try command(message)
        case .windowAcknowledgementSize:
            let size = try control(message)
            acknowledgeEvery = Int(max(size, 1024))
        case .setPeerBandwidth:
            let size = try control(message)
            if size != RTMPServerSession.window {
                send(.windowAcknowledgementSize, ByteBuffer(integer: size))
            }
        case .userControl: try userControl(message.payload)
        default: break
        }
        return nil
    }

    private func control(_ message: RTMPMessage) throws(RTMPFault) -> UInt32 {
        guard let value = message.payload.getInteger(at: message.payload.readerIndex, as: UInt32.self) else {
            throw .badControlMessage(type: message.type.rawValue)
        }
        return value
    }

    private mutating func userControl(_ payload: ByteBuffer) throws(RTMPFault) {
        var payload = payload
        guard let event: UInt16 = payload.readInteger() else {
            throw .badControlMessage(type: RTMPMessageType.userControl.rawValue)
        }
        guard event == UserControl.pingRequest, let stamp: UInt32 = payload.readInteger() else { return }
        var pong = ByteBuffer()
        pong.writeInteger(UserControl.pingResponse)
        pong.writeInteger(stamp)
        send(.userControl, pong)
    }

    private func data(_ message: RTMPMessage) -> Event? {
        guard isPublishing else { return nil }
        var payload = message.payload
        if message.type == .dataAMF3 { payload.moveReaderIndex(forwardBy: min(1, payload.readableBytes)) }
        var reader = AMF0Decoder(payload)
        // Metadata is advice: what cannot be read of it is no reason to hang up.
        var name = (try? reader.next())?.string
        if name == "@setDataFrame" { name = (try? reader.next())?.string }
        guard name == "onMetaData", let properties = (try? reader.next())?.properties else { return nil }
        return .metadata(properties)
    }

    private mutating func nextOfAggregate() -> Event? {
        while let tag = aggregate?.next() {
            guard isPublishing else { break }
            switch tag.type {
            case .video: return .video(tag.payload, timestamp: tag.timestamp)
            case .audio: return .audio(tag.payload, timestamp: tag.timestamp)
            case .data: if let event = data(tag) { return event }
            default: break
            }
        }
        aggregate = nil
        return nil
    }

    /// `bytes` is negative where the decoder gave back what it had only looked at.
    private mutating func count(_ bytes: Int) {
        received += bytes
        guard phase != .handshake, received - acknowledged >= acknowledgeEvery else { return }
        acknowledged = received
        send(.acknowledgement, ByteBuffer(integer: UInt32(truncatingIfNeeded: received)))
    }

    /// Sends a control message on chunk stream 2.
    mutating func send(_ type: RTMPMessageType, _ payload: ByteBuffer) {
        encoder.write(RTMPMessage(type: type, payload: payload), chunkStream: 2, into: &outgoing)
    }

    /// Sends a command on chunk stream 3.
    mutating func send(command values: [AMF0Value], stream: UInt32 = 0) {
        var payload = ByteBuffer()
        for value in values { payload.writeAMF0(value) }
        encoder.write(
            RTMPMessage(type: .command, streamID: stream, payload: payload), chunkStream: 3, into: &outgoing)
    }

    mutating func announceChunkSize() {
        encoder.setChunkSize(limits.chunkSize, into: &outgoing)
    }

    mutating func status(stream: UInt32, level: String, code: String, _ description: String) {
        send(
            command: [
                .string("onStatus"), .number(0), .null,
                .object([
                    AMF0Property("level", .string(level)), AMF0Property("code", .string(code)),
                    AMF0Property("description", .string(description)),
                ]),
            ], stream: stream)
    }
}
