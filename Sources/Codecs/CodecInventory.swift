import CFFmpeg
import CX264
import CZimg

/// Whether this machine's libraries hold what the server needs.
package enum CodecInventory {
    package struct Entry: Sendable, Hashable {
        package var isPresent: Bool
        /// What it is, with its version; or what to do.
        package var text: String
    }

    package static func check() -> [Entry] {
        let version = avcodec_version()
        let library = "libavcodec \(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
        func entry(_ name: String, _ isPresent: Bool) -> Entry {
            Entry(
                isPresent: isPresent,
                text: isPresent
                    ? "\(name) (\(library))"
                    : "\(name) is missing in \(library): install Debian's libavcodec59")
        }
        var (major, minor, revision): (UInt32, UInt32, UInt32) = (0, 0, 0)
        zimg_get_version_info(&major, &minor, &revision)
        return [
            entry("H.264 decoder", avcodec_find_decoder(AV_CODEC_ID_H264) != nil),
            entry("HEVC decoder", avcodec_find_decoder(AV_CODEC_ID_HEVC) != nil),
            entry("AV1 decoder", avcodec_find_decoder(AV_CODEC_ID_AV1) != nil),
            entry("AAC decoder", avcodec_find_decoder(AV_CODEC_ID_AAC) != nil),
            entry("Opus decoder", avcodec_find_decoder(AV_CODEC_ID_OPUS) != nil),
            entry("AAC encoder", avcodec_find_encoder(AV_CODEC_ID_AAC) != nil),
            Entry(isPresent: true, text: "H.264 encoder (x264 core \(X264_BUILD))"),
            Entry(isPresent: true, text: "scaler (zimg \(major).\(minor).\(revision))"),
        ]
    }
}
