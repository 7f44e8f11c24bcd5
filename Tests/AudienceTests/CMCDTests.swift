import Audience
import Testing

@Suite struct CMCDTests {
    @Test func readsAQueryAsPlayersWriteIt() throws {
        let data = try CMCD(
            query: "bl%3D21300%2Cbr%3D3200%2Cbs%2Cd%3D4004%2Cmtp%3D25400%2Cot%3Dv%2Crtp%3D15000%2Csf%3Dh%2C"
                + "sid%3D%226e2fb550-c457-11e9-bb97-0800200c9a66%22%2Cst%3Dl%2Ctb%3D6000")
        #expect(data.encodedBitrate == 3200)
        #expect(data.bufferLength == 21300)
        #expect(data.isStarved)
        #expect(data.objectDuration == 4004)
        #expect(data.measuredThroughput == 25400)
        #expect(data.requestedThroughput == 15000)
        #expect(data.objectType == .video)
        #expect(data.format == .hls)
        #expect(data.streamType == .live)
        #expect(data.topBitrate == 6000)
        #expect(data.sessionID == "6e2fb550-c457-11e9-bb97-0800200c9a66")
        #expect(!data.isStarting)
    }

    @Test func readsFieldsAndPassesOverWhatIsOthers() throws {
        let data = try CMCD(
            fields:
                #"com.example-key="a,b\"c\\", br=900,su,nor="..%2Fnext.mp4",pr=1.08,v=1,ts=17,sta=p,cid="x""#)
        #expect(data.encodedBitrate == 900)
        #expect(data.isStarting)
        #expect(data.playbackRate == 1.08)
        #expect(data.contentID == "x")
    }

    @Test(arguments: [
        ("", CMCD.Fault.empty), ("br", .badValue), ("br=", .badSyntax), ("br=-1", .badValue),
        ("br=1e9", .badValue), ("br=99999999999999999999", .badValue), ("br=1,br=2", .twice),
        ("br=1,", .badSyntax), (",br=1", .badSyntax), ("br=1;;", .badValue), ("=1", .badSyntax),
        ("bs=true", .badValue), ("bs=", .badSyntax), ("sid=abc", .badValue), ("sid=\"", .badSyntax),
        ("sid=\"abc", .badSyntax), ("sid=\"a\\n\"", .badSyntax), ("sid=\"a\u{0}b\"", .badSyntax),
        ("sid=\"\u{e9}\"", .badSyntax), ("sid=\"\"", .badValue), ("ot=zz", .badValue),
        ("sf=\"h\"", .badValue),
        ("st=x", .badValue), ("pr=fast", .badValue), ("pr=1.1.1", .badValue), ("v=2", .otherVersion),
        ("br=1\r\nx: y", .badSyntax), ("br =1", .badValue), ("br=1 ,bl=1", .badValue),
        ("<script>", .badSyntax),
        ("br=(5000 900)", .badValue),
    ])
    func refuses(_ text: String, _ fault: CMCD.Fault) {
        #expect(throws: fault) { try CMCD(fields: text) }
    }

    @Test(arguments: ["%", "br%3", "br%3Dx%G0", "%ff%fe"])
    func refusesBadEscapes(_ text: String) {
        #expect(throws: CMCD.Fault.self) { try CMCD(query: text) }
    }

    @Test func isBounded() {
        #expect(throws: CMCD.Fault.tooLong) { try CMCD(fields: String(repeating: "a", count: 1025)) }
        #expect(throws: CMCD.Fault.tooLong) { try CMCD(query: String(repeating: "%61", count: 1025)) }
        let many = (0..<40).map { "x-\($0)" }.joined(separator: ",")
        #expect(throws: CMCD.Fault.tooMany) { try CMCD(fields: many) }
        let long = "sid=\"" + String(repeating: "a", count: 600) + "\""
        #expect(throws: CMCD.Fault.badSyntax) { try CMCD(fields: long) }
    }

    /// Whatever comes: an answer, never a crash.
    @Test func survivesAnyBytes() {
        var seed: UInt64 = 7
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 33
        }
        let pieces = [
            "br=", "sid=", "\"", "\\", ",", "=", "%", "%22", "1", "v", "-", "\u{0}", "é", " ", "bs", "(", ";",
        ]
        for _ in 0..<20_000 {
            let text = (0..<next() % 12).map { _ in pieces[Int(next() % UInt64(pieces.count))] }.joined()
            _ = try? CMCD(fields: text)
            _ = try? CMCD(query: text)
        }
    }
}
