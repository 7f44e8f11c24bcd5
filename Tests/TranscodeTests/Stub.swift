import Testing

@Test func stubTranscode() { #expect(Bool(true)) }
