import Testing

@Test func stubCMAF() { #expect(Bool(true)) }
