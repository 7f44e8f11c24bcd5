import HLSClient
import M3U8
import Media
import NIOCore
import Testing

struct BufferedTests {
    @Test func stretchesGrowAndStayApart() {
        var buffer = Buffered()
        buffer.append(from: 10, to: 12)
        buffer.append(from: 12.05, to: 14)
        buffer.append(from: 11, to: 13)
        buffer.append(from: 16, to: 18)
        #expect(buffer.stretches == [.init(start: 10, end: 14), .init(start: 16, end: 18)])
        #expect(buffer.end(from: 9) == nil)
        #expect(buffer.end(from: 9.95) == 14)
        #expect(buffer.end(from: 14) == nil)
        #expect(buffer.start(after: 14) == 16)
        #expect(buffer.start(after: 16) == nil)
        buffer.forget(before: 15)
        #expect(buffer.stretches == [.init(start: 16, end: 18)])
    }

    @Test func itsMemoryIsBounded() {
        var buffer = Buffered()
        for number in 0..<1000 { buffer.append(from: Double(number), to: Double(number) + 0.5) }
        #expect(buffer.stretches.count == 32)
        #expect(buffer.end == 999.5)
    }
}

struct PlayheadTests {
    static func buffer(_ stretches: (Double, Double)...) -> Buffered {
        var buffer = Buffered()
        for (start, end) in stretches { buffer.append(from: start, to: end) }
        return buffer
    }

    @Test func aStallBeginsWhereTheMediaEndsNotWhereItIsNoticed() {
        var playhead = Playhead()
        playhead.seek(to: 10)
        playhead.play(at: Stage.time(0))
        playhead.advance(
            to: Stage.time(7), over: [Self.buffer((10, 15)), Self.buffer((9, 14))], isAll: false)
        #expect(playhead.position == 14)
        #expect(playhead.state == .waiting(since: Stage.time(4)))
        #expect(playhead.stalls == 1)
        #expect(playhead.stalled(at: Stage.time(8)) == .seconds(4))
        playhead.play(at: Stage.time(9))
        #expect(playhead.stalled == .seconds(5))
        #expect(playhead.played == .seconds(4))
    }

    @Test func holesAreJumpedWhereThereIsMoreBehind() {
        var playhead = Playhead()
        playhead.seek(to: 10)
        playhead.play(at: Stage.time(0))
        let tracks = [Self.buffer((10, 12), (14, 20)), Self.buffer((10, 30))]
        playhead.advance(to: Stage.time(3), over: tracks, isAll: false)
        #expect(playhead.position == 15)
        #expect(playhead.stalls == 0)
    }

    @Test func aFasterPictureCoversMore() {
        var playhead = Playhead()
        playhead.seek(to: 10)
        playhead.play(at: Stage.time(0))
        playhead.rate = 1.5
        playhead.advance(to: Stage.time(2), over: [Self.buffer((10, 20))], isAll: true)
        #expect(playhead.position == 13)
        playhead.advance(to: Stage.time(20), over: [Self.buffer((10, 20))], isAll: true)
        #expect(playhead.state == .ended)
        #expect(playhead.stalls == 0)
        #expect(abs(playhead.played.inSeconds - 10 / 1.5) < 1e-9)
    }
}

struct LibraryTests {
    static let address = WebAddress("http://a/x/index.m3u8")!

    static func read(
        _ library: inout Library, _ text: String, known: Listing? = nil
    ) throws(ListingFault) -> Listing {
        try library.listing(of: address, body: ByteBuffer(string: text), isGzip: false, known: known)
    }

    @Test func aDeltaAndWhatIsKnownAreTheWholePlaylist() throws {
        var show = FakeShow()
        show.changes = [115]
        for step in 0..<60 {
            var library = Library()
            let before = 60.5 + Double(step) * 0.3
            let known = try Self.read(&library, show.playlist("360p", at: before, skips: false))
            for later in [0.5, 1, 3, 5.9] {
                let whole = try Self.read(&library, show.playlist("360p", at: before + later, skips: false))
                var fresh = Library()
                let text = show.playlist("360p", at: before + later, skips: true)
                #expect(text.contains("#EXT-X-SKIP"))
                let merged = try Self.read(&fresh, text, known: known)
                #expect(merged.playlist.segments.map(\.uri) == whole.playlist.segments.map(\.uri))
                #expect(merged.maps == whole.maps)
                #expect(merged.starts == whole.starts)
                #expect(merged.next == whole.next && merged.end == whole.end)
            }
        }
    }

    @Test func aDeltaThatReachesTooFarIsRefusedFromTheShelfToo() throws {
        let show = FakeShow()
        var library = Library()
        let old = try Self.read(&library, show.playlist("360p", at: 61, skips: false))
        let recent = try Self.read(&library, show.playlist("360p", at: 89, skips: false))
        let delta = show.playlist("360p", at: 90, skips: true)
        #expect(throws: ListingFault.deltaDoesNotApply) { try Self.read(&library, delta, known: old) }
        #expect(throws: ListingFault.deltaDoesNotApply) { try Self.read(&library, delta) }
        let merged = try Self.read(&library, delta, known: recent)
        let read = library.read
        #expect(try Self.read(&library, delta, known: merged) === merged)
        #expect(throws: ListingFault.deltaDoesNotApply) { try Self.read(&library, delta, known: old) }
        #expect(library.read == read)
    }

    @Test func sameBytesAreReadOnce() throws {
        var library = Library()
        for second in 60..<160 {
            let text = FakeShow().playlist("360p", at: Double(second), skips: false)
            for _ in 0..<5 { _ = try Self.read(&library, text) }
        }
        #expect(library.read == 100)
        #expect(library.asked == 500)
    }

    @Test func gzipIsReadAndABombIsNot() throws {
        // printf '#EXTM3U\n' | gzip -n
        let small: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x53, 0x76, 0x8D, 8, 0xF1, 0x35, 0x0E, 0xE5, 2, 0, 0xB5, 0x98,
            0xEC,
            0x41, 8, 0, 0, 0,
        ]
        let text = Gunzip.text(ByteBuffer(bytes: small), atMost: 100).map { String(buffer: $0) }
        #expect(text == "#EXTM3U\n")
        #expect(Gunzip.text(ByteBuffer(string: "no gzip"), atMost: 100) == nil)
        #expect(Gunzip.text(ByteBuffer(), atMost: 100) == nil)
        #expect(Gunzip.text(ByteBuffer(bytes: small.prefix(15)), atMost: 100) == nil)
        #expect(Gunzip.text(ByteBuffer(bytes: small), atMost: 4) == nil)
    }
}

struct ListingTests {
    @Test func timesComeFromTheDates() throws {
        let text = """
            #EXTM3U
            #EXT-X-TARGETDURATION:2
            #EXT-X-MEDIA-SEQUENCE:7
            #EXTINF:2.0,
            a
            #EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:22.500Z
            #EXTINF:1.5,
            b
            #EXTINF:2.0,
            c
            #EXT-X-PART:DURATION=0.5,URI="d.0",INDEPENDENT=YES
            #EXT-X-PART:DURATION=0.25,URI="d.1"
            """
        let listing = Listing(try MediaPlaylist(parsing: text))
        #expect(listing.starts.map { $0 - FakeShow.epoch } == [0.5, 2.5, 4, 6])
        #expect(listing.end - FakeShow.epoch == 6.75)
        #expect(listing.next == Place(10, 2))
        #expect(listing.isDated)
        #expect(listing.entry(at: FakeShow.epoch + 5) == Place(9, 0))
        #expect(listing.entry(at: FakeShow.epoch + 6.7) == Place(10, 0))
        #expect(listing.entry(at: 0) == Place(7, 0))
        #expect(listing.holdBack == 6)
    }
}
