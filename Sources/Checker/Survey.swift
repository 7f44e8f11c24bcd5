import Media

/// Looks at a presentation: its playlists, its live edge, its media.
///
/// In: an address and a fetcher. Out: a report. Every media playlist is followed in a task of its own; waits end with
/// the time that was given. Bounded: renditions, bytes of each answer, places kept of each rule; what is above that is
/// left out and counted.
package struct Survey: Sendable {
    package struct Options: Sendable {
        /// How long the live edge is followed; in what has ended, how much of it is read. Seconds.
        package var seconds: Double

        package init(seconds: Double = 30) {
            self.seconds = seconds
        }
    }

    /// Why there is nothing to look at; the description is one sentence.
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    private let fetcher: any Fetcher
    private let options: Options

    /// More media playlists than that are not looked at.
    static let mostRenditions = 64

    package init(fetcher: any Fetcher, options: Options) {
        self.fetcher = fetcher
        self.options = options
    }

    /// Throws `Unavailable` where the address gives no playlist.
    package func run(_ url: String) async throws -> Report {
        let start = fetcher.now()
        let exchange = await fetcher.fetch(FetchRequest(url, for: .multivariant), at: start)
        guard exchange.isGood else {
            throw Unavailable(description: "\(url) could not be had: \(exchange.outcome).")
        }
        // What it is relative to is where it was found.
        let text = PlaylistDocument(exchange.body, url: exchange.redirects.last ?? url)
        guard text.entries.contains(where: { if case .tag = $0 { true } else { false } }) else {
            throw Unavailable(description: "\(url) is no HLS playlist.")
        }
        var presentation = Presentation(url: url)
        presentation.isSecure = url.hasPrefix("https:")
        presentation.isHTTP2 = exchange.isHTTP2
        var findings = Findings()
        var wanted: [MultivariantDocument.Rendition] = []
        if text.isMultivariant {
            let playlist = MultivariantDocument(text)
            findings.examine(exchange, AnswerScene(isSecure: presentation.isSecure))
            findings.examine(text)
            findings.examine(playlist)
            presentation.multivariant = playlist
            wanted = playlist.renditions
            if let tag = text.tags("EXT-X-CONTENT-STEERING").first, let uri = tag["SERVER-URI"] {
                let address = PlaylistDocument.resolve(uri, against: text.url)
                presentation.steering = await fetcher.fetch(
                    FetchRequest(address, for: .steering), at: exchange.finished)
            }
        } else {
            wanted = [.init(uri: text.url, role: .variant, line: PlaylistLine(number: 1, text: ""))]
        }
        let isSecure = presentation.isSecure
        let begun = exchange.finished
        let (fetcher, options) = (fetcher, options)
        let renditions = Array(wanted.prefix(Survey.mostRenditions))
        let surveys = await withTaskGroup(of: (Int, RenditionRecord, Findings).self) { group in
            for (index, rendition) in renditions.enumerated() {
                group.addTask {
                    var survey = RenditionSurvey(
                        rendition, fetcher: fetcher, options: options, isSecure: isSecure, present: begun)
                    await survey.run()
                    return (index, survey.record, survey.findings)
                }
            }
            var all: [(Int, RenditionRecord, Findings)] = []
            for await survey in group { all.append(survey) }
            return all.sorted { $0.0 < $1.0 }
        }
        for (_, record, more) in surveys {
            presentation.renditions.append(record)
            findings.merge(more)
            findings.examine(record)
        }
        findings.examine(presentation)
        return Report(
            presentation: presentation, findings: findings,
            seconds: (fetcher.now() - start).inSeconds, leftOut: wanted.count - renditions.count)
    }
}
