import HLSClient

/// What a run has shown.
package struct LoadReport: Sendable {
    /// What happened in the time that is measured, after the ramp.
    package struct Span: Hashable, Sendable {
        package var seconds: Double
        /// With the ramp.
        package var whole: Double
        /// Viewers at the end of it.
        package var viewers: Int
        package var requests: Int
        package var bytes: Int
        /// Seconds of CPU.
        package var clientCPU: Double
        package var serverCPU: Double?
        /// Bytes; the server's at its highest.
        package var clientResident: Int
        package var serverResident: Int?

        package init(
            seconds: Double, whole: Double, viewers: Int, requests: Int, bytes: Int, clientCPU: Double,
            serverCPU: Double?, clientResident: Int, serverResident: Int?
        ) {
            self.seconds = seconds
            self.whole = whole
            self.viewers = viewers
            self.requests = requests
            self.bytes = bytes
            self.clientCPU = clientCPU
            self.serverCPU = serverCPU
            self.clientResident = clientResident
            self.serverResident = serverResident
        }
    }

    package let plan: LoadPlan
    package let tally: Tally
    package let span: Span

    package init(plan: LoadPlan, tally: Tally, span: Span) {
        self.plan = plan
        self.tally = tally
        self.span = span
    }

    /// Stalls in a viewer's minute, over all viewers.
    package var stallsPerMinute: Double {
        let minutes = (tally.played + tally.stalled) / 60
        return minutes > 0 ? Double(tally.stalls) / minutes : 0
    }

    /// The share of the time after the first picture that was spent waiting (0 to 1).
    package var rebuffering: Double {
        let all = tally.played + tally.stalled
        return all > 0 ? tally.stalled / all : 0
    }

    /// Cores that a thousand viewers take.
    package func coresPerThousand(_ cpu: Double?) -> Double? {
        guard let cpu, span.seconds > 0, span.viewers > 0 else { return nil }
        return cpu / span.seconds / Double(span.viewers) * 1000
    }

    /// Why the run fails, in one sentence; nil where it has passed.
    package var failure: String? {
        if tally.joined == 0 { return "No viewer saw a picture\(kinds.isEmpty ? "" : " (\(kinds))")." }
        let limits = plan.limits
        if let most = limits.errors, tally.errors > most {
            return "\(tally.errors) errors are more than the \(most) allowed (\(kinds))."
        }
        if let most = limits.latency {
            guard let latency = tally.latency.percentile(0.95) else {
                return "The stream has no dates, so its latency cannot be held to a limit."
            }
            if latency > most {
                return
                    "The latency of \(latency.digits(2)) s (95th percentile) is above the \(most) s allowed."
            }
        }
        if let most = limits.stalls, stallsPerMinute > most {
            return "\(stallsPerMinute.digits(2)) stalls a viewer's minute are more than the \(most) allowed."
        }
        return nil
    }

    /// `status 503: 4, timeout: 1`.
    package var kinds: String {
        tally.figures.troubles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            .joined(separator: ", ")
    }
}

extension Double {
    /// With so many decimals.
    func digits(_ count: Int) -> String {
        guard isFinite, abs(self) < 1e15 else { return "\(self)" }
        var scale = 1
        for _ in 0..<count { scale *= 10 }
        let units = Int((abs(self) * Double(scale)).rounded())
        let fraction = String(units % scale)
        let sign = self < 0 && units > 0 ? "-" : ""
        guard count > 0 else { return "\(sign)\(units)" }
        return "\(sign)\(units / scale).\(String(repeating: "0", count: count - fraction.count))\(fraction)"
    }
}
