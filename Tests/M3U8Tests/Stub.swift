import Testing

@Test func stubM3U8() { #expect(Bool(true)) }
