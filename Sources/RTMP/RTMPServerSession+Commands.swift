import NIOCore

extension RTMPServerSession {
    /// Answers one command; the caller hears only of what concerns a feed.
    mutating func command(_ message: RTMPMessage) throws(RTMPFault) -> Event? {
        var payload = message.payload
        if message.type == .commandAMF3 { payload.moveReaderIndex(forwardBy: min(1, payload.readableBytes)) }
        var reader = AMF0Decoder(payload)
        let name: AMF0Value
        let transaction: Double
        do {
            name = try reader.next()
            transaction = reader.isAtEnd ? 0 : try reader.next().number ?? 0
        } catch {
            throw .badCommand(error)
        }
        guard let name = name.string else { throw .badCommand(.unknownMarker(0)) }
        let arguments = reader.rest()
        if name == "connect" { return try connect(transaction, arguments) }
        guard phase != .awaitingConnect else { throw .outOfOrder("a command came before connect") }

        switch name {
        case "createStream":
            guard streams < RTMPServerSession.streamLimit else {
                throw .outOfOrder("too many streams were created")
            }
            streams += 1
            reply(transaction, .number(Double(streams)))
        case "publish": return try publish(message.streamID, transaction, arguments)
        case "FCUnpublish":
            reply(transaction, .undefined)
            return unpublish()
        case "deleteStream":
            // Its argument names the stream; the one that is not published may go without notice.
            reply(transaction, .undefined)
            let stream = arguments.compactMap(\.number).first
            if case .publishing(let published) = phase, stream == nil || stream == Double(published) {
                return unpublish()
            }
        case "closeStream":
            reply(transaction, .undefined)
            return unpublish()
        case "releaseStream", "FCPublish", "FCSubscribe", "setDataRate": reply(transaction, .undefined)
        case "_checkbw", "getStreamLength": reply(transaction, .number(0))
        case "play", "play2":
            status(
                stream: message.streamID, level: "error", code: "NetStream.Play.Failed",
                "This server takes streams over RTMP and shows them over HLS.")
            throw .notOffered("the client wants to play over RTMP")
        case "_result", "_error", "onStatus", "onBWDone", "receiveAudio", "receiveVideo", "pause", "seek":
            break
        default:
            if transaction != 0 {
                send(command: [
                    .string("_error"), .number(transaction), .null,
                    .object([
                        AMF0Property("level", .string("error")),
                        AMF0Property("code", .string("NetConnection.Call.Failed")),
                        AMF0Property("description", .string("Unknown method.")),
                    ]),
                ])
            }
        }
        return nil
    }

    private mutating func connect(_ transaction: Double, _ arguments: [AMF0Value]) throws(RTMPFault) -> Event?
    {
        guard phase == .awaitingConnect else { throw .outOfOrder("connect came twice") }
        guard let properties = arguments.first(where: { $0.properties != nil }) else {
            throw .outOfOrder("connect names no application")
        }
        application = properties["app"]?.string ?? ""
        encoderName = properties["flashVer"]?.string ?? ""
        phase = .connected
        send(.windowAcknowledgementSize, ByteBuffer(integer: RTMPServerSession.window))
        var bandwidth = ByteBuffer(integer: RTMPServerSession.window)
        bandwidth.writeInteger(2 as UInt8)  // "dynamic": advice only
        send(.setPeerBandwidth, bandwidth)
        announceChunkSize()
        send(command: [
            .string("_result"), .number(transaction),
            .object(
                [AMF0Property("fmsVer", .string("FMS/3,0,1,123")), AMF0Property("capabilities", .number(31))]
                    + RTMPServerSession.enhancements(asked: properties)),
            .object([
                AMF0Property("level", .string("status")),
                AMF0Property("code", .string("NetConnection.Connect.Success")),
                AMF0Property("description", .string("Connection succeeded.")),
                AMF0Property("objectEncoding", .number(0)),
            ]),
        ])
        return nil
    }

    /// What we take over Enhanced RTMP, told to those who ask for it in either of its versions: others are answered as
    /// ever.
    private static func enhancements(asked: AMF0Value) -> [AMF0Property] {
        let names = ["fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx"]
        guard names.contains(where: { asked[$0] != nil }) else { return [] }
        let canDecode = AMF0Value.number(1)
        let (video, audio) = (["avc1", "hvc1", "av01"], ["mp4a", "Opus"])
        return [
            AMF0Property("fourCcList", .strictArray((video + audio).map { .string($0) })),
            AMF0Property("videoFourCcInfoMap", .object(video.map { AMF0Property($0, canDecode) })),
            AMF0Property("audioFourCcInfoMap", .object(audio.map { AMF0Property($0, canDecode) })),
            // Multitrack (its first track), modifiers, and among these the one that tells nanoseconds.
            AMF0Property("capsEx", .number(Double(0x02 | 0x04 | 0x08))),
        ]
    }

    private mutating func publish(
        _ stream: UInt32, _ transaction: Double, _ arguments: [AMF0Value]
    ) throws(RTMPFault) -> Event? {
        guard streams > 0 else { throw .outOfOrder("publish came before createStream") }
        if isPublishing {
            // A second request never disturbs the feed that is already on.
            status(
                stream: stream, level: "error", code: "NetStream.Publish.BadName",
                "This connection publishes already.")
            return nil
        }
        phase = .deciding(streamID: stream)
        return .publish(
            RTMPPublishRequest(
                connectApplication: application, name: arguments.compactMap(\.string).first ?? "",
                encoder: encoderName))
    }

    private mutating func unpublish() -> Event? {
        guard case .publishing(let stream) = phase else { return nil }
        phase = .connected
        status(stream: stream, level: "status", code: "NetStream.Unpublish.Success", "Stopped publishing.")
        return .unpublished
    }

    /// Answers a call; transaction 0 means that nobody waits for one.
    private mutating func reply(_ transaction: Double, _ value: AMF0Value) {
        guard transaction != 0 else { return }
        send(command: [.string("_result"), .number(transaction), .null, value])
    }
}
