import Testing

@Test func stubShopcast() { #expect(Bool(true)) }
