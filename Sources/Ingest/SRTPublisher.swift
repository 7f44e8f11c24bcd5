// A host of our own over SRT: sends a feed in the caller's rhythm. In: feed events. Out: a transport stream in SRT messages.
// The caller waits in `send` until libsrt has taken the bytes, on a thread of NIO's pool; nothing gathers here.

import Codecs
package import Media
import NIOCore
import NIOPosix
import SRT

package struct SRTPublisher: Sendable {
    private final class Line: @unchecked Sendable {
        // Touched only on the pool's thread, by calls that the one host awaits one after another.
        var caller: SRTCaller?
        var writer: TransportStreamWriter?
        var video: PictureFormat?
        var audio: AACFormat?
        /// Units before the stream's table can be written: it names both formats, or the host has no sound.
        var waiting: [AccessUnit] = []
        static let patience = MediaTime(milliseconds: 500)

        func send(_ event: FeedEvent) throws {
            switch event {
            case .metadata: break
            case .videoFormat(let format): video = format
            case .audioFormat(let format): audio = format.aac
            case .video(let unit), .audio(let unit):
                waiting.append(unit)
                guard let video, let first = waiting.first else { return }
                if writer == nil {
                    guard audio != nil || unit.dts - first.dts > Line.patience else { return }
                    writer = try TransportStreamWriter.open(video: video, audio: audio)
                }
                for unit in waiting { try write(unit) }
                waiting = []
            case .ended: close()
            }
        }

        private func write(_ unit: AccessUnit) throws {
            guard var bytes = try writer?.write(unit) else { return }
            while bytes.readableBytes > 0,
                let message = bytes.readSlice(length: min(SRTCaller.messageSize, bytes.readableBytes))
            {
                try message.withUnsafeReadableBytes { try caller?.send($0) }
            }
        }

        func close() {
            caller = nil
            writer = nil
        }
    }

    private let line: Line

    package enum Failure: Error, Hashable, CustomStringConvertible {
        case badAddress

        package var description: String {
            "the address is not of the form srt://HOST:PORT?streamid=#!::r=STREAMKEY,m=publish"
        }
    }

    private init(_ line: Line) {
        self.line = line
    }

    /// Calls the server. Throws `SRTFault` with its reason where it says no, or nobody answers within 5 s.
    package static func connect(url: String) async throws -> SRTPublisher {
        guard let address = SRTAddress(url) else { throw Failure.badAddress }
        let line = Line()
        try await NIOThreadPool.singleton.runIfActive { line.caller = try SRTCaller.connect(address) }
        return SRTPublisher(line)
    }

    /// Sends one event. Throws `SRTFault` where the connection is over.
    package func send(_ event: FeedEvent) async throws {
        let line = line
        try await NIOThreadPool.singleton.runIfActive { try line.send(event) }
    }

    package func finish() async {
        let line = line
        try? await NIOThreadPool.singleton.runIfActive { line.close() }
    }
}
