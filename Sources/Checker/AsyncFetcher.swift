import AsyncHTTPClient
package import Media
import NIOCore
import NIOHTTP1
import NIOSSL

/// Gets answers over the network: HTTP/1.1, or HTTP/2 where TLS agrees on it.
///
/// In: requests of the survey. Out: exchanges with the times of their bytes. Bounded: five redirects, a minute and the
/// bytes of each answer; what is longer is cut off and said to be.
package final class AsyncFetcher: Fetcher {
    private let client: HTTPClient
    package let isScripted = false

    private static let mostRedirects = 5
    private static let longest = TimeAmount.seconds(60)

    /// With `isInsecure`, any certificate will do.
    package init(isInsecure: Bool) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if isInsecure { tls.certificateVerification = .none }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10)), decompression: .disabled)
        // Every rendition holds requests while its media are fetched.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.httpVersion = .automatic
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends the connections; nothing may be fetched afterwards.
    package func close() async {
        try? await client.shutdown()
    }

    package func now() -> MonotonicTime { .now }

    package func wait(until instant: MonotonicTime) async -> MonotonicTime {
        let rest = instant - .now
        if rest > .zero { try? await Task.sleep(for: rest) }
        return .now
    }

    package func fetch(_ request: FetchRequest, at present: MonotonicTime) async -> Exchange {
        var exchange = Exchange(request, sent: .now)
        var url = request.url
        do {
            var response = try await send(url, request)
            while [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "location"),
                exchange.redirects.count < AsyncFetcher.mostRedirects
            {
                url = PlaylistDocument.resolve(location, against: url)
                exchange.redirects.append(url)
                response = try await send(url, request)
            }
            exchange.headed = .now
            exchange.begun = exchange.headed
            exchange.status = Int(response.status.code)
            exchange.isHTTP2 = response.version.major >= 2
            exchange.headers = response.headers.map { ($0.name.lowercased(), $0.value) }
            try await readBody(of: response, into: &exchange)
        } catch {
            exchange.trouble = AsyncFetcher.sentence(error)
        }
        exchange.finished = .now
        if exchange.status == 0 {
            exchange.headed = exchange.finished
            exchange.begun = exchange.finished
        }
        return exchange
    }

    private func send(_ url: String, _ request: FetchRequest) async throws -> HTTPClientResponse {
        // A playlist may name anything; nothing but the web is asked.
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw HTTPClientError.unsupportedScheme(String(scheme))
        }
        var wanted = HTTPClientRequest(url: url)
        wanted.headers.add(name: "user-agent", value: "shopcast-check")
        wanted.headers.add(name: "origin", value: "https://origin.example")
        if !request.purpose.isMedia { wanted.headers.add(name: "accept-encoding", value: "gzip") }
        if let range = request.range {
            wanted.headers.add(
                name: "range",
                value: "bytes=\(range.lowerBound)-\(max(range.lowerBound, range.upperBound - 1))")
        }
        return try await client.execute(wanted, deadline: .now() + AsyncFetcher.longest)
    }

    private func readBody(of response: HTTPClientResponse, into exchange: inout Exchange) async throws {
        let most = exchange.request.purpose.isMedia ? 64 << 20 : PlaylistDocument.mostBytes
        var body = ByteBuffer()
        var hasBegun = false
        for try await var chunk in response.body {
            if !hasBegun, chunk.readableBytes > 0 {
                exchange.begun = .now
                hasBegun = true
            }
            guard body.readableBytes + chunk.readableBytes <= most else {
                exchange.trouble = "the answer is longer than \(most >> 20) MiB"
                break
            }
            body.writeBuffer(&chunk)
        }
        exchange.wireSize = body.readableBytes
        if exchange.header("content-encoding") == "gzip" {
            guard let plain = GzipBody.inflated(body, most: most) else {
                exchange.trouble = exchange.trouble ?? "the answer's gzip cannot be read"
                return
            }
            body = plain
        }
        exchange.body = body
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: "no answer (\(error.shortDescription))"
        default: "no answer (\(error))"
        }
    }
}
