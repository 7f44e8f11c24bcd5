import HTTPTypes
import Hummingbird
import NIOCore
import Web

extension PageText {
    /// The page as an answer. `isSecret`: its address holds a token, or it is for one person: nobody keeps it.
    /// `policy` is its Content-Security-Policy; nil is that of pages which carry no script and no style in themselves.
    func response(
        to request: Request, status: HTTPResponse.Status = .ok, isSecret: Bool = false, policy: String? = nil
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: PagePolicy.contentType,
            .cacheControl: isSecret ? PagePolicy.secretCacheControl : PagePolicy.cacheControl,
            .vary: PagePolicy.vary, .contentLanguage: language,
        ]
        headers[.contentSecurityPolicy] = policy
        if let cookie = Reader.keeping(request) { headers[.setCookie] = cookie }
        if isSecret, let name = HTTPField.Name("Referrer-Policy") {
            headers[name] = PagePolicy.secretReferrerPolicy
        }
        var body = html
        if request.headers[.acceptEncoding]?.contains("gzip") == true, let packed = Gzip.page(html) {
            body = packed
            headers[.contentEncoding] = "gzip"
        }
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
