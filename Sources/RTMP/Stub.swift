enum StubRTMP {}
