import Hearing
import NIOPosix
import Outbound

extension HearingOrder.Remote {
    /// What reaches the service; to be shut down.
    func client() throws(SpeechFault) -> OutboundClient {
        var settings = OutboundSettings()
        settings.policy = AddressPolicy(allow: allowed.compactMap { AddressPolicy.Entry($0) })
        settings.trust = certificates
        do {
            return try OutboundClient(settings: settings, group: MultiThreadedEventLoopGroup.singleton)
        } catch {
            throw SpeechFault("\(error)")
        }
    }
}
