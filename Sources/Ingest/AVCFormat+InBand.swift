package import Media
package import NIOCore

extension AVCFormat {
    /// What the parameter sets say that come inside a picture, of length-prefixed NAL units; nil where there are none, or
    /// none that can be read. Encoders that change their picture without a new sequence header send them so.
    package init?(inBandOf payload: ByteBuffer) {
        var at = payload.readerIndex
        var sps: [[UInt8]] = []
        var pps: [[UInt8]] = []
        while let length: UInt32 = payload.getInteger(at: at), length > 0,
            at + 4 + Int(length) <= payload.writerIndex, let header: UInt8 = payload.getInteger(at: at + 4)
        {
            switch header & 0x1F {
            case 7: sps.append(payload.getBytes(at: at + 4, length: Int(length)) ?? [])
            case 8: pps.append(payload.getBytes(at: at + 4, length: Int(length)) ?? [])
            default: break
            }
            at += 4 + Int(length)
        }
        guard !sps.isEmpty, !pps.isEmpty, let format = try? AVCFormat(sps: sps, pps: pps) else { return nil }
        self = format
    }
}
