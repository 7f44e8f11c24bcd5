import Testing

@Test func stubPackaging() { #expect(Bool(true)) }
