import CFFmpeg
import CMediaShims
import Glibc

/// A show's cover: whatever PNG, JPEG or WebP was handed in, turned upright, made small enough and written anew as a JPEG,
/// so that nothing of the file that came (places, names, whatever hides in it) goes out again.
package struct CoverPicture: Sendable {
    /// Bytes of a file that is looked at, at most.
    package static let limit = 10 << 20
    /// Pixels of one, at most: decoded, they take up to eight bytes each.
    package static let pixels = 26_000_000
    /// How large a cover is at most.
    package static let box = (width: 1280, height: 720)

    package let jpeg: [UInt8]
    package let width: Int
    package let height: Int

    /// Throws `CodecFault` where the bytes are no such picture, or one that is too large. Blocks for up to a second.
    package init(of bytes: [UInt8]) throws(CodecFault) {
        guard bytes.count <= CoverPicture.limit else {
            throw .unsupported("the picture is larger than \(CoverPicture.limit >> 20) MiB")
        }
        let picture = try StillPicture.read(bytes, pixels: CoverPicture.pixels)
        let turn = CoverPicture.orientation(of: picture)
        let small = try Raster(scaling: picture, turn: turn)
        let upright = small.turned(turn).overWhite()
        width = upright.width
        height = upright.height
        jpeg = try upright.jpeg()
    }

    /// How a camera says that it was held (1 to 8, as TIFF counts); 1 where it does not.
    private static func orientation(of picture: Picture) -> Int {
        guard let entry = av_dict_get(picture.frame.pointee.metadata, "Orientation", nil, 0),
            let value = entry.pointee.value
        else { return 1 }
        let number = Int(String(cString: value).filter(\.isNumber)) ?? 1
        return (1...8).contains(number) ? number : 1
    }
}

/// Pixels of four bytes (red, green, blue, alpha), row after row without gaps.
private struct Raster {
    var width: Int
    var height: Int
    var bytes: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        bytes = [UInt8](repeating: 255, count: width * height * 4)
    }

    /// The picture as it lies in its file, so small that it fits the box once it is turned.
    init(scaling picture: Picture, turn: Int) throws(CodecFault) {
        let lies = turn >= 5
        let box = CoverPicture.box
        let (across, down) = lies ? (box.height, box.width) : (box.width, box.height)
        let share = min(
            1, Double(across) / Double(picture.width), Double(down) / Double(picture.height))
        self.init(
            width: max(1, Int((Double(picture.width) * share).rounded())),
            height: max(1, Int((Double(picture.height) * share).rounded())))
        let source = picture.frame.pointee
        let scaler = try made(
            "sws_getContext",
            sws_getContext(
                source.width, source.height, AVPixelFormat(source.format), Int32(width), Int32(height),
                AV_PIX_FMT_RGBA, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nil, nil, nil))
        defer { sws_freeContext(scaler) }
        let frame = try CoverPicture.frame(width: width, height: height, AV_PIX_FMT_RGBA)
        let target = Picture(adopting: frame)
        try check("sws_scale_frame", sws_scale_frame(scaler, frame, picture.frame))
        guard let plane = target.plane(0) else { throw .unavailable("sws_scale_frame") }
        bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for row in 0..<height {
                memcpy(base + row * width * 4, plane.data + row * plane.stride, width * 4)
            }
        }
    }

    /// Upright, from how it was held.
    func turned(_ turn: Int) -> Raster {
        guard turn != 1 else { return self }
        var turned = turn >= 5 ? Raster(width: height, height: width) : Raster(width: width, height: height)
        for y in 0..<turned.height {
            for x in 0..<turned.width {
                let (fromX, fromY) =
                    switch turn {
                    case 2: (width - 1 - x, y)
                    case 3: (width - 1 - x, height - 1 - y)
                    case 4: (x, height - 1 - y)
                    case 5: (y, x)
                    case 6: (y, height - 1 - x)
                    case 7: (width - 1 - y, height - 1 - x)
                    default: (width - 1 - y, x)
                    }
                let (from, to) = ((fromY * width + fromX) * 4, (y * turned.width + x) * 4)
                for index in 0..<4 { turned.bytes[to + index] = bytes[from + index] }
            }
        }
        return turned
    }

    /// What shows through is white: a JPEG has no holes.
    func overWhite() -> Raster {
        var solid = self
        for pixel in stride(from: 0, to: bytes.count, by: 4) where bytes[pixel + 3] != 255 {
            let alpha = Int(bytes[pixel + 3])
            for index in pixel..<pixel + 3 {
                solid.bytes[index] = UInt8((Int(bytes[index]) * alpha + 255 * (255 - alpha) + 127) / 255)
            }
            solid.bytes[pixel + 3] = 255
        }
        return solid
    }

    func jpeg() throws(CodecFault) -> [UInt8] {
        let rgba = Picture(adopting: try CoverPicture.frame(width: width, height: height, AV_PIX_FMT_RGBA))
        guard let plane = rgba.plane(0) else { throw .unavailable("av_frame_get_buffer") }
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for row in 0..<height {
                memcpy(plane.data + row * plane.stride, base + row * width * 4, width * 4)
            }
        }
        let scaler = try made(
            "sws_getContext",
            sws_getContext(
                Int32(width), Int32(height), AV_PIX_FMT_RGBA, Int32(width), Int32(height),
                AV_PIX_FMT_YUVJ420P, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nil, nil, nil))
        defer { sws_freeContext(scaler) }
        let frame = try CoverPicture.frame(width: width, height: height, AV_PIX_FMT_YUVJ420P)
        let picture = Picture(adopting: frame)
        try check("sws_scale_frame", sws_scale_frame(scaler, frame, rgba.frame))
        return try CoverPicture.encode(picture)
    }
}

extension CoverPicture {
    fileprivate static func frame(width: Int, height: Int, _ format: AVPixelFormat) throws(CodecFault)
        -> UnsafeMutablePointer<AVFrame>
    {
        let frame = try made("av_frame_alloc", av_frame_alloc())
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = format.rawValue
        let code = av_frame_get_buffer(frame, 0)
        if code < 0 {
            var unused: UnsafeMutablePointer<AVFrame>? = frame
            av_frame_free(&unused)
        }
        try check("av_frame_get_buffer", code)
        return frame
    }

    /// One JPEG of good quality, without a word about who wrote it.
    fileprivate static func encode(_ picture: Picture) throws(CodecFault) -> [UInt8] {
        let quality: Int32 = 3
        let codec = try made("avcodec_find_encoder", avcodec_find_encoder(AV_CODEC_ID_MJPEG))
        var context: UnsafeMutablePointer<AVCodecContext>? = try made(
            "avcodec_alloc_context3", avcodec_alloc_context3(codec))
        defer { avcodec_free_context(&context) }
        context?.pointee.width = Int32(picture.width)
        context?.pointee.height = Int32(picture.height)
        context?.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        context?.pointee.color_range = AVCOL_RANGE_JPEG
        context?.pointee.time_base = AVRational(num: 1, den: 1)
        context?.pointee.thread_count = 1
        context?.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        context?.pointee.global_quality = quality * FF_QP2LAMBDA
        try check("avcodec_open2", avcodec_open2(context, codec, nil))
        picture.frame.pointee.pts = 0
        picture.frame.pointee.quality = quality * FF_QP2LAMBDA
        try check("avcodec_send_frame", avcodec_send_frame(context, picture.frame))
        try check("avcodec_send_frame", avcodec_send_frame(context, nil))
        var packet: UnsafeMutablePointer<AVPacket>? = try made("av_packet_alloc", av_packet_alloc())
        defer { av_packet_free(&packet) }
        try check("avcodec_receive_packet", avcodec_receive_packet(context, packet))
        guard let coded = packet?.pointee, let data = coded.data else {
            throw .unavailable("avcodec_receive_packet")
        }
        return Array(UnsafeBufferPointer(start: data, count: Int(coded.size)))
    }
}
