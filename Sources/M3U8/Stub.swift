enum StubM3U8 {}
