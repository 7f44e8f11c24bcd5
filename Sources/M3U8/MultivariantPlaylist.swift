/// A multivariant playlist (draft-pantos-hls-rfc8216bis, 4.4.6): what there is to choose from.
package struct MultivariantPlaylist: Hashable, Sendable {
    /// EXT-X-MEDIA:TYPE=AUDIO (4.4.6.1).
    package struct AudioRendition: Hashable, Sendable {
        package var group: String
        package var name: String
        /// BCP 47; nil where it is not known.
        package var language: String?
        package var isDefault: Bool
        package var channels: Int
        package var uri: String

        package init(
            group: String, name: String, language: String?, isDefault: Bool, channels: Int, uri: String
        ) {
            self.group = group
            self.name = name
            self.language = language
            self.isDefault = isDefault
            self.channels = channels
            self.uri = uri
        }
    }

    /// EXT-X-STREAM-INF (4.4.6.2).
    package struct Variant: Hashable, Sendable {
        /// Bits a second.
        package var bandwidth: Int
        package var averageBandwidth: Int?
        package var codecs: [String]
        package var width: Int?
        package var height: Int?
        /// Frames a second, written with three decimals.
        package var frameRate: Double?
        package var audioGroup: String?
        package var uri: String

        package init(
            bandwidth: Int, averageBandwidth: Int?, codecs: [String], width: Int?, height: Int?,
            frameRate: Double?,
            audioGroup: String?, uri: String
        ) {
            self.bandwidth = bandwidth
            self.averageBandwidth = averageBandwidth
            self.codecs = codecs
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.audioGroup = audioGroup
            self.uri = uri
        }
    }

    package var audio: [AudioRendition]
    /// In the order in which they are written: players start with the first.
    package var variants: [Variant]

    package init(audio: [AudioRendition], variants: [Variant]) {
        self.audio = audio
        self.variants = variants
    }
}
