import Testing

@Test func stubIngest() { #expect(Bool(true)) }
