import CFFmpeg

/// Makes 4:2:0 pictures of one size out of memory that is used again: fresh pages cost more than the scaling.
final class PicturePool {
    let width: Int
    let height: Int
    private let pool: OpaquePointer
    private let strides: (luma: Int, chroma: Int)
    private let chromaHeight: Int

    init(width: Int, height: Int) throws(CodecFault) {
        self.width = width
        self.height = height
        strides = ((width + 63) & ~63, ((width + 1) / 2 + 63) & ~63)
        chromaHeight = (height + 1) / 2
        // x264 and zimg may read, never write, a vector past the last row.
        let size = strides.luma * height + 2 * strides.chroma * chromaHeight + 256
        pool = try made("av_buffer_pool_init", av_buffer_pool_init(size, nil))
    }

    deinit {
        // Buffers still in use keep the pool's memory alive until the last one is released.
        var pool: OpaquePointer? = pool
        av_buffer_pool_uninit(&pool)
    }

    /// A frame of the pool's size with undefined samples.
    func frame(like shape: PictureShape, pts: Int64) throws(CodecFault) -> UnsafeMutablePointer<AVFrame> {
        let frame = try made("av_frame_alloc", av_frame_alloc())
        guard let buffer = av_buffer_pool_get(pool), let base = buffer.pointee.data else {
            var unused: UnsafeMutablePointer<AVFrame>? = frame
            av_frame_free(&unused)
            throw .unavailable("av_buffer_pool_get")
        }
        let chroma = base + strides.luma * height
        frame.pointee.buf.0 = buffer
        frame.pointee.data.0 = base
        frame.pointee.data.1 = chroma
        frame.pointee.data.2 = chroma + strides.chroma * chromaHeight
        frame.pointee.linesize.0 = Int32(strides.luma)
        frame.pointee.linesize.1 = Int32(strides.chroma)
        frame.pointee.linesize.2 = Int32(strides.chroma)
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.color_range = AVCOL_RANGE_MPEG
        frame.pointee.color_primaries = AVColorPrimaries(UInt32(bitPattern: shape.primaries))
        frame.pointee.color_trc = AVColorTransferCharacteristic(UInt32(bitPattern: shape.transfer))
        frame.pointee.colorspace = AVColorSpace(UInt32(bitPattern: shape.matrix))
        frame.pointee.chroma_location = AVCHROMA_LOC_LEFT
        frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        frame.pointee.pts = pts
        return frame
    }
}
