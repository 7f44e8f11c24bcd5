package import NIOCore

/// The client's end of one connection that publishes, without clock or socket: handshake, `connect`,
/// `releaseStream`, `FCPublish`, `createStream`, `publish`, in the order and form of ffmpeg.
package struct RTMPClientSession: Sendable {
    package enum Event: Hashable, Sendable {
        /// The server takes media from now on.
        case publishing
        /// The server ended the stream in order.
        case unpublished
    }

    private enum Phase: Hashable {
        case handshake, connecting, creatingStream
        case asking(streamID: UInt32)
        case publishing(streamID: UInt32)
        case finished
    }

    private enum Transaction {
        static let connect: Double = 1
        static let releaseStream: Double = 2
        static let publishIntent: Double = 3
        static let createStream: Double = 4
        static let publish: Double = 5
        static let unpublish: Double = 6
        static let deleteStream: Double = 7
    }

    private let address: RTMPAddress
    private let encoderName: String
    private let chunkSize: Int
    private let announcesCodecs: Bool
    private var handshake: ClientHandshake
    private var decoder: ChunkDecoder
    private var encoder = ChunkEncoder()
    private var outgoing = ByteBuffer()
    private var phase = Phase.handshake
    private var received = 0
    private var acknowledged = 0
    private var acknowledgeEvery = 2_500_000

    /// `seed` only has to differ between connections; `chunkSize` is used for what is sent. `announcesCodecs` says in
    /// `connect` that pictures may be HEVC or AV1, which servers of Enhanced RTMP want to know and others skip.
    package init(
        address: RTMPAddress, encoderName: String, chunkSize: Int = 65536, announcesCodecs: Bool = false,
        seed: UInt64
    ) {
        self.address = address
        self.encoderName = encoderName
        self.chunkSize = chunkSize
        self.announcesCodecs = announcesCodecs
        handshake = ClientHandshake(seed: seed)
        decoder = ChunkDecoder(limits: RTMPLimits())
    }

    package var isPublishing: Bool { if case .publishing = phase { true } else { false } }

    /// The first bytes; call once, when the connection stands.
    package mutating func start() {
        handshake.start(&outgoing)
    }

    /// What is to be sent now; nil when there is nothing.
    package mutating func takeOutput() -> ByteBuffer? {
        guard outgoing.readableBytes > 0 else { return nil }
        defer { outgoing = ByteBuffer() }
        return outgoing
    }

    /// The next event in `buffer`; nil when it is used up. Throws `.refused` with the server's words where
    /// it says no.
    package mutating func next(_ buffer: inout ByteBuffer) throws(RTMPFault) -> Event? {
        let before = buffer.readableBytes
        defer { count(before - buffer.readableBytes) }
        if phase == .handshake {
            guard try handshake.receive(&buffer, answer: &outgoing) else { return nil }
            phase = .connecting
            sendConnect()
        }
        while let message = try decoder.next(&buffer) {
            if let event = try handle(message) { return event }
        }
        return nil
    }

    /// Sends an FLV tag's body; `timestamp` is in milliseconds. Without effect before `publishing`.
    package mutating func send(_ type: RTMPMessageType, body: ByteBuffer, timestamp: UInt32) {
        guard case .publishing(let stream) = phase else { return }
        let chunkStream = type == .audio ? 4 : type == .video ? 6 : 5
        encoder.write(
            RTMPMessage(type: type, streamID: stream, timestamp: timestamp, payload: body),
            chunkStream: chunkStream, into: &outgoing)
    }

    package mutating func send(metadata properties: [AMF0Property]) {
        var body = ByteBuffer()
        body.writeAMF0(.string("@setDataFrame"), .string("onMetaData"), .ecmaArray(properties))
        send(.data, body: body, timestamp: 0)
    }

    /// Tells the server that the stream is over.
    package mutating func finish() {
        guard case .publishing(let stream) = phase else { return }
        send(command: [.string("FCUnpublish"), .number(Transaction.unpublish), .null, .string(address.key)])
        send(command: [
            .string("deleteStream"), .number(Transaction.deleteStream), .null, .number(Double(stream)),
        ])
        phase = .finished
    }

    private mutating func sendConnect() {
        var properties = [
            AMF0Property("app", .string(address.application)),
            AMF0Property("type", .string("nonprivate")),
            AMF0Property("flashVer", .string(encoderName)),
            AMF0Property("tcUrl", .string(address.connectURL)),
        ]
        if announcesCodecs {
            let codes = ["avc1", "hvc1", "av01", "mp4a", "Opus"].map(AMF0Value.string)
            properties.append(AMF0Property("fourCcList", .strictArray(codes)))
        }
        send(command: [.string("connect"), .number(Transaction.connect), .object(properties)])
    }

    private mutating func handle(_ message: RTMPMessage) throws(RTMPFault) -> Event? {
        var payload = message.payload
        switch message.type {
        case .windowAcknowledgementSize:
            if let size: UInt32 = payload.readInteger() { acknowledgeEvery = Int(max(size, 1024)) }
        case .userControl:
            if payload.readInteger(as: UInt16.self) == UserControl.pingRequest,
                let stamp: UInt32 = payload.readInteger()
            {
                var pong = ByteBuffer(integer: UserControl.pingResponse)
                pong.writeInteger(stamp)
                encoder.write(RTMPMessage(type: .userControl, payload: pong), chunkStream: 2, into: &outgoing)
            }
        case .commandAMF3:
            payload.moveReaderIndex(forwardBy: min(1, payload.readableBytes))
            return try handle(command: AMF0Decoder(payload))
        case .command: return try handle(command: AMF0Decoder(payload))
        default: break
        }
        return nil
    }

    private mutating func handle(command reader: AMF0Decoder) throws(RTMPFault) -> Event? {
        var reader = reader
        let values = reader.rest()
        guard values.count >= 2, let name = values[0].string, let transaction = values[1].number else {
            return nil
        }
        let information = values.last { $0.properties != nil }
        let refusal = RTMPFault.refused(
            code: information?["code"]?.string ?? "the server said no",
            description: information?["description"]?.string ?? "")
        switch (name, transaction) {
        case ("_result", Transaction.connect) where phase == .connecting:
            phase = .creatingStream
            encoder.setChunkSize(chunkSize, into: &outgoing)
            let key = AMF0Value.string(address.key)
            send(command: [.string("releaseStream"), .number(Transaction.releaseStream), .null, key])
            send(command: [.string("FCPublish"), .number(Transaction.publishIntent), .null, key])
            send(command: [.string("createStream"), .number(Transaction.createStream), .null])
        case ("_result", Transaction.createStream) where phase == .creatingStream:
            let number = values.dropFirst(2).compactMap(\.number).first ?? 1
            let stream = UInt32(exactly: number) ?? 1
            phase = .asking(streamID: stream)
            send(
                command: [
                    .string("publish"), .number(Transaction.publish), .null, .string(address.key),
                    .string("live"),
                ], stream: stream)
        case ("_error", Transaction.connect), ("_error", Transaction.createStream),
            ("_error", Transaction.publish):
            throw refusal
        case ("onStatus", _):
            if information?["level"]?.string == "error" { throw refusal }
            switch (information?["code"]?.string, phase) {
            case ("NetStream.Publish.Start", .asking(let stream)):
                phase = .publishing(streamID: stream)
                return .publishing
            case ("NetStream.Unpublish.Success", _): return .unpublished
            default: break
            }
        default: break
        }
        return nil
    }

    private mutating func send(command values: [AMF0Value], stream: UInt32 = 0) {
        var payload = ByteBuffer()
        for value in values { payload.writeAMF0(value) }
        encoder.write(
            RTMPMessage(type: .command, streamID: stream, payload: payload),
            chunkStream: stream == 0 ? 3 : 8, into: &outgoing)
    }

    private mutating func count(_ bytes: Int) {
        received += bytes
        guard phase != .handshake, received - acknowledged >= acknowledgeEvery else { return }
        acknowledged = received
        let total = ByteBuffer(integer: UInt32(truncatingIfNeeded: received))
        encoder.write(RTMPMessage(type: .acknowledgement, payload: total), chunkStream: 2, into: &outgoing)
    }
}
