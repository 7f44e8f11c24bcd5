import Foundation
import NIOCore
import Outbound

/// Takes one message to its receiver, once.
struct HookCourier: Sendable {
    /// Of the answer only its status is of interest; what is longer is not read.
    private static let answerLimit = 64 << 10

    let client: OutboundClient
    let deadline: Duration

    /// Nil where the task was cancelled before there was an outcome.
    func take(_ delivery: Delivery, to hook: Webhook, at now: Date) async -> Delivery.Outcome? {
        let target: WebTarget
        do {
            target = try hook.target()
        } catch {
            return .failed(reason: "\(error)", isFinal: true)
        }
        let time = Int64(now.timeIntervalSince1970)
        var request = OutboundRequest(
            .post, target, purpose: "webhook",
            fields: [
                OutboundField("Content-Type", "application/json"),
                OutboundField("Shopcast-Event", delivery.event),
                OutboundField("Shopcast-Delivery", delivery.id.text),
                OutboundField(
                    HookSignature.field,
                    HookSignature.value(of: delivery.body, at: time, secrets: hook.secrets.signing(at: now))),
            ], body: ByteBuffer(string: delivery.body))
        request.deadline = deadline
        request.answerLimit = HookCourier.answerLimit
        request.excess = .cut
        // Events are rare, and a connection that the receiver closes in between costs an attempt.
        request.closesConnection = true
        do {
            let response = try await client.send(request)
            return .answered(status: response.status, retryAfter: response.retryAfter)
        } catch .cancelled {
            return nil
        } catch .refused(let host, let kind) {
            return .failed(
                reason: OutboundFault.refused(host: host, kind: kind).description, isFinal: true)
        } catch {
            return .failed(reason: "\(error)", isFinal: false)
        }
    }
}
