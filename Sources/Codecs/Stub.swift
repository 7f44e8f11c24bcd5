enum StubCodecs {}
