import HLSClient
import Media
import NIOCore

/// A viewer before a scripted server, over a network with a delay and a rate, in time that is only counted.
struct Stage {
    /// Seconds.
    var now: Double
    var viewer: Viewer
    var library = Library()
    /// Seconds of a round trip, bits a second; the link is shared by what is under way, one after the other.
    var roundTrip = 0.02
    var bitsPerSecond = 100e6
    private(set) var requests: [(at: Double, target: String)] = []
    private(set) var latencies: [(at: Double, seconds: Double)] = []
    private(set) var isDone = false
    private(set) var pendingAtMost = 0
    private var underWay: [Int: (WebAddress, due: Double, HTTPAnswer?, HTTPFailure?)] = [:]
    private var linkFree = 0.0
    let server: (WebAddress, Double) -> FakeShow.Answer

    init(
        at start: Double = 60.3, settings: ViewerSettings = ViewerSettings(), path: String = "index.m3u8",
        server: @escaping (WebAddress, Double) -> FakeShow.Answer
    ) {
        var settings = settings
        settings.unixOffset = FakeShow.epoch
        now = start
        self.server = server
        viewer = Viewer(
            WebAddress("http://test/\(path)")!, settings: settings, at: Stage.time(start))
    }

    static func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64((seconds * 1e9).rounded()))
    }

    /// Lets the viewer watch until a time.
    mutating func run(until end: Double) {
        perform(viewer.tick(at: Stage.time(now)))
        var sample = now.rounded(.up)
        while now < end, !isDone {
            let answer = underWay.min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
            let wake = viewer.wake.map { max(now, Double($0.nanoseconds) / 1e9) } ?? .infinity
            let next = min(answer?.value.due ?? .infinity, wake, sample, end)
            now = next
            if next == sample {
                if let latency = viewer.latency(at: Stage.time(now)) { latencies.append((now, latency)) }
                sample += 0.5
            } else if let answer, answer.value.due == next {
                underWay[answer.key] = nil
                let result: Result<HTTPAnswer, HTTPFailure> =
                    answer.value.2.map { .success($0) } ?? .failure(answer.value.3 ?? .closed)
                perform(
                    viewer.receive(answer.key, result, at: Stage.time(now), library: &library))
            } else {
                // A timer is late by a little, as on an event loop.
                now += 0.001
                perform(viewer.tick(at: Stage.time(now)))
            }
            pendingAtMost = max(pendingAtMost, underWay.count)
        }
    }

    private mutating func perform(_ actions: [Viewer.Action]) {
        for action in actions {
            switch action {
            case .get(let get, let number): send(get, number)
            case .cancel(let number): underWay[number] = nil
            case .done: isDone = true
            }
        }
    }

    private mutating func send(_ get: HTTPGet, _ number: Int) {
        requests.append((now, get.address.target))
        let answer = server(get.address, now + roundTrip / 2)
        var head = HTTPHead(status: answer.status)
        head.location = answer.location
        let bytes = max(answer.bytes, answer.text.utf8.count)
        let begins = max(answer.at + roundTrip / 2, min(linkFree, answer.at + 1000))
        let due = begins + Double(bytes) * 8 / bitsPerSecond
        if bytes > 10_000, answer.at < now + 10 { linkFree = due }
        let whole = HTTPAnswer(
            head: head, body: get.keepsBody ? ByteBuffer(string: answer.text) : ByteBuffer(), bytes: bytes,
            began: Stage.time(begins))
        underWay[number] = (get.address, due, answer.failure == nil ? whole : nil, answer.failure)
    }

    /// The median of the latency since a time.
    func latency(since start: Double) -> Double? {
        let values = latencies.filter { $0.at >= start }.map(\.seconds).sorted()
        return values.isEmpty ? nil : values[values.count / 2]
    }
}
