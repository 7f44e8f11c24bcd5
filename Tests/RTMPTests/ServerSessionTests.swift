import NIOCore
import RTMP
import Testing

@Suite struct ServerSessionTests {
    /// A client that writes what it is told, in whatever order, and keeps what the server answers.
    private struct Script {
        var session = RTMPServerSession(limits: RTMPLimits(), seed: 1)
        var encoder = ChunkEncoder()
        var answers: [RTMPMessage] = []
        private var reader = ChunkDecoder(limits: RTMPLimits())
        private var toSkip = 3073

        init() throws {
            #expect(try receive(ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))).isEmpty)
        }

        mutating func receive(_ bytes: ByteBuffer) throws -> [RTMPServerSession.Event] {
            var buffer = bytes
            var events: [RTMPServerSession.Event] = []
            defer { collect() }
            while let event = try session.next(&buffer) {
                events.append(event)
                if case .publish = event { break }
            }
            return events
        }

        mutating func collect() {
            guard var output = session.takeOutput() else { return }
            let skipped = min(toSkip, output.readableBytes)
            output.moveReaderIndex(forwardBy: skipped)
            toSkip -= skipped
            while let message = try? reader.next(&output) { answers.append(message) }
        }

        mutating func message(
            _ type: RTMPMessageType, _ payload: ByteBuffer, stream: UInt32 = 1, time: UInt32 = 0
        ) throws -> [RTMPServerSession.Event] {
            var bytes = ByteBuffer()
            encoder.write(
                RTMPMessage(type: type, streamID: stream, timestamp: time, payload: payload), chunkStream: 5,
                into: &bytes)
            return try receive(bytes)
        }

        mutating func command(_ values: AMF0Value..., stream: UInt32 = 0) throws -> [RTMPServerSession.Event]
        {
            var payload = ByteBuffer()
            for value in values { payload.writeAMF0(value) }
            return try message(.command, payload, stream: stream)
        }

        mutating func connect(_ application: String = "live") throws {
            let object = AMF0Value.object([
                AMF0Property("app", .string(application)), AMF0Property("flashVer", .string("Test\u{7}er")),
            ])
            #expect(try command(.string("connect"), .number(1), object).isEmpty)
        }

        mutating func createStream() throws {
            #expect(try command(.string("createStream"), .number(4), .null).isEmpty)
        }

        mutating func publish(_ key: String) throws -> [RTMPServerSession.Event] {
            try command(.string("publish"), .number(5), .null, .string(key), .string("live"), stream: 1)
        }

        mutating func startPublishing() throws {
            try connect()
            try createStream()
            #expect(try publish("secret").count == 1)
            session.accept()
            collect()
        }

        /// Each command that the server sent: its name, and the code of its status where it has one.
        var commands: [String] {
            answers.filter { $0.type == .command }.map { message in
                var decoder = AMF0Decoder(message.payload)
                let values = decoder.rest()
                let code = values.last?["code"]?.string
                return (values.first?.string ?? "?") + (code.map { " " + $0 } ?? "")
            }
        }
    }

    @Test func aHostGoesLive() throws {
        var script = try Script()
        try script.connect()
        #expect(
            script.answers.map(\.type) == [.windowAcknowledgementSize, .setPeerBandwidth, .command]
                && script.commands == ["_result NetConnection.Connect.Success"])
        #expect(try script.command(.string("releaseStream"), .number(2), .null, .string("k")).isEmpty)
        #expect(try script.command(.string("FCPublish"), .number(3), .null, .string("k")).isEmpty)
        try script.createStream()
        #expect(
            try script.publish("secret?x=1") == [
                .publish(RTMPPublishRequest(connectApplication: "live", name: "secret", encoder: "Tester"))
            ])
        #expect(script.session.isDeciding)
        // Until the answer, nothing more is read.
        var early = ByteBuffer(bytes: [0x04, 0, 0, 1, 0, 0, 1, 8, 1, 0, 0, 0, 0xAF])
        #expect(try script.session.next(&early) == nil)
        #expect(early.readableBytes == 13)
        script.session.accept()
        script.collect()
        #expect(script.commands.last == "onStatus NetStream.Publish.Start")
        #expect(try script.session.next(&early) == .audio(ByteBuffer(bytes: [0xAF]), timestamp: 1))

        var metadata = ByteBuffer()
        metadata.writeAMF0(
            .string("@setDataFrame"), .string("onMetaData"), .ecmaArray([AMF0Property("width", .number(640))])
        )
        #expect(try script.message(.data, metadata) == [.metadata([AMF0Property("width", .number(640))])])
        #expect(
            try script.message(.video, ByteBuffer(bytes: [0x17]), time: 7) == [
                .video(ByteBuffer(bytes: [0x17]), timestamp: 7)
            ])
        #expect(
            try script.command(.string("FCUnpublish"), .number(6), .null, .string("secret")) == [.unpublished]
        )
        #expect(try script.command(.string("deleteStream"), .number(7), .null, .number(1)).isEmpty)
        #expect(script.commands.contains("onStatus NetStream.Unpublish.Success"))
        // What was still on its way belongs to nobody; another publish may follow.
        #expect(try script.message(.video, ByteBuffer(bytes: [0x17])).isEmpty)
        try script.createStream()
        #expect(try script.publish("secret").count == 1)
    }

    /// In the first version of Enhanced RTMP a list, in the second maps; a host of neither hears nothing of it.
    @Test(arguments: ["fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx", ""])
    func enhancementsAreToldToThoseWhoAsk(_ name: String) throws {
        var script = try Script()
        let value: AMF0Value =
            switch name {
            case "fourCcList": .strictArray([.string("hvc1"), .string("*")])
            case "capsEx": .number(15)
            default: .object([AMF0Property("hvc1", .number(7))])
            }
        let object = AMF0Value.object([AMF0Property("app", .string("live"))] + [AMF0Property(name, value)])
        _ = try script.command(.string("connect"), .number(1), object)
        var decoder = AMF0Decoder(try #require(script.answers.last).payload)
        let properties = try #require(decoder.rest().dropFirst(2).first)
        #expect(properties["fmsVer"] != nil)
        guard !name.isEmpty else {
            #expect(properties["fourCcList"] == nil && properties["capsEx"] == nil)
            return
        }
        let codes = ["avc1", "hvc1", "av01", "mp4a", "Opus"]
        #expect(properties["fourCcList"] == .strictArray(codes.map { .string($0) }))
        #expect(properties["videoFourCcInfoMap"]?.properties?.map(\.name) == Array(codes.prefix(3)))
        #expect(properties["audioFourCcInfoMap"]?["Opus"] == .number(1))
        // Multitrack, modifiers and nanoseconds; we never ask a host to connect elsewhere.
        #expect(properties["capsEx"] == .number(14))
    }

    @Test(arguments: [
        ("live", "KEY", "live", "KEY"), ("live/", "KEY?a=b", "live", "KEY"),
        ("live?a=b", "KEY", "live", "KEY"),
        ("live/KEY", "", "live", "KEY"), ("live/x", "KEY", "live", "KEY"), ("", "live/KEY", "live", "KEY"),
        ("", "KEY", "", "KEY"), ("live", "", "live", ""), ("/live", "/KEY/", "live", "KEY"), ("", "", "", ""),
    ])
    func findsTheKey(application: String, name: String, expected: String, key: String) {
        let request = RTMPPublishRequest(connectApplication: application, name: name, encoder: "")
        #expect(request.application == expected)
        #expect(request.key == key)
    }

    @Test func aRefusalIsSaidAndFinal() throws {
        var script = try Script()
        try script.connect()
        try script.createStream()
        _ = try script.publish("wrong")
        script.session.refuse(reason: "no such key")
        script.collect()
        #expect(script.commands.last == "onStatus NetStream.Publish.BadName")
        #expect(script.session.isClosed)
        #expect(try script.message(.video, ByteBuffer(bytes: [0x17])).isEmpty)
    }

    @Test func aSecondPublishDoesNotDisturbTheFirst() throws {
        var script = try Script()
        try script.startPublishing()
        #expect(try script.publish("other").isEmpty)
        #expect(script.commands.last == "onStatus NetStream.Publish.BadName")
        #expect(try script.message(.video, ByteBuffer(bytes: [0x17])).count == 1)
    }

    @Test func ordersThatAreRefused() throws {
        func fault(_ steps: (inout Script) throws -> Void) throws -> RTMPFault? {
            var script = try Script()
            do {
                try steps(&script)
                return nil
            } catch let fault as RTMPFault {
                return fault
            }
        }
        #expect(try fault { try $0.createStream() } == .outOfOrder("a command came before connect"))
        #expect(try fault { _ = try $0.publish("k") } == .outOfOrder("a command came before connect"))
        #expect(
            try fault { _ = try $0.message(.video, ByteBuffer(bytes: [0x17])) }
                == .outOfOrder("media came before connect"))
        #expect(
            try fault {
                try $0.connect()
                try $0.connect()
            } == .outOfOrder("connect came twice"))
        #expect(
            try fault { _ = try $0.command(.string("connect"), .number(1)) }
                == .outOfOrder("connect names no application"))
        #expect(
            try fault {
                try $0.connect()
                _ = try $0.publish("k")
            } == .outOfOrder("publish came before createStream"))
        #expect(
            try fault {
                try $0.connect()
                for _ in 0...64 { try $0.createStream() }
            } == .outOfOrder("too many streams were created"))
        #expect(
            try fault {
                try $0.connect()
                _ = try $0.command(.string("play"), .number(2), .null, .string("k"))
            } == .notOffered("the client wants to play over RTMP"))
        #expect(try fault { _ = try $0.message(.command, ByteBuffer()) } == .badCommand(.truncated))
        #expect(
            try fault { _ = try $0.message(.command, ByteBuffer(bytes: [0x11, 1])) }
                == .badCommand(.unknownMarker(0x11)))
        #expect(
            try fault { _ = try $0.message(.userControl, ByteBuffer(bytes: [0])) }
                == .badControlMessage(type: 4))
    }

    @Test func strangersMayNotSendMuch() throws {
        var script = try Script()
        try script.connect()
        let large = ByteBuffer(repeating: 0x17, count: 300_000)
        #expect(throws: RTMPFault.messageTooLarge(bytes: 300_000, limit: 256 << 10)) {
            try script.message(.video, large)
        }
        var host = try Script()
        try host.startPublishing()
        #expect(try host.message(.video, large).count == 1)
    }

    @Test func politeAnswers() throws {
        var script = try Script()
        try script.connect()
        for name in [
            "_checkbw", "getStreamLength", "releaseStream", "FCUnpublish", "closeStream", "deleteStream",
        ] {
            let before = script.commands.count
            #expect(try script.command(.string(name), .number(9), .null).isEmpty)
            #expect(script.commands.dropFirst(before) == ["_result"])
            #expect(try script.command(.string(name), .number(0), .null).isEmpty)
            #expect(script.commands.count == before + 1)
        }
        #expect(try script.command(.string("abracadabra"), .number(9), .null).isEmpty)
        #expect(script.commands.last == "_error NetConnection.Call.Failed")
        // Garbage where metadata should be does no harm.
        try script.createStream()
        _ = try script.publish("k")
        script.session.accept()
        #expect(try script.message(.data, ByteBuffer(bytes: [2, 0, 10, 0x6F, 0x6E, 0xFF])).isEmpty)
        // An AMF3 client's command: one byte, then AMF0.
        var payload = ByteBuffer(bytes: [0])
        payload.writeAMF0(.string("createStream"), .number(11), .null)
        #expect(try script.message(.commandAMF3, payload).isEmpty)
        #expect(script.commands.last == "_result")
    }

    @Test func pingsAreAnswered() throws {
        var script = try Script()
        try script.connect()
        #expect(try script.message(.userControl, ByteBuffer(bytes: [0, 6, 1, 2, 3, 4])).isEmpty)
        let pong = try #require(script.answers.last)
        #expect(pong.type == .userControl && Array(pong.payload.readableBytesView) == [0, 7, 1, 2, 3, 4])
    }

    @Test func acknowledgementsComeOncePerWindow() throws {
        var script = try Script()
        try script.startPublishing()
        #expect(try script.message(.windowAcknowledgementSize, ByteBuffer(integer: UInt32(100_000))).isEmpty)
        let frame = ByteBuffer(repeating: 0x17, count: 10_000)
        for time in 0..<100 as Range<UInt32> {
            #expect(try script.message(.video, frame, time: time).count == 1)
        }
        let acknowledged = script.answers.filter { $0.type == .acknowledgement }.compactMap {
            $0.payload.getInteger(at: 0, as: UInt32.self)
        }
        #expect((8...10).contains(acknowledged.count))
        #expect(acknowledged == acknowledged.sorted())
        #expect(try #require(acknowledged.last) > 800_000)
    }

    @Test func aggregatesComeApart() throws {
        var script = try Script()
        try script.startPublishing()
        func tag(_ type: UInt8, _ time: UInt32, _ payload: [UInt8]) -> [UInt8] {
            [type, 0, 0, UInt8(payload.count)]
                + [UInt8(time >> 16 & 255), UInt8(time >> 8 & 255), UInt8(time & 255), UInt8(time >> 24)]
                + [0, 0, 0] + payload + [0, 0, 0, UInt8(payload.count + 11)]
        }
        let body =
            tag(8, 0x0100_0000, [0xAF, 1]) + tag(9, 0x0100_0021, [0x27, 2]) + tag(7, 0x0100_0022, [9])
        let events = try script.message(.aggregate, ByteBuffer(bytes: body), time: 500)
        #expect(
            events == [
                .audio(ByteBuffer(bytes: [0xAF, 1]), timestamp: 500),
                .video(ByteBuffer(bytes: [0x27, 2]), timestamp: 533),
            ])
        // Who keeps a frame does not keep the aggregate.
        guard case .audio(let sound, _)? = events.first else { return }
        #expect(sound.storageCapacity < body.count)
        // A tag that promises more than there is ends the aggregate, not the feed.
        #expect(
            try script.message(.aggregate, ByteBuffer(bytes: [8, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1]))
                .isEmpty)
        #expect(try script.message(.video, ByteBuffer(bytes: [0x17])).count == 1)
    }
}
