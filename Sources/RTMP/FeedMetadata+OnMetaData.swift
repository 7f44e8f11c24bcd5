package import Media

extension FeedMetadata {
    /// As encoders send it: an ECMA array with FLV's names.
    package var onMetaData: [AMF0Property] {
        var properties = [AMF0Property("duration", .number(0))]
        func add(_ name: String, _ value: Double?) {
            if let value { properties.append(AMF0Property(name, .number(value))) }
        }
        add("width", width.map(Double.init))
        add("height", height.map(Double.init))
        add("videodatarate", videoKilobits)
        add("framerate", framesPerSecond)
        // Of the newer codecs, the number is their four characters.
        switch videoCodec {
        case .hevc: add("videocodecid", 0x6876_6331)
        case .av1: add("videocodecid", 0x6176_3031)
        case .avc, nil: add("videocodecid", 7)
        }
        add("audiodatarate", audioKilobits)
        add("audiocodecid", audioCodec == .opus ? 0x4F70_7573 : 10)
        if let encoder { properties.append(AMF0Property("encoder", .string(encoder))) }
        return properties
    }
}
