import CFFmpeg
import Glibc

/// Brings pictures of any shape and format into one canvas of plain 4:2:0; used by one thread.
final class PictureScaler {
    let canvas: Canvas
    private let pool: PicturePool
    private var shape: PictureShape?
    private var graph: ZimgGraph?
    private var region: Canvas.Region
    /// For formats that zimg does not read, and for planes that start off its alignment.
    private var converter: OpaquePointer?
    private var plainPool: PicturePool?
    private var boxPool: PicturePool?

    init(canvas: Canvas) throws(CodecFault) {
        self.canvas = canvas
        self.region = canvas.whole
        pool = try PicturePool(width: canvas.width, height: canvas.height)
    }

    deinit { sws_freeContext(converter) }

    /// The picture as this canvas shows it; the very same object where nothing needs to change.
    func scale(_ picture: Picture) throws(CodecFault) -> Picture {
        let shape = picture.shape
        let hasSquarePixels = shape.aspectNumerator == shape.aspectDenominator
        if shape.isPlain && hasSquarePixels && picture.width == canvas.width
            && picture.height == canvas.height
        {
            return picture
        }
        if shape != self.shape { try adapt(to: shape) }
        let source = try readable(picture, shape)
        let marked = shape.isWideGamut ? bt709(shape) : shape
        let target = try pool.frame(like: marked, pts: picture.frame.pointee.pts)
        let scaled = Picture(adopting: target)
        guard let graph else { throw .unavailable("zimg_filter_graph_build") }
        if region == canvas.whole {
            try graph.convert(source.frame, into: target, x: 0, y: 0)
        } else {
            PictureScaler.blacken(target)
            try letterbox(source, into: target, graph, marked)
        }
        return scaled
    }

    private func adapt(to shape: PictureShape) throws(CodecFault) {
        region = canvas.region(
            forWidth: Int(shape.width), height: Int(shape.height),
            pixelAspect: (Int(shape.aspectNumerator), Int(shape.aspectDenominator)))
        boxPool = nil
        plainPool = nil
        sws_freeContext(converter)
        converter = nil
        do throws(CodecFault) {
            graph = try ZimgGraph(from: shape, to: region)
        } catch {
            plainPool = try PicturePool(width: Int(shape.width) & ~1, height: Int(shape.height) & ~1)
            graph = try ZimgGraph(from: PictureScaler.plain(shape), to: region)
            try openConverter(from: shape)
        }
        self.shape = shape
    }

    private func openConverter(from shape: PictureShape) throws(CodecFault) {
        let flags = SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP
        let converter = try made(
            "sws_getContext",
            sws_getContext(
                shape.width, shape.height, AVPixelFormat(shape.pixelFormat), shape.width & ~1,
                shape.height & ~1, AV_PIX_FMT_YUV420P, flags, nil, nil, nil))
        let table = sws_getCoefficients(shape.matrix == 1 ? SWS_CS_ITU709 : SWS_CS_DEFAULT)
        sws_setColorspaceDetails(converter, table, shape.isFullRange ? 1 : 0, table, 0, 0, 1 << 16, 1 << 16)
        self.converter = converter
    }

    /// The picture, or a copy that zimg can read.
    private func readable(_ picture: Picture, _ shape: PictureShape) throws(CodecFault) -> Picture {
        if converter == nil && PictureScaler.isAligned(picture.frame.pointee) { return picture }
        if converter == nil {
            plainPool = nil
            try openConverter(from: shape)
            graph = try ZimgGraph(from: PictureScaler.plain(shape), to: region)
        }
        let pool: PicturePool
        if let plainPool {
            pool = plainPool
        } else {
            pool = try PicturePool(width: Int(shape.width) & ~1, height: Int(shape.height) & ~1)
            plainPool = pool
        }
        let plain = try pool.frame(like: shape, pts: picture.frame.pointee.pts)
        let copy = Picture(adopting: plain)
        try check("sws_scale_frame", sws_scale_frame(converter, plain, picture.frame))
        return copy
    }

    /// zimg writes whole vectors, so a region that starts inside a row is made apart and copied in.
    private func letterbox(
        _ source: Picture, into target: UnsafeMutablePointer<AVFrame>, _ graph: ZimgGraph,
        _ shape: PictureShape
    ) throws(CodecFault) {
        if region.x == 0 && region.width == canvas.width {
            try graph.convert(source.frame, into: target, x: 0, y: region.y)
            return
        }
        let pool: PicturePool
        if let boxPool {
            pool = boxPool
        } else {
            pool = try PicturePool(width: region.width, height: region.height)
            boxPool = pool
        }
        let box = Picture(adopting: try pool.frame(like: shape, pts: 0))
        try graph.convert(source.frame, into: box.frame, x: 0, y: 0)
        let whole = Picture.planes(of: target)
        for (index, part) in Picture.planes(of: box.frame).enumerated() {
            let halving = index == 0 ? 1 : 2
            let start = whole[index].data + region.y / halving * whole[index].stride + region.x / halving
            for row in 0..<region.height / halving {
                memcpy(
                    start + row * whole[index].stride, part.data + row * part.stride, region.width / halving)
            }
        }
    }

    /// What swscale makes of a shape for zimg to read.
    private static func plain(_ shape: PictureShape) -> PictureShape {
        var plain = shape
        plain.pixelFormat = AV_PIX_FMT_YUV420P.rawValue
        plain.isFullRange = false
        plain.width &= ~1
        plain.height &= ~1
        if shape.isWideGamut { (plain.primaries, plain.transfer, plain.matrix) = (1, 1, 1) }
        return plain
    }

    private func bt709(_ shape: PictureShape) -> PictureShape {
        var shape = shape
        (shape.primaries, shape.transfer, shape.matrix) = (1, 1, 1)
        return shape
    }

    private static func blacken(_ frame: UnsafeMutablePointer<AVFrame>) {
        for (index, plane) in Picture.planes(of: frame).enumerated() {
            let rows = index == 0 ? Int(frame.pointee.height) : Int(frame.pointee.height + 1) / 2
            memset(plane.data, index == 0 ? 16 : 128, plane.stride * rows)
        }
    }

    private static func isAligned(_ frame: AVFrame) -> Bool {
        let starts = [frame.data.0, frame.data.1, frame.data.2].map { UInt(bitPattern: $0) }
        let strides = [frame.linesize.0, frame.linesize.1, frame.linesize.2]
        return starts.allSatisfy { $0 & 63 == 0 } && strides.allSatisfy { $0 > 0 && $0 & 63 == 0 }
    }
}

extension Picture {
    static func planes(
        of frame: UnsafeMutablePointer<AVFrame>
    ) -> [(data: UnsafeMutablePointer<UInt8>, stride: Int)] {
        let (data, strides) = (frame.pointee.data, frame.pointee.linesize)
        return [(data.0, strides.0), (data.1, strides.1), (data.2, strides.2)].compactMap { pointer, stride in
            pointer.map { ($0, Int(stride)) }
        }
    }
}
