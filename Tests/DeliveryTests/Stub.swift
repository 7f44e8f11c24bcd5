import Testing

@Test func stubDelivery() { #expect(Bool(true)) }
