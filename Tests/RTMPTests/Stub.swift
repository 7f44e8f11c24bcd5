import Testing

@Test func stubRTMP() { #expect(Bool(true)) }
