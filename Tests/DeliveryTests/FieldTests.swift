import Delivery
import Media
import NIOCore
import Packaging
import Testing

@Suite struct FieldTests {
    @Test func encodings() {
        let table: [(String, Bool)] = [
            ("gzip", true), ("gzip, deflate, br", true), ("deflate , GZip", true), ("*", true),
            ("x-gzip", true),
            ("", false), ("identity", false), ("gzip;q=0", false), ("gzip; q=0.000", false),
            ("gzip;q=0.001", true),
            ("*;q=0", false), ("*, gzip;q=0", false), ("gzip;q=0, *", false), ("br;q=1, *;q=0.1", true),
            ("gzipp", false), (",,gzip,,", true), (";;,;q=", false),
        ]
        for (text, takes) in table {
            let bytes = Array(text.utf8)
            #expect(AcceptEncoding.takesGzip(bytes.span, 0..<bytes.count) == takes, "\(text)")
        }
    }

    @Test func ranges() {
        let table: [(String, ByteRange?, Range<Int>?)] = [
            ("bytes=0-", .from(0, through: nil), 0..<1000), ("bytes=10-19", .from(10, through: 19), 10..<20),
            ("Bytes= 0-9007199254740991 ", .from(0, through: 9_007_199_254_740_991), 0..<1000),
            ("bytes=999-", .from(999, through: nil), 999..<1000),
            ("bytes=1000-", .from(1000, through: nil), nil),
            ("bytes=-5", .suffix(5), 995..<1000), ("bytes=-0", .suffix(0), nil),
            ("bytes=-5000", .suffix(5000), 0..<1000),
            ("bytes=18446744073709551615-", .from(.max, through: nil), nil),
            ("bytes=5-4", nil, nil), ("bytes=0-1,5-6", nil, nil), ("items=0-1", nil, nil),
            ("bytes=", nil, nil),
            ("bytes=-", nil, nil), ("bytes=a-b", nil, nil), ("bytes=1", nil, nil), ("bytes=1-2-3", nil, nil),
        ]
        for (text, range, resolved) in table {
            let bytes = Array(text.utf8)
            let read = ByteRange.read(bytes.span, 0..<bytes.count)
            #expect(read == range, "\(text)")
            if let read { #expect(read.resolved(length: 1000) == resolved, "\(text)") }
        }
        #expect(ByteRange.from(0, through: nil).resolved(length: 0) == nil)
    }

    @Test func tags() {
        let table: [(String, Bool)] = [
            ("\"abc\"", true), ("W/\"abc\"", true), ("\"x\", \"abc\"", true), ("*", true), ("\"ab\"", false),
            ("", false),
            ("abc", false), ("w/\"abc\"", false), ("\"x\",W/\"y\"", false),
        ]
        for (field, matches) in table { #expect(EntityTag.matches(field, "\"abc\"") == matches, "\(field)") }
    }

    @Test func precedences() {
        let table: [(String, UInt8, Bool)] = [
            ("", 3, false), ("u=0", 0, false), ("u=7, i", 7, true), ("i,u=1", 1, true),
            ("u=1,i=?0", 1, false),
            ("i=?1", 3, true), ("u=8", 3, false), ("u=-1", 3, false), ("u=12", 3, false), ("u", 3, false),
            ("u=2;x=1 , i;y", 2, true), ("U=1", 3, false), ("u=1, u=5", 5, false),
            ("x=\"u=1\", ,;,", 3, false),
        ]
        for (text, urgency, isIncremental) in table {
            let bytes = Array(text.utf8)
            #expect(
                Precedence(bytes.span) == Precedence(urgency: urgency, isIncremental: isIncremental),
                "\(text)")
        }
    }

    /// Playlists first, then sound, then pictures; a larger picture is never more urgent than a smaller one.
    @Test func precedencesOfMedia() {
        let ladder = ["240p", "360p", "480p", "720p", "1080p", "source"].map {
            Precedence.media(.video, of: RenditionName($0)).urgency
        }
        #expect(ladder == ladder.sorted() && ladder.first == 2 && ladder.last == 6)
        #expect(Precedence.media(.audio, of: RenditionName("audio")).urgency == 2)
        #expect(Precedence.media(.videoInit, of: RenditionName("1080p")).urgency == 1)
        #expect(Precedence.playlist.text == "u=1")
    }

    @Test func dates() {
        let table: [(Int64, String)] = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ]
        for (seconds, text) in table { #expect(HTTPDate.text(unixSeconds: seconds) == text) }
    }

    @Test func problems() {
        let body = ProblemDocument.body(.badRequest, "a \"b\"\\\n")
        #expect(
            String(buffer: body)
                == #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"a \"b\"\\\u000a"}"#
                + "\n")
    }

    /// Slices in a row are the bytes of the range, none longer than allowed, whatever the buffers.
    @Test func slices() {
        var random = SplitMix(seed: 3)
        for _ in 0..<200 {
            var all: [UInt8] = []
            let buffers = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let bytes = (0..<[0, 1, 100, 70_000, 200_000].randomElement(using: &random)!).map {
                    UInt8(truncatingIfNeeded: all.count &+ $0)
                }
                all += bytes
                var buffer = ByteBuffer(bytes: [9, 9] + bytes)
                buffer.moveReaderIndex(forwardBy: 2)
                return buffer
            }
            let low = Int.random(in: 0...all.count, using: &random)
            let range = low..<Int.random(in: low...all.count, using: &random)
            var cursor = BodyCursor(.media(MediaObject(kind: .video, buffers: buffers), range))
            var got: [UInt8] = []
            while let slice = cursor.next() {
                #expect((1...BodyCursor.slice).contains(slice.readableBytes))
                got += slice.readableBytesView
            }
            #expect(got == Array(all[range]) && cursor.remaining == 0)
        }
    }
}
