import CFFmpeg
import CMediaShims
import CX264
package import Media
package import NIOCore

/// What an encoder gives up in delay for quality.
package enum LatencyProfile: String, Sendable, CaseIterable {
    /// A picture comes out when it goes in.
    case low
    /// Five pictures of look-ahead: better quality for the same bits, 167 ms later at 30 fps.
    case balanced
    /// Two B-frames and ten pictures of look-ahead.
    case quality
}

/// How an encoder spends its bits.
package enum RateControl: Hashable, Sendable {
    /// Constant quality (lower is better, 0 to 51), never above the maximum: a still shot costs little.
    case cappedQuality(Double)
    /// The maximum is also the average; for comparisons.
    case average
}

/// How hard an encoder works for its bits. The stream's parameter sets are the same for all of them.
package enum EncodingEffort: UInt8, Sendable, Comparable, CaseIterable {
    /// As the preset says.
    case full
    /// Coarse motion and whole blocks, with one reference picture: four fifths of the work of `superfast`.
    case lean
    /// Without look-ahead, adaptive quantisation and loop filter, too: three fifths.
    case least

    package static func < (a: EncodingEffort, b: EncodingEffort) -> Bool { a.rawValue < b.rawValue }
}

/// One coded picture, numbered like the pictures that went in.
package struct EncodedPicture: Sendable {
    /// Length-prefixed NAL units.
    package var payload: ByteBuffer
    /// The number of the picture that this codes, counted in display order.
    package var index: Int64
    /// The number of the picture at whose time this must be decoded; negative at the start where there are B-frames.
    package var decodingIndex: Int64
    package var isIDR: Bool
}

/// libx264: pictures in, coded pictures out; used by one thread at a time.
package struct X264Encoder: ~Copyable {
    package struct Settings: Sendable {
        /// Pixels, both even.
        package var width: Int
        package var height: Int
        package var frameRate: FrameRate
        /// kbit/s that the buffer is filled with.
        package var maximumKilobits: Int
        /// Seconds of the maximum rate that a decoder's buffer holds.
        package var bufferSeconds = 0.5
        package var rateControl = RateControl.cappedQuality(23)
        package var latency = LatencyProfile.balanced
        /// A preset of x264, `ultrafast` to `placebo`.
        package var preset = "superfast"
        /// 1 is one thread; more cut each picture into slices.
        package var threads = 1
        package var colour = ColourTags.bt709
        package var effort = EncodingEffort.full

        package init(width: Int, height: Int, frameRate: FrameRate, maximumKilobits: Int) {
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.maximumKilobits = maximumKilobits
        }
    }

    /// The parameter sets of the stream.
    package let format: AVCFormat
    private let encoder: OpaquePointer

    private init(encoder: OpaquePointer, format: AVCFormat) {
        self.encoder = encoder
        self.format = format
    }

    deinit {
        x264_encoder_close(encoder)
        MediaHeap.codecWasClosed()
    }

    /// Throws `CodecFault` where x264 refuses the settings.
    package static func open(_ settings: Settings) throws(CodecFault) -> X264Encoder {
        var parameters = x264_param_t()
        let tune = settings.latency == .low ? "zerolatency" : nil
        guard x264_param_default_preset(&parameters, settings.preset, tune) == 0 else {
            throw .unsupported("x264 has no preset \(settings.preset)")
        }
        apply(settings, to: &parameters)
        guard x264_param_apply_profile(&parameters, "high") == 0 else {
            throw .unavailable("x264_param_apply_profile")
        }
        let encoder = OpaquePointer(try made("x264_encoder_open", shim_x264_encoder_open(&parameters)))
        do throws(CodecFault) {
            if settings.effort > .full { try ease(encoder, to: settings.effort) }
            return X264Encoder(encoder: encoder, format: try parameterSets(encoder))
        } catch {
            x264_encoder_close(encoder)
            throw error
        }
    }

    private static func apply(_ settings: Settings, to parameters: inout x264_param_t) {
        parameters.i_log_level = X264_LOG_NONE
        parameters.i_csp = X264_CSP_I420
        parameters.i_width = Int32(settings.width)
        parameters.i_height = Int32(settings.height)
        parameters.i_fps_num = UInt32(settings.frameRate.numerator)
        parameters.i_fps_den = UInt32(settings.frameRate.denominator)
        // Pictures are numbered, not timed: x264 then never waits for the next one to learn a duration.
        parameters.b_vfr_input = 0
        // Segments start where they are told to: at forced IDR pictures only.
        parameters.i_keyint_max = X264_KEYINT_MAX_INFINITE
        parameters.i_scenecut_threshold = 0
        parameters.b_repeat_headers = 0
        parameters.b_annexb = 0
        parameters.b_aud = 0
        parameters.i_threads = Int32(settings.threads)
        parameters.b_sliced_threads = settings.threads > 1 ? 1 : 0
        parameters.i_lookahead_threads = 1
        parameters.i_sync_lookahead = 0
        switch settings.latency {
        case .low: break
        case .balanced:
            parameters.i_bframe = 0
            parameters.rc.i_lookahead = 5
            parameters.rc.b_mb_tree = 1
        case .quality:
            parameters.i_bframe = 2
            parameters.rc.i_lookahead = 10
            parameters.rc.b_mb_tree = 1
        }
        if settings.effort == .least {
            parameters.rc.i_lookahead = 0
            parameters.rc.b_mb_tree = 0
            parameters.rc.i_aq_mode = 0
        }
        let rate = Int32(settings.maximumKilobits)
        parameters.rc.i_vbv_max_bitrate = rate
        parameters.rc.i_vbv_buffer_size = Int32(Double(rate) * settings.bufferSeconds)
        switch settings.rateControl {
        case .cappedQuality(let quality):
            parameters.rc.i_rc_method = X264_RC_CRF
            parameters.rc.f_rf_constant = Float(quality)
        case .average:
            parameters.rc.i_rc_method = X264_RC_ABR
            parameters.rc.i_bitrate = rate
        }
        parameters.vui.b_fullrange = 0
        parameters.vui.i_colorprim = settings.colour.primaries
        parameters.vui.i_transfer = settings.colour.transfer
        parameters.vui.i_colmatrix = settings.colour.matrix
        parameters.vui.i_sar_width = 1
        parameters.vui.i_sar_height = 1
    }

    /// From the next picture on, as far as a running encoder can: look-ahead and quantisation stay as it was opened
    /// with. There is no way back, x264 leaves whole-pixel motion only when it is opened anew.
    package func ease(to effort: EncodingEffort) throws(CodecFault) {
        try X264Encoder.ease(encoder, to: effort)
    }

    private static func ease(_ encoder: OpaquePointer, to effort: EncodingEffort) throws(CodecFault) {
        guard effort > .full else { return }
        var parameters = x264_param_t()
        x264_encoder_parameters(encoder, &parameters)
        parameters.i_frame_reference = 1
        parameters.analyse.b_mixed_references = 0
        parameters.analyse.i_me_method = X264_ME_DIA
        parameters.analyse.i_subpel_refine = 0
        parameters.analyse.i_trellis = 0
        parameters.analyse.inter = 0
        if effort == .least {
            parameters.analyse.intra = 0
            parameters.b_deblocking_filter = 0
        }
        try check("x264_encoder_reconfig", x264_encoder_reconfig(encoder, &parameters))
    }

    private static func parameterSets(_ encoder: OpaquePointer) throws(CodecFault) -> AVCFormat {
        var units: UnsafeMutablePointer<x264_nal_t>?
        var count: Int32 = 0
        guard x264_encoder_headers(encoder, &units, &count) >= 0, let units else {
            throw .unavailable("x264_encoder_headers")
        }
        var sps: [[UInt8]] = []
        var pps: [[UInt8]] = []
        for index in 0..<Int(count) {
            let unit = units[index]
            let bytes = Array(
                UnsafeBufferPointer(start: unit.p_payload, count: Int(unit.i_payload)).dropFirst(4))
            if unit.i_type == Int32(NAL_SPS.rawValue) { sps.append(bytes) }
            if unit.i_type == Int32(NAL_PPS.rawValue) { pps.append(bytes) }
        }
        do {
            return try AVCFormat(sps: sps, pps: pps)
        } catch {
            throw .unsupported("x264 made parameter sets that cannot be read: \(error)")
        }
    }

    /// Encodes a picture of the encoder's size; pictures are numbered by the caller, one after another.
    package func encode(
        _ picture: Picture, index: Int64, isIDR: Bool, _ emit: (EncodedPicture) -> Void
    ) throws(CodecFault) {
        var input = x264_picture_t()
        x264_picture_init(&input)
        input.i_pts = index
        input.i_type = isIDR ? X264_TYPE_IDR : X264_TYPE_AUTO
        input.img.i_csp = X264_CSP_I420
        input.img.i_plane = 3
        let frame = picture.frame.pointee
        input.img.plane.0 = frame.data.0
        input.img.plane.1 = frame.data.1
        input.img.plane.2 = frame.data.2
        input.img.i_stride.0 = frame.linesize.0
        input.img.i_stride.1 = frame.linesize.1
        input.img.i_stride.2 = frame.linesize.2
        try step(&input, emit)
    }

    /// Hands on all pictures that are still inside.
    package func drain(_ emit: (EncodedPicture) -> Void) throws(CodecFault) {
        while x264_encoder_delayed_frames(encoder) > 0 { try step(nil, emit) }
    }

    private func step(
        _ input: UnsafeMutablePointer<x264_picture_t>?, _ emit: (EncodedPicture) -> Void
    ) throws(CodecFault) {
        var units: UnsafeMutablePointer<x264_nal_t>?
        var count: Int32 = 0
        var output = x264_picture_t()
        let size = x264_encoder_encode(encoder, &units, &count, input, &output)
        guard size >= 0 else {
            throw .call("x264_encoder_encode", code: size, reason: "the picture was refused")
        }
        guard size > 0, let units, let first = units.pointee.p_payload else { return }
        // x264 lays the NAL units of one picture out one after another: one copy takes them all.
        var payload = ByteBufferAllocator().buffer(capacity: Int(size))
        payload.writeBytes(UnsafeRawBufferPointer(start: first, count: Int(size)))
        emit(
            EncodedPicture(
                payload: payload, index: output.i_pts, decodingIndex: output.i_dts,
                isIDR: output.b_keyframe != 0))
    }
}
