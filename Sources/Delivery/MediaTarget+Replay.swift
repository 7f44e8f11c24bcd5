extension MediaTarget {
    /// Reads a target of live media (`/live/SHOW/…`), or of a recording (`/replay/SHOW/…`), which is laid out alike.
    /// The recording as one file (`download.mp4`) is answered elsewhere.
    package static func readWithReplay(_ target: Span<UInt8>) -> (reading: Reading, isReplay: Bool) {
        let prefix: StaticString = "/replay/"
        guard target.starts(with: prefix) else { return (read(target), false) }
        let path = target.prefix(before: UInt8(ascii: "?"))
        let download: StaticString = "/download.mp4"
        let start = path - download.utf8CodeUnitCount
        if start > 0, target.matches(start..<path, download) { return (.elsewhere, true) }
        var live = Array("/live/".utf8)
        for index in prefix.utf8CodeUnitCount..<target.count { live.append(target[index]) }
        return (read(live.span), true)
    }
}
