import CFFmpeg
import CMediaShims
package import Media

/// One decoded or scaled picture, shared by all the encoders that want it.
package final class Picture: @unchecked Sendable {
    // Proof of Sendable: the frame and its planes are written before the object exists and never again; libav's
    // buffer references are counted atomically.
    let frame: UnsafeMutablePointer<AVFrame>

    /// Takes the frame over; it is freed with the picture.
    init(adopting frame: UnsafeMutablePointer<AVFrame>) {
        self.frame = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    package var width: Int { Int(frame.pointee.width) }
    package var height: Int { Int(frame.pointee.height) }
    package var pts: MediaTime { MediaTime(ticks: frame.pointee.pts) }

    /// One 8-bit sample, nil outside the picture; for meters and tests.
    package func sample(plane index: Int, x: Int, y: Int) -> UInt8? {
        guard let plane = plane(index), x >= 0, y >= 0, x < width, y < height else { return nil }
        return plane.data[y * plane.stride + x]
    }

    func plane(_ index: Int) -> (data: UnsafeMutablePointer<UInt8>, stride: Int)? {
        let (data, strides) = (frame.pointee.data, frame.pointee.linesize)
        let found =
            switch index {
            case 0: (data.0, strides.0)
            case 1: (data.1, strides.1)
            default: (data.2, strides.2)
            }
        guard let pointer = found.0 else { return nil }
        return (pointer, Int(found.1))
    }

    var shape: PictureShape { PictureShape(frame.pointee) }

    /// How the picture's numbers are to be seen; an encoder writes it into its stream.
    package var colour: ColourTags {
        let shape = shape
        return ColourTags(primaries: shape.primaries, transfer: shape.transfer, matrix: shape.matrix)
    }
}

/// Colour code points of ISO/IEC 23091-2; 2 is "unspecified".
package struct ColourTags: Hashable, Sendable {
    package var primaries: Int32
    package var transfer: Int32
    package var matrix: Int32

    package init(primaries: Int32, transfer: Int32, matrix: Int32) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
    }

    package static let bt709 = ColourTags(primaries: 1, transfer: 1, matrix: 1)
}

/// All that decides how a picture must be converted.
struct PictureShape: Hashable {
    var width: Int32
    var height: Int32
    var pixelFormat: Int32
    var isFullRange: Bool
    var primaries: Int32
    var transfer: Int32
    var matrix: Int32
    var chromaLocation: Int32
    var aspectNumerator: Int32
    var aspectDenominator: Int32

    init(_ frame: AVFrame) {
        width = frame.width
        height = frame.height
        pixelFormat = frame.format
        let full = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P].map(\.rawValue)
        isFullRange = frame.color_range == AVCOL_RANGE_JPEG || full.contains(frame.format)
        primaries = Int32(bitPattern: frame.color_primaries.rawValue)
        transfer = Int32(bitPattern: frame.color_trc.rawValue)
        matrix = Int32(bitPattern: frame.colorspace.rawValue)
        chromaLocation = Int32(bitPattern: frame.chroma_location.rawValue)
        // Unmarked pictures are read as players read them: by their size. The mark is then written out, so that
        // small renditions are not guessed differently from large ones.
        if matrix == 2 || matrix == 0 || matrix == 3 { matrix = min(width, height) > 576 ? 1 : 6 }
        if primaries == 2 || primaries == 0 || primaries == 3 { primaries = matrix == 1 ? 1 : 6 }
        if transfer == 2 || transfer == 0 || transfer == 3 { transfer = matrix == 1 ? 1 : 6 }
        let aspect = frame.sample_aspect_ratio
        let isSquare = aspect.num <= 0 || aspect.den <= 0
        aspectNumerator = isSquare ? 1 : aspect.num
        aspectDenominator = isSquare ? 1 : aspect.den
    }

    /// 8-bit 4:2:0 in limited range: what the encoders take as it is.
    var isPlain: Bool {
        pixelFormat == AV_PIX_FMT_YUV420P.rawValue && !isFullRange && width % 2 == 0 && height % 2 == 0
            && !isWideGamut
    }

    /// BT.2020 pictures are brought to BT.709: few browsers show them right in 8 bits.
    var isWideGamut: Bool { [9, 10].contains(matrix) || primaries == 9 || [16, 18].contains(transfer) }
}
