import Codecs
import Media
import NIOCore
import Testing

private func units(_ path: String) throws -> (PictureFormat, [AccessUnit]) {
    var reader = try MediaFileReader.open(path: path)
    var format: PictureFormat?
    var units: [AccessUnit] = []
    while let event = try reader.next() {
        switch event {
        case .videoFormat(let next): format = next
        case .video(let unit): units.append(unit)
        default: break
        }
    }
    return (try #require(format), units)
}

private func decode(_ path: String, reorderDepth: Int = 2) throws -> [Picture] {
    let (format, units) = try units(path)
    let decoder = try VideoDecoder.open(format, reorderDepth: reorderDepth)
    var pictures: [Picture] = []
    for unit in units { try decoder.decode(unit) { pictures.append($0) } }
    try decoder.drain { pictures.append($0) }
    return pictures
}

private func still(_ name: String, _ colour: String, _ format: String, size: String = "320x180") throws
    -> String
{
    try TestClip.make(
        name,
        "-f lavfi -i color=\(colour):s=\(size):r=30 -frames:v 3 -c:v libx264 -preset ultrafast -qp 4 \(format)"
    )
}

@Suite struct VideoDecoderTests {
    @Test func withoutBFramesEachUnitGivesItsPicture() throws {
        let (format, units) = try units(TestClip.bars("plain", seconds: 2))
        let decoder = try VideoDecoder.open(format, reorderDepth: 0)
        for unit in units {
            var times: [MediaTime] = []
            try decoder.decode(unit) { times.append($0.pts) }
            #expect(times == [unit.pts])
        }
    }

    @Test func bFramesComeOutInDisplayOrderAndAll() throws {
        let clip = try TestClip.bars("bframes", seconds: 2, extra: "-bf 3 -b_strategy 0")
        let pictures = try decode(clip)
        #expect(pictures.count == 60)
        #expect(pictures.map(\.pts) == pictures.map(\.pts).sorted())
    }

    @Test func garbageThrowsAndHarmsNothing() throws {
        let (format, units) = try units(TestClip.bars("plain", seconds: 2))
        let decoder = try VideoDecoder.open(format, reorderDepth: 0)
        var generator = SystemRandomNumberGenerator()
        var count = 0
        for (index, unit) in units.enumerated() {
            if index % 3 == 2 {
                var broken = unit
                broken.payload = ByteBuffer(
                    bytes: (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) })
                try? decoder.decode(broken) { _ in }
                broken.payload =
                    unit.payload.getSlice(at: 0, length: unit.payload.readableBytes / 2) ?? ByteBuffer()
                try? decoder.decode(broken) { _ in }
            }
            try? decoder.decode(unit) { _ in count += 1 }
        }
        #expect(count > 10)
    }
}

@Suite struct X264EncoderTests {
    private func settings(_ latency: LatencyProfile) -> X264Encoder.Settings {
        var settings = X264Encoder.Settings(
            width: 320, height: 180, frameRate: FrameRate(30), maximumKilobits: 500)
        settings.latency = latency
        return settings
    }

    @Test(arguments: [(LatencyProfile.low, 0), (.balanced, 5)]) func delay(
        _ latency: LatencyProfile, _ frames: Int
    ) throws {
        let pictures = try decode(TestClip.bars("plain", seconds: 2))
        let encoder = try X264Encoder.open(settings(latency))
        var out = 0
        for (index, picture) in pictures.enumerated() {
            try encoder.encode(picture, index: Int64(index), isIDR: index == 0) { _ in out += 1 }
            #expect(out == max(0, index + 1 - frames))
        }
        try encoder.drain { _ in out += 1 }
        #expect(out == pictures.count)
    }

    @Test(arguments: LatencyProfile.allCases) func keyPicturesOnlyWhereTold(_ latency: LatencyProfile) throws
    {
        let pictures = try decode(TestClip.bars("plain", seconds: 2))
        let encoder = try X264Encoder.open(settings(latency))
        var coded: [EncodedPicture] = []
        for (index, picture) in pictures.enumerated() {
            try encoder.encode(picture, index: Int64(index), isIDR: [0, 17, 41].contains(index)) {
                coded.append($0)
            }
        }
        try encoder.drain { coded.append($0) }
        #expect(coded.filter(\.isIDR).map(\.index) == [0, 17, 41])
        #expect(Set(coded.map(\.index)) == Set(0..<60))
        #expect(coded.allSatisfy { NALUnits($0.payload).isWhole && NALUnits($0.payload).hasIDR == $0.isIDR })
        #expect(coded.map(\.decodingIndex) == coded.map(\.decodingIndex).sorted())
        #expect(coded.allSatisfy { $0.decodingIndex <= $0.index })
        #expect(encoder.format.parameters.profile == 100 && encoder.format.parameters.width == 320)
    }

    /// Players are told of one kind of stream, whatever the effort: each effort makes it, alone and one after another.
    @Test(arguments: LatencyProfile.allCases, ["ultrafast", "superfast", "veryfast", "medium"])
    func everyEffortMakesTheSameKindOfStream(_ latency: LatencyProfile, _ preset: String) throws {
        let pictures = try decode(TestClip.bars("plain", seconds: 2))
        var wanted = settings(latency)
        wanted.preset = preset
        let format = try X264Encoder.open(wanted).format
        let decoder = try VideoDecoder.open(.avc(format), reorderDepth: 2)
        var shown: [Picture] = []
        for (turn, effort) in [EncodingEffort.full, .lean, .least, .full].enumerated() {
            wanted.effort = effort
            let encoder = try X264Encoder.open(wanted)
            #expect(encoder.format == format, "\(effort)")
            var coded: [EncodedPicture] = []
            for (index, picture) in pictures.enumerated() {
                // Less and less, while it runs.
                if index == 20 { try encoder.ease(to: .lean) }
                if index == 40 { try encoder.ease(to: .least) }
                try encoder.encode(picture, index: Int64(index), isIDR: index == 0) { coded.append($0) }
            }
            try encoder.drain { coded.append($0) }
            #expect(coded.count == 60)
            for one in coded {
                let pts = MediaTime(seconds: Double(turn * 60 + Int(one.index)) / 30)
                let unit = AccessUnit(
                    kind: .video, payload: one.payload, pts: pts, dts: pts, duration: .zero,
                    isSync: one.isIDR,
                    arrival: .now)
                try decoder.decode(unit) { shown.append($0) }
            }
        }
        try decoder.drain { shown.append($0) }
        #expect(shown.count == 240)
        // It still looks like what went in.
        for index in [10, 30, 55, 119, 179, 239] {
            let (picture, original) = (shown[index], pictures[index % 60])
            for (x, y) in [(40, 40), (160, 90), (280, 150)] {
                let made = try #require(picture.sample(plane: 0, x: x, y: y))
                let wanted = try #require(original.sample(plane: 0, x: x, y: y))
                #expect(made.distance(to: wanted).magnitude < 40, "\(index) \(x) \(y)")
            }
        }
    }

    @Test func theMaximumRateHolds() throws {
        let clip = try TestClip.make(
            "noise",
            "-f lavfi -i testsrc2=s=320x180:r=30,noise=alls=60:allf=t -t 6 -c:v libx264 -preset ultrafast -qp 10 -g 60"
                + " -pix_fmt yuv420p")
        let encoder = try X264Encoder.open(settings(.low))
        var bytes: [Int] = []
        for (index, picture) in try decode(clip).enumerated() {
            try encoder.encode(picture, index: Int64(index), isIDR: index % 60 == 0) {
                bytes.append($0.payload.readableBytes)
            }
        }
        for start in stride(from: 0, to: bytes.count - 60, by: 10) {
            // Two seconds may hold what the buffer of half a second adds.
            let bits = bytes[start..<start + 60].reduce(0, +) * 8
            #expect(bits < 1_375_000)
        }
    }

    @Test func badSettingsAreRefused() {
        var unknown = settings(.low)
        unknown.preset = "sluggish"
        #expect(throws: CodecFault.self) { _ = try X264Encoder.open(unknown) }
        var odd = settings(.low)
        odd.width = 0
        #expect(throws: CodecFault.self) { _ = try X264Encoder.open(odd) }
    }
}

@Suite struct ScalingTests {
    @Test(arguments: [
        (1920, 1080, 1, 1, 0, 0, 1280, 720), (720, 1280, 1, 1, 436, 0, 406, 720),
        (640, 480, 1, 1, 160, 0, 960, 720),
        (1280, 536, 1, 1, 0, 92, 1280, 536), (1440, 1080, 4, 3, 0, 0, 1280, 720),
        (1281, 721, 1, 1, 0, 0, 1280, 720),
        (64, 36, 1, 1, 0, 0, 1280, 720),
    ]) func regions(_ w: Int, _ h: Int, _ sw: Int, _ sh: Int, _ x: Int, _ y: Int, _ rw: Int, _ rh: Int) {
        let canvas = Canvas(width: 1280, height: 720)
        let region = canvas.region(forWidth: w, height: h, pixelAspect: (sw, sh))
        #expect(region == .init(x: x, y: y, width: rw, height: rh))
    }

    @Test func theSamePictureIsNotCopied() throws {
        let picture = try #require(try decode(TestClip.bars("plain", seconds: 2)).first)
        let scaled = try ScalingCascade([Canvas(width: 320, height: 180), Canvas(width: 160, height: 90)])
            .scale(picture)
        #expect(scaled[0] === picture)
        #expect((scaled[1].width, scaled[1].height) == (160, 90))
        #expect(scaled[1].pts == picture.pts)
    }

    @Test(arguments: [
        ("white420", "-pix_fmt yuv420p -bf 0"), ("white422", "-pix_fmt yuv422p"),
        ("white444", "-pix_fmt yuv444p"),
        ("white10", "-pix_fmt yuv420p10le"), ("whitefull", "-pix_fmt yuvj420p"),
        ("whitegrey", "-pix_fmt gray"),
        ("whitergb", "-c:v libx264rgb -pix_fmt rgb24"),
        (
            "white2020",
            "-pix_fmt yuv420p10le -colorspace bt2020nc -color_primaries bt2020 -color_trc bt2020-10"
        ),
    ]) func whiteStaysWhite(_ name: String, _ format: String) throws {
        let picture = try #require(try decode(still(name, "white", format)).first)
        for scaled in try ScalingCascade([Canvas(width: 320, height: 180), Canvas(width: 160, height: 90)])
            .scale(picture)
        {
            #expect(try #require(scaled.sample(plane: 0, x: 50, y: 40)).distance(to: 235).magnitude <= 2)
            #expect(try #require(scaled.sample(plane: 1, x: 25, y: 20)).distance(to: 128).magnitude <= 2)
            #expect(try #require(scaled.sample(plane: 2, x: 25, y: 20)).distance(to: 128).magnitude <= 2)
        }
    }

    /// A white picture of another shape lies in black bars, sharp at their edges.
    @Test(arguments: [("tall", "180x320"), ("wide", "640x180"), ("square", "200x200")])
    func letterbox(_ name: String, _ size: String) throws {
        let picture = try #require(try decode(still(name, "white", "-pix_fmt yuv420p", size: size)).first)
        let canvas = Canvas(width: 320, height: 180)
        let scaled = try ScalingCascade([canvas]).scale(picture)[0]
        let region = canvas.region(forWidth: picture.width, height: picture.height, pixelAspect: (1, 1))
        for y in stride(from: 0, to: 180, by: 3) {
            for x in stride(from: 0, to: 320, by: 3) {
                let isInside =
                    (region.x..<region.x + region.width).contains(x)
                    && (region.y..<region.y + region.height).contains(y)
                let value = try #require(scaled.sample(plane: 0, x: x, y: y))
                let isRight = isInside ? value > 230 : value == 16
                #expect(isRight, "\(x),\(y)")
            }
        }
    }
}
