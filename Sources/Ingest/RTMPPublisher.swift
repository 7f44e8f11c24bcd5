// A host of our own: sends a feed to an RTMP server, in the caller's rhythm. In: feed events. Out: RTMP.
// The caller waits in `send` until the socket has taken the bytes, so nothing gathers here and nothing is
// dropped.

package import Media
package import NIOCore
import NIOPosix
import RTMP
import Synchronization

package final class RTMPPublisher: Sendable {
    private let channel: any Channel
    private let over: EventLoopFuture<RTMPFault?>
    /// Where the stream stands, for headers, which have no time of their own.
    private let position = Mutex<UInt32>(0)
    /// What the headers have announced.
    private let codecs = Mutex<(video: VideoCodec, sound: SoundCodec)>((.avc, .aac))

    private init(channel: any Channel, over: EventLoopFuture<RTMPFault?>) {
        self.channel = channel
        self.over = over
    }

    package enum Failure: Error, Hashable, CustomStringConvertible {
        case badAddress

        package var description: String { "the address is not of the form rtmp://HOST[:PORT]/APP/KEY" }
    }

    /// Connects and asks to publish; returns when the server takes media. Throws `RTMPFault.refused` with
    /// the server's words (`NetStream.Publish.BadName: …`) where it says no, and an I/O error where nobody
    /// answers within `timeout`.
    package static func connect(
        url: String, eventLoopGroup: any EventLoopGroup,
        encoderName: String = "FMLE/3.0 (compatible; shopcast)",
        timeout: Duration = .seconds(10)
    ) async throws -> RTMPPublisher {
        guard let address = RTMPAddress(url), !address.isSecure else { throw Failure.badAddress }
        let eventLoop = eventLoopGroup.next()
        let ready = eventLoop.makePromise(of: Void.self)
        let over = eventLoop.makePromise(of: RTMPFault?.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(TimeAmount(timeout))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: address.host, port: address.port).get()
            // Only now, and not in an initializer: a name with several addresses opens several channels.
            try await channel.eventLoop.submit {
                let session = RTMPClientSession(
                    address: address, encoderName: encoderName, seed: UInt64.random(in: 0...UInt64.max))
                try channel.pipeline.syncOperations.addHandler(
                    RTMPClientHandler(session: session, ready: ready, over: over))
            }.get()
        } catch {
            ready.fail(error)
            over.succeed(nil)
            throw error
        }
        let deadline = eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        try await ready.futureResult.get()
        return RTMPPublisher(channel: channel, over: over.futureResult)
    }

    /// Sends one event and waits until the socket has taken it. `.ended` finishes the stream. Throws the
    /// server's words where it has ended the stream, else the I/O error.
    package func send(_ event: FeedEvent) async throws {
        let here = position.withLock { $0 }
        switch event {
        case .metadata(let metadata): try await write(.metadata(metadata.onMetaData))
        case .videoFormat(let format):
            codecs.withLock { $0.video = format.codec }
            let header = FLVTagWriter.videoSequenceHeader(format.record, format.codec)
            try await write(.video(header, timestamp: here))
        case .audioFormat(let format):
            codecs.withLock { $0.sound = format.codec }
            let header = FLVTagWriter.audioSequenceHeader(format.config, format.codec)
            try await write(.audio(header, timestamp: here))
        case .video(let unit):
            let decoded = unit.dts.milliseconds
            let offset = Int32(truncatingIfNeeded: unit.pts.milliseconds - decoded)
            let body = FLVTagWriter.picture(
                unit.payload, codecs.withLock { $0.video }, compositionOffset: offset, isKeyFrame: unit.isSync
            )
            let time = UInt32(truncatingIfNeeded: decoded)
            position.withLock { $0 = time }
            try await write(.video(body, timestamp: time))
        case .audio(let unit):
            let time = UInt32(truncatingIfNeeded: unit.pts.milliseconds)
            position.withLock { $0 = time }
            let body = FLVTagWriter.audioFrame(unit.payload, codecs.withLock { $0.sound })
            try await write(.audio(body, timestamp: time))
        case .ended: await finish()
        }
    }

    /// Tells the server that the stream is over, and closes the connection. A second call does nothing.
    package func finish() async {
        try? await channel.writeAndFlush(RTMPOutgoing.finish)
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(2)) { [channel] in
            channel.close(promise: nil)
        }
        _ = try? await over.get()
        deadline.cancel()
    }

    private func write(_ message: RTMPOutgoing) async throws {
        do {
            try await channel.writeAndFlush(message)
        } catch {
            channel.close(promise: nil)
            if let fault = try await over.get() { throw fault }
            throw error
        }
    }
}
