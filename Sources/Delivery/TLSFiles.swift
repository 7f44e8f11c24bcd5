package import NIOSSL

extension DeliverySettings.TLS {
    /// Reads the certificate and the key.
    package func context() throws(DeliveryError) -> NIOSSLContext {
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        } catch {
            throw .certificate(file: certificate, reason: "\(error)")
        }
        guard !chain.isEmpty else {
            throw .certificate(file: certificate, reason: "there is none in the file")
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw .key(file: key, reason: "\(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .key(file: key, reason: "\(error)")
        }
    }
}
