import CFFmpeg
import CMediaShims
import CZimg
import Glibc

/// One zimg conversion: size, depth, range and colour in a single pass, from one shape into a region of a canvas.
final class ZimgGraph {
    private let graph: OpaquePointer
    private let scratch: UnsafeMutableRawPointer

    /// Throws where zimg cannot read the shape; swscale must bring it to 8-bit 4:2:0 first.
    init(from source: PictureShape, to target: Canvas.Region) throws(CodecFault) {
        guard let described = av_pix_fmt_desc_get(AVPixelFormat(source.pixelFormat))?.pointee,
            described.nb_components == 3, described.flags & UInt64(AV_PIX_FMT_FLAG_PLANAR) != 0,
            described.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE) == 0
        else { throw .unsupported("zimg cannot read this pixel format") }
        let version = UInt32(ZIMG_API_VERSION_MAJOR << 8 | ZIMG_API_VERSION_MINOR)
        var from = zimg_image_format()
        zimg_image_format_default(&from, version)
        // A 4:2:0 picture of odd size (from a crop) loses its last column or row.
        let oddX = UInt32(1) << UInt32(described.log2_chroma_w) - 1
        let oddY = UInt32(1) << UInt32(described.log2_chroma_h) - 1
        from.width = UInt32(source.width) & ~oddX
        from.height = UInt32(source.height) & ~oddY
        let depth = UInt32(described.comp.0.depth)
        from.pixel_type = depth > 8 ? ZIMG_PIXEL_WORD : ZIMG_PIXEL_BYTE
        from.depth = depth
        from.subsample_w = UInt32(described.log2_chroma_w)
        from.subsample_h = UInt32(described.log2_chroma_h)
        from.color_family = ZIMG_COLOR_YUV
        from.pixel_range = source.isFullRange ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED
        from.chroma_location = source.chromaLocation == 2 ? ZIMG_CHROMA_CENTER : ZIMG_CHROMA_LEFT
        var to = zimg_image_format()
        zimg_image_format_default(&to, version)
        to.width = UInt32(target.width)
        to.height = UInt32(target.height)
        to.pixel_type = ZIMG_PIXEL_BYTE
        to.depth = 8
        to.subsample_w = 1
        to.subsample_h = 1
        to.color_family = ZIMG_COLOR_YUV
        to.pixel_range = ZIMG_RANGE_LIMITED
        to.chroma_location = ZIMG_CHROMA_LEFT
        if source.isWideGamut {
            from.matrix_coefficients = zimg_matrix_coefficients_e(source.matrix)
            from.transfer_characteristics = zimg_transfer_characteristics_e(source.transfer)
            from.color_primaries = zimg_color_primaries_e(source.primaries)
            to.matrix_coefficients = ZIMG_MATRIX_BT709
            to.transfer_characteristics = ZIMG_TRANSFER_BT709
            to.color_primaries = ZIMG_PRIMARIES_BT709
        }
        var parameters = zimg_graph_builder_params()
        zimg_graph_builder_params_default(&parameters, version)
        parameters.resample_filter = ZIMG_RESIZE_LANCZOS
        // Catmull-Rom for chroma: at a quarter of the samples, nobody sees what Lanczos would add.
        parameters.resample_filter_uv = ZIMG_RESIZE_BICUBIC
        parameters.filter_param_a = 3
        parameters.filter_param_a_uv = 0
        parameters.filter_param_b_uv = 0.5
        parameters.dither_type = depth > 8 ? ZIMG_DITHER_ORDERED : ZIMG_DITHER_NONE
        parameters.cpu_type = ZIMG_CPU_AUTO_64B
        parameters.allow_approximate_gamma = 1
        // White on paper in HDR (ITU-R BT.2408): it becomes our white, and what is brighter is cut off.
        parameters.nominal_peak_luminance = 203
        guard let graph = zimg_filter_graph_build(&from, &to, &parameters) else {
            throw ZimgGraph.fault("zimg_filter_graph_build")
        }
        var size = 0
        let code = zimg_filter_graph_get_tmp_size(graph, &size)
        guard code == ZIMG_ERROR_SUCCESS, let scratch = aligned_alloc(64, (size + 64) & ~63) else {
            zimg_filter_graph_free(graph)
            throw .unavailable("zimg_filter_graph_get_tmp_size")
        }
        self.graph = graph
        self.scratch = scratch
    }

    deinit {
        zimg_filter_graph_free(graph)
        free(scratch)
    }

    /// Converts a whole picture into the target frame, whose planes start at `offset` pixels (even).
    func convert(
        _ source: UnsafePointer<AVFrame>, into target: UnsafeMutablePointer<AVFrame>, x: Int, y: Int
    ) throws(CodecFault) {
        let (data, strides) = (source.pointee.data, source.pointee.linesize)
        let from = [data.0, data.1, data.2].map { UnsafeRawPointer($0) }
        let lines = (target.pointee.linesize.0, target.pointee.linesize.1, target.pointee.linesize.2)
        let planes = target.pointee.data
        let to = [
            planes.0.map { UnsafeMutableRawPointer($0 + y * Int(lines.0) + x) },
            planes.1.map { UnsafeMutableRawPointer($0 + y / 2 * Int(lines.1) + x / 2) },
            planes.2.map { UnsafeMutableRawPointer($0 + y / 2 * Int(lines.2) + x / 2) },
        ]
        let code = shim_zimg_process(
            UnsafeRawPointer(graph), from, [strides.0, strides.1, strides.2], to,
            [lines.0, lines.1, lines.2],
            scratch)
        guard code == ZIMG_ERROR_SUCCESS.rawValue else { throw ZimgGraph.fault("zimg_filter_graph_process") }
    }

    private static func fault(_ call: String) -> CodecFault {
        var text = [CChar](repeating: 0, count: 256)
        let code = zimg_get_last_error(&text, text.count)
        let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return .call(call, code: code.rawValue, reason: reason)
    }
}
