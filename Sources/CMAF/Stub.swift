enum StubCMAF {}
