import Testing

@Test func stubShows() { #expect(Bool(true)) }
