// In: a plan. Out: a report. Opens the crowds, one an event loop, waits for the ramp and the time that is measured, and
// adds up what they counted and what the processes took meanwhile.

import HLSClient
import Media
import NIOCore
import NIOPosix
import NIOSSL

package struct LoadRun {
    private let plan: LoadPlan

    package init(_ plan: LoadPlan) { self.plan = plan }

    /// What the machine had counted at a moment.
    private struct Moment {
        let time = MonotonicTime.now
        let own = ProcessFigures.own
        let server: ProcessFigures?
        var viewers = 0
        var bytes = 0
        var requests = 0
    }

    /// Runs to the end of the plan, or until all viewers have seen the show's end. Throws `LoadFault`.
    package func run() async throws -> LoadReport {
        if let process = plan.serverProcess, ProcessFigures(process: process) == nil {
            throw LoadFault.process(process)
        }
        let perViewer = plan.address.origin.isSecure && !plan.isHTTP1Only ? 1 : 4
        let needed = plan.viewers * perViewer + 50
        let allowed = OpenFiles.raised()
        guard needed <= allowed else { throw LoadFault.openFiles(needed: needed, allowed: allowed) }
        let lines = try await lineOptions()
        let threads = max(1, min(plan.threads ?? min(4, System.coreCount), plan.viewers))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let report: Result<LoadReport, any Error>
        do {
            report = .success(try await run(on: Array(group.makeIterator()), lines))
        } catch {
            report = .failure(error)
        }
        try await group.shutdownGracefully()
        return try report.get()
    }

    private func run(on loops: [any EventLoop], _ lines: Lines.Options) async throws -> LoadReport {
        var settings = plan.viewer
        settings.unixOffset = WallClock.unixSeconds - Double(MonotonicTime.now.nanoseconds) / 1e9
        var crowds: [NIOLoopBound<Crowd>] = []
        for (index, loop) in loops.enumerated() {
            let share = stride(from: index, to: plan.viewers, by: loops.count)
            let crowdPlan = Crowd.Plan(
                address: plan.address, settings: settings,
                arrivals: share.map { plan.ramp * Double($0) / Double(plan.viewers) }, stay: plan.stay,
                lines: lines, seed: UInt64(index) + 1)
            crowds.append(
                try await loop.submit {
                    let crowd = Crowd(loop: loop, plan: crowdPlan)
                    crowd.begin()
                    return NIOLoopBound(crowd, eventLoop: loop)
                }.get())
        }
        let start = try await moment(crowds)
        try? await Task.sleep(for: .seconds(plan.ramp))
        let ramped = try await moment(crowds)
        var last = ramped
        var peak = ramped.server?.resident ?? 0
        while !Task.isCancelled {
            let left = plan.seconds - (last.time - ramped.time).inSeconds
            guard left > 0.001 else { break }
            try? await Task.sleep(for: .seconds(min(left, 1)))
            last = try await moment(crowds)
            peak = max(peak, last.server?.resident ?? 0)
            // Everyone has seen the end of the show.
            if last.viewers == 0 { break }
        }
        var tally = Tally()
        for crowd in crowds {
            tally.add(try await crowd.eventLoop.submit { crowd.value.end() }.get())
        }
        return LoadReport(
            plan: plan, tally: tally,
            span: .init(
                seconds: (last.time - ramped.time).inSeconds, whole: (last.time - start.time).inSeconds,
                viewers: last.viewers, requests: last.requests - ramped.requests,
                bytes: last.bytes - ramped.bytes,
                clientCPU: (last.own?.cpu ?? 0) - (ramped.own?.cpu ?? 0),
                serverCPU: last.server.flatMap { end in ramped.server.map { end.cpu - $0.cpu } },
                clientResident: last.own?.resident ?? 0,
                serverResident: last.server == nil ? nil : peak))
    }

    private func moment(_ crowds: [NIOLoopBound<Crowd>]) async throws -> Moment {
        var moment = Moment(server: plan.serverProcess.flatMap { ProcessFigures(process: $0) })
        for crowd in crowds {
            let (count, bytes, requests) = try await crowd.eventLoop.submit {
                let traffic = crowd.value.traffic
                return (crowd.value.count, traffic.bytes, traffic.requests)
            }.get()
            moment.viewers += count
            moment.bytes += bytes
            moment.requests += requests
        }
        return moment
    }

    private func lineOptions() async throws -> Lines.Options {
        let origin = plan.address.origin
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = plan.isHTTP1Only ? ["http/1.1"] : ["h2", "http/1.1"]
        if plan.isInsecure { configuration.certificateVerification = .none }
        var options: Lines.Options
        do {
            options = Lines.Options(tls: try NIOSSLContext(configuration: configuration))
        } catch {
            throw LoadFault.tls("\(error)")
        }
        // Once for all viewers, away from the event loops.
        do {
            let address = try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(origin.host, port: origin.port)
            }
            options.resolved["\(origin.host):\(origin.port)"] = address
        } catch {
            throw LoadFault.host(origin.host)
        }
        return options
    }
}
