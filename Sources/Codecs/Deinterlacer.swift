import CFFmpeg
import CMediaShims

/// Makes whole pictures of interlaced ones: the lines of the top field stay as they are, those of the other field stay
/// where they fit between their neighbours and are made from them where they do not, because something moved. Used by one
/// thread.
final class Deinterlacer {
    /// By how much of full scale a line may leave what lies above and below it: noise, not movement.
    private static let tolerance = 8.0 / 255

    /// The picture, or a copy with one moment in all of its lines.
    func progressive(_ picture: Picture) throws(CodecFault) -> Picture {
        let source = picture.frame
        guard source.pointee.interlaced_frame != 0,
            let described = av_pix_fmt_desc_get(AVPixelFormat(source.pointee.format))?.pointee,
            described.flags & UInt64(AV_PIX_FMT_FLAG_PLANAR) != 0, described.nb_components == 3,
            described.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BE) == 0
        else { return picture }
        let made = Picture(adopting: try Codecs.made("av_frame_alloc", av_frame_alloc()))
        let target = made.frame
        target.pointee.format = source.pointee.format
        target.pointee.width = source.pointee.width
        target.pointee.height = source.pointee.height
        try check("av_frame_get_buffer", av_frame_get_buffer(target, 64))
        try check("av_frame_copy_props", av_frame_copy_props(target, source))
        target.pointee.interlaced_frame = 0
        let (from, to) = (Picture.planes(of: source), Picture.planes(of: target))
        for index in 0..<min(from.count, to.count) {
            let (shiftX, shiftY) = index == 0 ? (0, 0) : (described.log2_chroma_w, described.log2_chroma_h)
            let width = (picture.width + (1 << Int(shiftX)) - 1) >> Int(shiftX)
            let height = (picture.height + (1 << Int(shiftY)) - 1) >> Int(shiftY)
            let depth = described.comp.0.depth
            let margin = Int((Deinterlacer.tolerance * Double(1 << depth)).rounded())
            if depth > 8 {
                Deinterlacer.weave(from[index], to[index], width, height, margin, UInt16.self)
            } else {
                Deinterlacer.weave(from[index], to[index], width, height, margin, UInt8.self)
            }
        }
        return made
    }

    private static func weave<Sample: FixedWidthInteger & UnsignedInteger>(
        _ from: (data: UnsafeMutablePointer<UInt8>, stride: Int),
        _ to: (data: UnsafeMutablePointer<UInt8>, stride: Int), _ width: Int, _ height: Int, _ margin: Int,
        _: Sample.Type
    ) {
        func row(_ plane: (data: UnsafeMutablePointer<UInt8>, stride: Int), _ y: Int) -> UnsafeMutablePointer<
            Sample
        > {
            UnsafeMutableRawPointer(plane.data + y * plane.stride).assumingMemoryBound(to: Sample.self)
        }
        let margin = Int32(margin)
        for y in 0..<height {
            let (line, target) = (row(from, y), row(to, y))
            guard y & 1 == 1 else {
                target.update(from: line, count: width)
                continue
            }
            let (above, below) = (row(from, y - 1), row(from, min(y + 1, height - 1) & ~1))
            for x in 0..<width {
                let (a, b, own) = (
                    Int32(truncatingIfNeeded: above[x]), Int32(truncatingIfNeeded: below[x]),
                    Int32(truncatingIfNeeded: line[x])
                )
                let fits = own >= min(a, b) &- margin && own <= max(a, b) &+ margin
                target[x] = Sample(truncatingIfNeeded: fits ? own : (a &+ b &+ 1) >> 1)
            }
        }
    }
}
