package import NIOCore

/// What a message is, by the number in its header.
package struct RTMPMessageType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let setChunkSize = RTMPMessageType(rawValue: 1)
    package static let abort = RTMPMessageType(rawValue: 2)
    package static let acknowledgement = RTMPMessageType(rawValue: 3)
    package static let userControl = RTMPMessageType(rawValue: 4)
    package static let windowAcknowledgementSize = RTMPMessageType(rawValue: 5)
    package static let setPeerBandwidth = RTMPMessageType(rawValue: 6)
    package static let audio = RTMPMessageType(rawValue: 8)
    package static let video = RTMPMessageType(rawValue: 9)
    /// Data and commands of AMF3 clients: one byte, then AMF0 after all.
    package static let dataAMF3 = RTMPMessageType(rawValue: 15)
    package static let commandAMF3 = RTMPMessageType(rawValue: 17)
    package static let data = RTMPMessageType(rawValue: 18)
    package static let command = RTMPMessageType(rawValue: 20)
    package static let aggregate = RTMPMessageType(rawValue: 22)

    /// Audio, video, or a bundle of them: what may be large.
    package var isMedia: Bool { self == .audio || self == .video || self == .aggregate }
}

/// One whole message, put together from its chunks.
package struct RTMPMessage: Hashable, Sendable {
    package var type: RTMPMessageType
    /// The message stream: 0 for control, else what `createStream` returned.
    package var streamID: UInt32
    /// Milliseconds, modulo 2^32.
    package var timestamp: UInt32
    package var payload: ByteBuffer

    package init(type: RTMPMessageType, streamID: UInt32 = 0, timestamp: UInt32 = 0, payload: ByteBuffer) {
        self.type = type
        self.streamID = streamID
        self.timestamp = timestamp
        self.payload = payload
    }
}

/// The two low values of user control messages that ask for an answer, and the one that announces a stream.
enum UserControl {
    static let streamBegin: UInt16 = 0
    static let pingRequest: UInt16 = 6
    static let pingResponse: UInt16 = 7
}
