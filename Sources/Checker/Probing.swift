import Media

/// The requests that are made to see what the server says to them.
extension Errands {
    /// Everything that the playlist offers is tried once, one after the other.
    func probe(_ document: MediaDocument, at present: MonotonicTime) async -> ErrandResult {
        var present = present
        var probes: [Probe] = []
        var deltas: [DeltaProbe] = []
        var findings = Findings()
        let isLowLatency = document.partInformation != nil && document.hasParts && role != .pictures
        let last = document.complete.last?.number ?? document.mediaSequence

        func ask(_ kind: Probe.Kind, _ query: String, _ number: Int) async {
            let exchange = await fetcher.fetch(
                FetchRequest(Errands.address(document.url, query), for: .probe), at: present)
            present = exchange.finished
            findings.examine(exchange, scene)
            let read =
                exchange.isGood ? MediaDocument(PlaylistDocument(exchange.body, url: document.url)) : nil
            probes.append(Probe(kind: kind, exchange: exchange, document: read, number: number))
        }

        func read(_ query: String, _ purpose: FetchRequest.Purpose) async -> (Exchange, MediaDocument)? {
            let exchange = await fetcher.fetch(
                FetchRequest(Errands.address(document.url, query), for: purpose), at: present)
            present = exchange.finished
            findings.examine(exchange, scene)
            let text = PlaylistDocument(exchange.body, url: document.url)
            guard exchange.isGood else { return nil }
            findings.examine(text)
            return (exchange, MediaDocument(text))
        }

        if document.isEnded {
            // Without server control a query says nothing.
            if document.control != nil {
                await ask(.afterEnd, "_HLS_msn=\(last + 1)&_HLS_part=0&_HLS_skip=YES", last + 1)
            }
            let asked = probes
            let more = findings
            return ErrandResult { record, findings in
                record.probes += asked
                findings.merge(more)
            }
        }
        if document.canBlock {
            if isLowLatency { await ask(.partWithoutSegment, "_HLS_part=0", 0) }
            await ask(.farAhead, "_HLS_msn=\(last + 1000)", last + 1000)
            await ask(.longPast, "_HLS_msn=\(document.mediaSequence)", document.mediaSequence)
            if isLowLatency, document.complete.count > 2 {
                await ask(.partBeyond, "_HLS_msn=\(last - 1)&_HLS_part=99", last)
            }
        }
        if document.canSkipUntil != nil {
            let versions = document.control?["CAN-SKIP-DATERANGES"] == "YES" ? ["YES", "v2"] : ["YES"]
            for version in versions {
                guard let before = await read("", .playlist),
                    let delta = await read("_HLS_skip=\(version)", .delta),
                    let after = await read("", .playlist)
                else { continue }
                deltas.append(
                    DeltaProbe(
                        exchange: delta.0, delta: delta.1, before: before.1, after: after.1,
                        afterWireSize: after.0.wireSize, isSecondVersion: version == "v2"))
            }
        }
        if document.canBlock { await ask(.held, "_HLS_msn=\(last + 2)", last + 2) }
        let (asked, updates, more) = (probes, deltas, findings)
        return ErrandResult { record, findings in
            record.probes += asked
            record.deltas += updates
            findings.merge(more)
        }
    }
}
