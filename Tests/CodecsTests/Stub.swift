import Testing

@Test func stubCodecs() { #expect(Bool(true)) }
