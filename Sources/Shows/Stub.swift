enum StubShows {}
