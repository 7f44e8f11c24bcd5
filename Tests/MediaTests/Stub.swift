import Testing

@Test func stubMedia() { #expect(Bool(true)) }
