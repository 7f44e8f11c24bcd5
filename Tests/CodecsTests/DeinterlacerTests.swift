import Codecs
import Media
import Testing

@Suite struct DeinterlacerTests {
    /// How many points of the second field stand out from the lines above and below them.
    private func combs(_ picture: Picture) -> Int {
        var count = 0
        for y in stride(from: 1, to: picture.height - 1, by: 2) {
            for x in stride(from: 0, to: picture.width, by: 3) {
                guard let own = picture.sample(plane: 0, x: x, y: y),
                    let above = picture.sample(plane: 0, x: x, y: y - 1),
                    let below = picture.sample(plane: 0, x: x, y: y + 1)
                else { continue }
                let (a, b, c) = (Int(own), Int(above), Int(below))
                if a > max(b, c) + 30 || a < min(b, c) - 30 { count += 1 }
            }
        }
        return count
    }

    private func pictures(_ name: String, _ filter: String, _ options: String) throws -> [Picture] {
        // A bright bar that runs across.
        let clip = try TestClip.make(
            name,
            "-f lavfi -i color=gray:s=320x180:r=50 -f lavfi -i color=white:s=40x180:r=50 -t 1"
                + " -filter_complex [0][1]overlay=x='mod(n*12\\,300)'\(filter) -c:v libx264 -preset ultrafast -qp 8"
                + " -pix_fmt yuv420p \(options)")
        var reader = try MediaFileReader.open(path: clip)
        var format: PictureFormat?
        var units: [AccessUnit] = []
        while let event = try reader.next() {
            if case .videoFormat(let next) = event { format = next }
            if case .video(let unit) = event { units.append(unit) }
        }
        let decoder = try VideoDecoder.open(try #require(format), reorderDepth: 2)
        var pictures: [Picture] = []
        for unit in units { try decoder.decode(unit) { pictures.append($0) } }
        try decoder.drain { pictures.append($0) }
        return pictures
    }

    @Test func movingFieldsBecomeOnePicture() throws {
        let interlaced = try pictures(
            "interlaced", ",tinterlace=interleave_top", "-flags +ilme+ildct -x264-params tff=1:interlaced=1")
        #expect(interlaced.count == 25)
        let cascade = try ScalingCascade([Canvas(width: 320, height: 180)])
        for picture in interlaced.dropFirst(2).prefix(10) {
            let before = combs(picture)
            let whole = try #require(cascade.scale(picture).first)
            #expect(before > 300 && combs(whole) < before / 20, "\(before) became \(combs(whole))")
            #expect(whole.pts == picture.pts)
            // Even lines are the host's own.
            for x in 0..<320 {
                #expect(whole.sample(plane: 0, x: x, y: 90) == picture.sample(plane: 0, x: x, y: 90))
            }
        }
    }

    @Test func wholePicturesAreLeftAlone() throws {
        let cascade = try ScalingCascade([Canvas(width: 320, height: 180)])
        let picture = try #require(pictures("running", "", "-bf 0").first)
        #expect(try cascade.scale(picture).first === picture)
    }
}
