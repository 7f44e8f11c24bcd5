import CFFmpeg
import CMediaShims

/// The loudness of 48 kHz stereo sound as EBU R128 has it, by libavfilter's `ebur128`; used by one thread at a time.
package struct LoudnessMeter: ~Copyable {
    /// In LUFS; -120.7 and below is silence.
    package struct Reading: Hashable, Sendable {
        /// Of the last 400 ms.
        package var momentary: Double
        /// Of the last 3 s.
        package var shortTerm: Double
        /// Since the beginning, pauses left out.
        package var integrated: Double

        package init(momentary: Double, shortTerm: Double, integrated: Double) {
            self.momentary = momentary
            self.shortTerm = shortTerm
            self.integrated = integrated
        }
    }

    /// Samples between two readings: the filter's own step, 100 ms.
    private static let step = PCMBlock.sampleRate / 10

    private let graph: UnsafeMutablePointer<AVFilterGraph>
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>
    private let input: UnsafeMutablePointer<AVFrame>
    private let output: UnsafeMutablePointer<AVFrame>
    private var waiting = PCMBlock()
    private var position: Int64 = 0

    private init(
        graph: UnsafeMutablePointer<AVFilterGraph>, source: UnsafeMutablePointer<AVFilterContext>,
        sink: UnsafeMutablePointer<AVFilterContext>, input: UnsafeMutablePointer<AVFrame>,
        output: UnsafeMutablePointer<AVFrame>
    ) {
        self.graph = graph
        self.source = source
        self.sink = sink
        self.input = input
        self.output = output
    }

    deinit {
        var graph: UnsafeMutablePointer<AVFilterGraph>? = graph
        var input: UnsafeMutablePointer<AVFrame>? = input
        var output: UnsafeMutablePointer<AVFrame>? = output
        avfilter_graph_free(&graph)
        av_frame_free(&input)
        av_frame_free(&output)
    }

    /// Throws `CodecFault` where libavfilter has no such filter or refuses.
    package static func open() throws(CodecFault) -> LoudnessMeter {
        MediaLog.silence()
        let graph = try made("avfilter_graph_alloc", avfilter_graph_alloc())
        var owned: UnsafeMutablePointer<AVFilterGraph>? = graph
        var input = av_frame_alloc()
        var output = av_frame_alloc()
        do throws(CodecFault) {
            graph.pointee.nb_threads = 1
            let source = try filter(
                "abuffer",
                "sample_rate=\(PCMBlock.sampleRate):sample_fmt=fltp:channel_layout=stereo:time_base=1/\(PCMBlock.sampleRate)",
                in: graph)
            let meter = try filter("ebur128", "metadata=1:framelog=verbose", in: graph)
            let sink = try filter("abuffersink", nil, in: graph)
            try check("avfilter_link", avfilter_link(source, 0, meter, 0))
            try check("avfilter_link", avfilter_link(meter, 0, sink, 0))
            try check("avfilter_graph_config", avfilter_graph_config(graph, nil))
            return LoudnessMeter(
                graph: graph, source: source, sink: sink, input: try made("av_frame_alloc", input),
                output: try made("av_frame_alloc", output))
        } catch {
            avfilter_graph_free(&owned)
            av_frame_free(&input)
            av_frame_free(&output)
            throw error
        }
    }

    private static func filter(
        _ name: String, _ options: String?, in graph: UnsafeMutablePointer<AVFilterGraph>
    ) throws(CodecFault) -> UnsafeMutablePointer<AVFilterContext> {
        var context: UnsafeMutablePointer<AVFilterContext>?
        let code = avfilter_graph_create_filter(
            &context, avfilter_get_by_name(name), name, options, nil, graph)
        try check("avfilter_graph_create_filter(\(name))", code)
        return try made("avfilter_graph_create_filter(\(name))", context)
    }

    /// Takes sound of any length in; hands on a reading for each 100 ms of it.
    package mutating func measure(_ block: PCMBlock, _ emit: (Reading) -> Void) throws(CodecFault) {
        waiting.left += block.left
        waiting.right += block.right
        var used = 0
        // What the filter refused goes, too: else it would be sent again with each block, and more and more would wait.
        defer {
            waiting.left.removeFirst(used)
            waiting.right.removeFirst(used)
        }
        while waiting.count - used >= LoudnessMeter.step {
            let start = used
            used += LoudnessMeter.step
            try send(from: start)
            try receive(emit)
        }
    }

    private mutating func send(from start: Int) throws(CodecFault) {
        input.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        input.pointee.sample_rate = Int32(PCMBlock.sampleRate)
        input.pointee.nb_samples = Int32(LoudnessMeter.step)
        input.pointee.pts = position
        av_channel_layout_default(&input.pointee.ch_layout, 2)
        position += Int64(LoudnessMeter.step)
        do throws(CodecFault) {
            try check("av_frame_get_buffer", av_frame_get_buffer(input, 0))
            let size = MemoryLayout<Float>.size
            for (plane, samples) in [
                (input.pointee.data.0, waiting.left), (input.pointee.data.1, waiting.right),
            ] {
                guard let plane else { throw CodecFault.unavailable("av_frame_get_buffer") }
                samples.withUnsafeBytes { bytes in
                    let part = bytes[start * size..<(start + LoudnessMeter.step) * size]
                    UnsafeMutableRawBufferPointer(start: plane, count: part.count)
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
                }
            }
            // The filter takes the frame's content over.
            try check("av_buffersrc_add_frame", av_buffersrc_add_frame(source, input))
        } catch {
            av_frame_unref(input)
            throw error
        }
    }

    private func receive(_ emit: (Reading) -> Void) throws(CodecFault) {
        while true {
            let code = av_buffersink_get_frame(sink, output)
            if code == shim_averror_eagain || code == shim_averror_eof { return }
            try check("av_buffersink_get_frame", code)
            defer { av_frame_unref(output) }
            emit(
                Reading(
                    momentary: value("lavfi.r128.M"), shortTerm: value("lavfi.r128.S"),
                    integrated: value("lavfi.r128.I")))
        }
    }

    /// What the filter wrote beside the sound.
    private func value(_ key: String) -> Double {
        let silence = -120.7
        guard let entry = av_dict_get(output.pointee.metadata, key, nil, 0), let text = entry.pointee.value,
            let number = Double(String(cString: text)), number.isFinite
        else { return silence }
        return max(silence, number)
    }
}
