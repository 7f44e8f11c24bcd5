package import Media
package import NIOCore

/// Reads fragments back to access units; payloads are slices of what was given.
package struct FragmentReader: Sendable {
    /// One `moof` with its `mdat`.
    package struct Fragment: Sendable {
        package let sequence: UInt32
        /// `tfdt`, in the track's timescale.
        package let decodeTime: UInt64
        /// All samples' durations together, in the track's timescale.
        package let duration: UInt64
        /// In decoding order.
        package let samples: [AccessUnit]
    }

    /// A part has a few dozen samples, a segment a few hundred.
    private static let mostSamples = 65_536
    /// In seconds: 30,000 years, and still exact in ticks.
    private static let latestSecond: UInt64 = 1 << 40

    private let track: InitSection.Track
    /// In the track's timescale; a fragment's samples cannot add up to more than 64 bits after it.
    private let latestTime: UInt64

    package init(track: InitSection.Track) {
        self.track = track
        let (latest, isOver) = FragmentReader.latestSecond.multipliedReportingOverflow(
            by: UInt64(track.timescale))
        latestTime = isOver ? 1 << 62 : min(latest, 1 << 62)
    }

    /// The fragments of a part, or of a whole segment, in order. Other boxes are passed over.
    /// `arrival` is when the bytes came, for all samples alike.
    package func read(_ bytes: ByteBuffer, arrival: MonotonicTime) throws(CMAFFault) -> [Fragment] {
        var fragments: [Fragment] = []
        var boxes = BoxReader(bytes)
        var total = 0
        while let box = try boxes.next() {
            if box.type == "mdat" { throw .missing("moof") }
            guard box.type == "moof" else { continue }
            guard let media = try boxes.next() else { throw .missing("mdat") }
            guard media.type == "mdat" else { throw .missing("mdat") }
            let fragment = try read(moof: box, media: media, file: bytes, arrival: arrival)
            total += fragment.samples.count
            guard total <= FragmentReader.mostSamples else { throw .tooMuch("moof") }
            fragments.append(fragment)
        }
        return fragments
    }

    private func read(
        moof: BoxReader.Box, media: BoxReader.Box, file: ByteBuffer, arrival: MonotonicTime
    ) throws(CMAFFault) -> Fragment {
        var (_, _, header) = try moof.child("mfhd").fullBody()
        let sequence = try header.take(UInt32.self, of: "mfhd")
        var trafs = moof.children
        let traf = try trafs.required("traf")
        if try trafs.first("traf") != nil { throw .unsupported("traf") }
        var defaults = try sampleDefaults(try traf.child("tfhd"))
        let decodeTime = try decodeTime(try traf.child("tfdt"))
        var run = Run(
            time: decodeTime, place: media.bodyOffset - moof.offset,
            bounds: (media.bodyOffset - moof.offset)...(media.endOffset - moof.offset))
        var boxes = traf.children
        while let box = try boxes.next() {
            guard box.type == "trun" else { continue }
            try read(trun: box, &run, &defaults, from: file, at: moof.offset, arrival: arrival)
        }
        return Fragment(
            sequence: sequence, decodeTime: decodeTime, duration: run.time - decodeTime, samples: run.samples)
    }

    /// What has been read of a fragment: places are bytes from the start of its `moof`.
    private struct Run {
        var time: UInt64
        var place: Int
        let bounds: ClosedRange<Int>
        var samples: [AccessUnit] = []
    }

    private func sampleDefaults(_ tfhd: BoxReader.Box) throws(CMAFFault) -> InitSection.SampleDefaults {
        var (_, flags, fields) = try tfhd.fullBody()
        guard try fields.take(UInt32.self, of: "tfhd") == track.id else { throw .unsupported("tfhd") }
        // base-data-offset-present: an absolute place in a file, which fragments on their own do not have.
        guard flags & 0x1 == 0 else { throw .unsupported("tfhd") }
        if flags & 0x2 != 0 {
            guard try fields.take(UInt32.self, of: "tfhd") == 1 else { throw .unsupported("tfhd") }
        }
        var defaults = track.defaults
        if flags & 0x8 != 0 { defaults.duration = try fields.take(UInt32.self, of: "tfhd") }
        if flags & 0x10 != 0 { defaults.size = try fields.take(UInt32.self, of: "tfhd") }
        if flags & 0x20 != 0 { defaults.flags = try fields.take(UInt32.self, of: "tfhd") }
        return defaults
    }

    private func decodeTime(_ tfdt: BoxReader.Box) throws(CMAFFault) -> UInt64 {
        var (version, _, fields) = try tfdt.fullBody()
        let time =
            version == 1
            ? try fields.take(UInt64.self, of: "tfdt") : UInt64(try fields.take(UInt32.self, of: "tfdt"))
        guard time <= latestTime else { throw .tooMuch("tfdt") }
        return time
    }

    private func read(
        trun: BoxReader.Box, _ run: inout Run, _ defaults: inout InitSection.SampleDefaults,
        from file: ByteBuffer,
        at moofOffset: Int, arrival: MonotonicTime
    ) throws(CMAFFault) {
        var (version, flags, fields) = try trun.fullBody()
        let count = Int(try fields.take(UInt32.self, of: "trun"))
        guard run.samples.count + count <= FragmentReader.mostSamples else { throw .tooMuch("trun") }
        if flags & 0x1 != 0 { run.place = Int(try fields.take(Int32.self, of: "trun")) }
        let firstFlags: UInt32? = flags & 0x4 != 0 ? try fields.take(UInt32.self, of: "trun") : nil
        for index in 0..<count {
            let duration = flags & 0x100 != 0 ? try fields.take(UInt32.self, of: "trun") : defaults.duration
            let size = Int(flags & 0x200 != 0 ? try fields.take(UInt32.self, of: "trun") : defaults.size)
            var sampleFlags = flags & 0x400 != 0 ? try fields.take(UInt32.self, of: "trun") : defaults.flags
            if index == 0, let firstFlags { sampleFlags = firstFlags }
            var offset: Int64 = 0
            if flags & 0x800 != 0 {
                offset =
                    version == 0
                    ? Int64(try fields.take(UInt32.self, of: "trun"))
                    : Int64(try fields.take(Int32.self, of: "trun"))
            }
            guard run.place >= run.bounds.lowerBound, run.place + size <= run.bounds.upperBound,
                let payload = file.getSlice(at: file.readerIndex + moofOffset + run.place, length: size)
            else { throw .truncated("mdat") }
            run.samples.append(
                sample(
                    payload, time: Int64(run.time), offset: offset, duration: Int64(duration),
                    flags: sampleFlags,
                    arrival: arrival))
            run.place += size
            run.time += UInt64(duration)
            guard run.time <= latestTime else { throw .tooMuch("trun") }
        }
    }

    private func sample(
        _ payload: ByteBuffer, time: Int64, offset: Int64, duration: Int64, flags: UInt32,
        arrival: MonotonicTime
    ) -> AccessUnit {
        let scale = Int64(track.timescale)
        let isVideo = if case .avc = track.format { true } else { false }
        return AccessUnit(
            kind: isVideo ? .video : .audio, payload: payload,
            pts: MediaTime(value: time + offset, timescale: scale),
            dts: MediaTime(value: time, timescale: scale),
            duration: MediaTime(value: duration, timescale: scale),
            isSync: flags & SampleRun.nonSyncBit == 0, arrival: arrival)
    }
}
