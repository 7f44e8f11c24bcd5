import Foundation
package import NIOSSL

/// A certificate that is good for one host name, made by openssl.
package struct Certificate: Sendable {
    /// A PEM file.
    package let file: String
    package let context: NIOSSLContext

    package init(host: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("shopcast-receiver-\(ProcessInfo.processInfo.processIdentifier)-\(host)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = folder.appendingPathComponent("c.pem").path
        let key = folder.appendingPathComponent("k.pem").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days",
            "2", "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key, "-out",
            file,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let chain = try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        context = try NIOSSLContext(configuration: configuration)
    }
}
