import Delivery
import Hummingbird
import Logging
import NIOPosix

enum DeliveryFixture {
    /// A service that is only bound.
    static func service(port: Int, certificate: String? = nil) throws -> HTTPService {
        var settings = DeliverySettings(http: .init(host: "127.0.0.1", port: port))
        if let certificate {
            settings.https = .init(
                address: .init(host: "127.0.0.1", port: 0), certificate: certificate, key: certificate)
        }
        return HTTPService(
            settings: settings, directory: StagedWindow(), responder: Router().buildResponder(),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
    }
}
