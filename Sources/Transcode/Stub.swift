enum StubTranscode {}
