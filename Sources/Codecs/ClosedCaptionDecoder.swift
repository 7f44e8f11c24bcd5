import CFFmpeg
import CMediaShims
package import Media

/// CEA-608 captions as they stand on a television's screen: libavcodec's decoder, of the first channel. Used by one thread
/// at a time.
package final class ClosedCaptionDecoder {
    /// What has come and whose turn it is not: captions belong to pictures in the order in which they are shown.
    private static let mostWaiting = 64

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var waiting: [(pts: MediaTime, triplets: [UInt8])] = []

    /// Throws `CodecFault` where libavcodec has no such decoder.
    package init() throws(CodecFault) {
        MediaLog.silence()
        let codec = try made("avcodec_find_decoder", avcodec_find_decoder(AV_CODEC_ID_EIA_608))
        let context = try made("avcodec_alloc_context3", avcodec_alloc_context3(codec))
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        do throws(CodecFault) {
            context.pointee.pkt_timebase = AVRational(num: 1, den: 1_000_000)
            // Told at each change of the screen, not once the text has gone from it.
            try check("av_opt_set_int", av_opt_set_int(context.pointee.priv_data, "real_time", 1, 0))
            try check("avcodec_open2", avcodec_open2(context, codec, nil))
            self.context = context
            packet = try made("av_packet_alloc", av_packet_alloc())
        } catch {
            avcodec_free_context(&owned)
            throw error
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avcodec_free_context(&context)
        av_packet_free(&packet)
    }

    /// Takes the triplets of a picture, and tells how the screen has changed up to `dts`, before which nothing comes any
    /// more. Empty text is an empty screen. Damaged bytes change nothing.
    package func decode(_ triplets: [UInt8], pts: MediaTime, dts: MediaTime) -> [(
        text: String, at: MediaTime
    )] {
        if !triplets.isEmpty {
            let place = waiting.lastIndex { $0.pts <= pts }.map { $0 + 1 } ?? 0
            waiting.insert((pts, triplets), at: place)
        }
        var changes: [(text: String, at: MediaTime)] = []
        while let first = waiting.first, first.pts <= dts || waiting.count > Self.mostWaiting {
            waiting.removeFirst()
            if let text = decode(first.triplets, at: first.pts) { changes.append((text, first.pts)) }
        }
        return changes
    }

    private func decode(_ triplets: [UInt8], at pts: MediaTime) -> String? {
        guard av_new_packet(packet, Int32(triplets.count)) == 0 else { return nil }
        defer { av_packet_unref(packet) }
        triplets.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress {
                packet.pointee.data?.update(
                    from: base.assumingMemoryBound(to: UInt8.self), count: bytes.count)
            }
        }
        packet.pointee.pts = pts.value(timescale: 1_000_000)
        var subtitle = AVSubtitle()
        var isThere: Int32 = 0
        guard avcodec_decode_subtitle2(context, &subtitle, &isThere, packet) >= 0, isThere != 0 else {
            return nil
        }
        defer { avsubtitle_free(&subtitle) }
        var texts: [String] = []
        for index in 0..<Int(subtitle.num_rects) {
            guard let ass = subtitle.rects?[index]?.pointee.ass else { continue }
            texts.append(ClosedCaptionDecoder.plain(String(cString: ass)))
        }
        // Several changes within one picture: the last one stays.
        return texts.last
    }

    /// The text of a line of ASS: behind eight commas, without its markup.
    static func plain(_ line: String) -> String {
        let fields = line.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false)
        guard fields.count == 9 else { return "" }
        var text = ""
        var rest = fields[8]
        while let next = rest.popFirst() {
            if next == "{" {
                guard let end = rest.firstIndex(of: "}") else { break }
                rest = rest[rest.index(after: end)...]
            } else if next == "\\", let kind = rest.first {
                rest.removeFirst()
                switch kind {
                case "N", "n": text.append("\n")
                case "h": text.append(" ")
                default: text.append(kind)
                }
            } else {
                text.append(next)
            }
        }
        return text.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
