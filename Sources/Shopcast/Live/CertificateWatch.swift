import Delivery
import Foundation
import Logging
import Metrics
import NIOSSL
import ServiceLifecycle

/// Looks every two seconds whether the certificate or its key has changed, and gives the new pair to whoever connects from
/// then on, viewers and hosts alike: certificates are renewed without a restart. A pair that cannot be used is told in the
/// log, and the one before stays.
struct CertificateWatch: Service {
    let settings: Settings
    let http: HTTPService
    let hosts: HostPorts
    let logger: Logger

    private static let expiry = Gauge(label: "shopcast_certificate_expires_timestamp_seconds")

    func run() async throws {
        guard let certificate = settings.https.certificate, let key = settings.https.key else {
            try? await gracefulShutdown()
            return
        }
        let files = [certificate, key]
        tellExpiry(certificate)
        var seen = await FileStamps.now(of: files)
        while !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: KeyWatch.period) }
            } catch {
                return
            }
            let now = await FileStamps.now(of: files)
            guard now != seen else { continue }
            seen = now
            renew(certificate)
        }
    }

    private func renew(_ certificate: String) {
        do {
            try http.renewCertificate()
            try hosts.renewCertificate(settings)
            logger.notice(
                "certificate changed", metadata: ["expires": "\(tellExpiry(certificate) ?? "unknown")"])
        } catch {
            logger.error(
                "the new certificate cannot be used; the one before stays", metadata: ["error": "\(error)"])
        }
    }

    /// When the certificate is good no longer, for people; and for metrics.
    @discardableResult
    private func tellExpiry(_ file: String) -> String? {
        guard let first = try? NIOSSLCertificate.fromPEMFile(file).first else { return nil }
        let end = TimeInterval(first.notValidAfter)
        CertificateWatch.expiry.record(end)
        if end < Date.now.timeIntervalSince1970 {
            logger.warning("the certificate has expired: renew it", metadata: ["file": "\(file)"])
        }
        return Date(timeIntervalSince1970: end).formatted(.iso8601)
    }
}
