import Foundation
import HTTPTypes
import NIOCore
import People

extension IdempotencyClaim {
    static let field = HTTPField.Name("Idempotency-Key")
}

extension StoredAnswer {
    init(_ answer: APIAnswer) {
        var headers: [String: String] = [:]
        for field in answer.headers { headers[field.name.rawName] = field.value }
        self.init(status: Int(answer.status.code), headers: headers, body: String(buffer: answer.body))
    }
}

extension APIAnswer {
    /// What was answered the first time.
    init(_ stored: StoredAnswer) {
        var headers: HTTPFields = [:]
        for (name, value) in stored.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        if let name = HTTPField.Name("Idempotency-Replayed") { headers[name] = "true" }
        self.init(
            status: .init(code: stored.status), headers: headers, body: ByteBuffer(string: stored.body))
    }
}
