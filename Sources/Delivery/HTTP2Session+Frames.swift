package import NIOCore
import NIOHPACK

extension HTTP2Session {
    /// The event of the next whole frame of `input`, which loses it; nil where more bytes are needed.
    ///
    /// After `failed` nothing more may be read. `second` is any steady clock's.
    package mutating func next(_ input: inout ByteBuffer, second: Int64) -> Event? {
        if !hasPreface {
            switch readPreface(&input) {
            case nil: return nil
            case false?: return .failed(.protocolError)
            case true?: hasPreface = true
            }
        }
        guard let head = input.getInteger(at: input.readerIndex, as: UInt64.self),
            let low = input.getInteger(at: input.readerIndex + 8, as: UInt8.self)
        else { return nil }
        let length = Int(head >> 40)
        let kind = UInt8(truncatingIfNeeded: head >> 32)
        let flags = UInt8(truncatingIfNeeded: head >> 24)
        let id = (UInt32(truncatingIfNeeded: head & 0xff_ffff) << 8 | UInt32(low)) & 0x7fff_ffff
        guard length <= HTTP2Wire.frame else { return .failed(.frameSizeError) }
        guard input.readableBytes >= HTTP2Wire.header + length else { return nil }
        input.moveReaderIndex(forwardBy: HTTP2Wire.header)
        guard var payload = input.readSlice(length: length) else { return nil }
        guard hasSettings || kind == HTTP2Wire.settings && flags & HTTP2Wire.ack == 0 else {
            return .failed(.protocolError)
        }
        if let block, kind != HTTP2Wire.continuation || block.stream != id { return .failed(.protocolError) }
        do {
            return try event(kind, flags, id, &payload, second)
        } catch {
            return .failed(error)
        }
    }

    /// Nil where more bytes are needed, false where it is none.
    private func readPreface(_ input: inout ByteBuffer) -> Bool? {
        let count = min(input.readableBytes, HTTP2Wire.preface.utf8CodeUnitCount)
        let matches = HTTP2Session.isPreface(input.readableBytesUInt8Span, count)
        guard matches else { return false }
        guard count == HTTP2Wire.preface.utf8CodeUnitCount else { return nil }
        input.moveReaderIndex(forwardBy: count)
        return true
    }

    private static func isPreface(_ bytes: Span<UInt8>, _ count: Int) -> Bool {
        HTTP2Wire.preface.withUTF8Buffer { expected in
            for at in 0..<count where bytes[at] != expected[at] { return false }
            return true
        }
    }

    private mutating func event(
        _ kind: UInt8, _ flags: UInt8, _ id: UInt32, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        switch kind {
        case HTTP2Wire.data: return try data(flags, id, &payload, second)
        case HTTP2Wire.headers: return try headers(flags, id, &payload, second)
        case HTTP2Wire.continuation: return try continuation(flags, &payload, second)
        case HTTP2Wire.priority:
            guard payload.readableBytes == 5 else { throw .frameSizeError }
            try control(second)
            return .ignored
        case HTTP2Wire.reset:
            guard payload.readableBytes == 4 else { throw .frameSizeError }
            guard id != 0, id <= lastStream else { throw .protocolError }
            guard resets.note(at: second, span: limits.span, atMost: limits.resets) else {
                throw .enhanceYourCalm
            }
            guard isOpen(id) else { return .ignored }
            close(id)
            return .reset(id)
        case HTTP2Wire.settings: return try settings(flags, id, &payload, second)
        case HTTP2Wire.ping:
            guard id == 0 else { throw .protocolError }
            guard let opaque = payload.readInteger(as: UInt64.self), payload.readableBytes == 0 else {
                throw .frameSizeError
            }
            if flags & HTTP2Wire.ack != 0 { return .ignored }
            try control(second)
            return .ping(opaque)
        case HTTP2Wire.windowUpdate: return try windowUpdate(id, &payload, second)
        case HTTP2Wire.goAway:
            guard id == 0 else { throw .protocolError }
            guard payload.readableBytes >= 8 else { throw .frameSizeError }
            return .ignored
        case HTTP2Wire.priorityUpdate:
            guard id == 0 else { throw .protocolError }
            guard let stream = payload.readInteger(as: UInt32.self).map({ $0 & 0x7fff_ffff }) else {
                throw .frameSizeError
            }
            guard stream != 0 else { throw .protocolError }
            try control(second)
            // One for a stream that is not open yet is not kept: its request says what it wants.
            guard isOpen(stream) else { return .ignored }
            return .precedence(stream, Precedence(payload.readableBytesUInt8Span))
        case HTTP2Wire.pushPromise: throw .protocolError
        default:
            // Unknown frames are for other readers (RFC 9113, 4.1).
            try control(second)
            return .ignored
        }
    }

    private mutating func control(_ second: Int64) throws(HTTP2Code) {
        guard controls.note(at: second, span: limits.span, atMost: limits.controls) else {
            throw .enhanceYourCalm
        }
    }

    private mutating func refuse(
        _ id: UInt32, _ code: HTTP2Code, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard reset(id, second: second) else { throw .enhanceYourCalm }
        return .refuse(id, code)
    }

    /// Takes padding off a payload.
    private func unpad(_ flags: UInt8, _ payload: inout ByteBuffer) throws(HTTP2Code) {
        guard flags & HTTP2Wire.padded != 0 else { return }
        guard let padding = payload.readInteger(as: UInt8.self) else { throw .frameSizeError }
        guard Int(padding) <= payload.readableBytes else { throw .protocolError }
        payload.moveWriterIndex(to: payload.writerIndex - Int(padding))
    }

    private mutating func data(
        _ flags: UInt8, _ id: UInt32, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard id != 0, id <= lastStream else { throw .protocolError }
        let length = payload.readableBytes
        let ends = flags & HTTP2Wire.endStream != 0
        if length == 0 && !ends { try control(second) }
        receiveWindow -= length
        guard receiveWindow >= 0 else { throw .flowControlError }
        try unpad(flags, &payload)
        guard let index = streams.index(forKey: id) else {
            // Still under way when we closed the stream.
            credit += length
            return .ignored
        }
        guard !streams.values[index].isRemoteClosed else {
            credit += length
            return try refuse(id, .streamClosed, second)
        }
        streams.values[index].receiveWindow -= length
        streams.values[index].unconsumed += payload.readableBytes
        credit += length - payload.readableBytes
        guard streams.values[index].receiveWindow >= 0 else {
            return try refuse(id, .flowControlError, second)
        }
        if ends { endInput(id) }
        return .data(id, payload, ends: ends)
    }

    private mutating func endInput(_ id: UInt32) {
        guard let index = streams.index(forKey: id) else { return }
        streams.values[index].isRemoteClosed = true
        if streams.values[index].isLocalClosed { close(id) }
    }

    private mutating func headers(
        _ flags: UInt8, _ id: UInt32, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard id % 2 == 1 else { throw .protocolError }
        try unpad(flags, &payload)
        if flags & HTTP2Wire.hasPriority != 0 {
            guard payload.readableBytes >= 5 else { throw .frameSizeError }
            payload.moveReaderIndex(forwardBy: 5)
        }
        let ends = flags & HTTP2Wire.endStream != 0
        if flags & HTTP2Wire.endHeaders != 0 { return try headerBlock(id, ends, &payload, second) }
        block = (id, ends, payload, 1)
        return .ignored
    }

    private mutating func continuation(
        _ flags: UInt8, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard let (id, ends, begun, before) = block else { throw .protocolError }
        var bytes = begun
        let frames = before + 1
        bytes.writeBuffer(&payload)
        guard frames <= 8, bytes.readableBytes <= limits.headerList else { throw .enhanceYourCalm }
        guard flags & HTTP2Wire.endHeaders != 0 else {
            block = (id, ends, bytes, frames)
            return .ignored
        }
        block = nil
        return try headerBlock(id, ends, &bytes, second)
    }

    private mutating func headerBlock(
        _ id: UInt32, _ ends: Bool, _ bytes: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        let headers: HPACKHeaders
        do {
            // Decoded whatever becomes of it, because the peer's table counts on it.
            headers = try decoder.decodeHeaders(from: &bytes)
        } catch {
            throw .compressionError
        }
        if let index = streams.index(forKey: id) {
            guard !streams.values[index].isRemoteClosed, ends else {
                return try refuse(
                    id, streams.values[index].isRemoteClosed ? .streamClosed : .protocolError, second)
            }
            endInput(id)
            return .inputEnded(id)
        }
        guard id > lastStream else { return try refuse(id, .streamClosed, second) }
        lastStream = id
        if isGoingAway { return .ignored }
        guard streams.count < limits.streams else { return try refuse(id, .refusedStream, second) }
        streams[id] = Stream(sendWindow: peerFirstWindow, isRemoteClosed: ends)
        return .request(id, headers, ends: ends)
    }

    private mutating func settings(
        _ flags: UInt8, _ id: UInt32, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard id == 0 else { throw .protocolError }
        if flags & HTTP2Wire.ack != 0 {
            guard payload.readableBytes == 0 else { throw .frameSizeError }
            return .ignored
        }
        guard payload.readableBytes % 6 == 0 else { throw .frameSizeError }
        try control(second)
        hasSettings = true
        while let (name, value) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
            switch name {
            case HTTP2Wire.tableSize: peerTableSize = Int(value)
            case HTTP2Wire.enablePush: guard value <= 1 else { throw .protocolError }
            case HTTP2Wire.initialWindow:
                guard value <= UInt32(HTTP2Wire.windowAtMost) else { throw .flowControlError }
                let change = Int(value) - peerFirstWindow
                peerFirstWindow = Int(value)
                for index in streams.indices {
                    streams.values[index].sendWindow += change
                    guard streams.values[index].sendWindow <= HTTP2Wire.windowAtMost else {
                        throw .flowControlError
                    }
                }
            case HTTP2Wire.frameSize:
                guard (16_384...16_777_215).contains(value) else { throw .protocolError }
                peerFrameSize = Int(value)
            default: break
            }
        }
        return .settings
    }

    private mutating func windowUpdate(
        _ id: UInt32, _ payload: inout ByteBuffer, _ second: Int64
    ) throws(HTTP2Code) -> Event {
        guard let raw = payload.readInteger(as: UInt32.self), payload.readableBytes == 0 else {
            throw .frameSizeError
        }
        let increment = Int(raw & 0x7fff_ffff)
        if id == 0 {
            guard increment > 0 else { throw .protocolError }
            sendWindow += increment
            guard sendWindow <= HTTP2Wire.windowAtMost else { throw .flowControlError }
            return .windowOpened
        }
        guard id <= lastStream else { throw .protocolError }
        guard let index = streams.index(forKey: id) else { return .ignored }
        guard increment > 0 else { return try refuse(id, .protocolError, second) }
        streams.values[index].sendWindow += increment
        guard streams.values[index].sendWindow <= HTTP2Wire.windowAtMost else {
            return try refuse(id, .flowControlError, second)
        }
        return .windowOpened
    }
}
