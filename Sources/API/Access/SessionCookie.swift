import HTTPTypes
import People

/// The cookie of a signed-in browser: for our pages only, and out of reach of their scripts.
enum SessionCookie {
    static func set(_ secret: String, isSecure: Bool) -> String {
        text(secret, age: Int(Session.lifetime), isSecure: isSecure)
    }

    static func cleared(isSecure: Bool) -> String { text("", age: 0, isSecure: isSecure) }

    private static func text(_ value: String, age: Int, isSecure: Bool) -> String {
        "\(Session.cookie)=\(value); Path=/; Max-Age=\(age); HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }
}

/// Where a page may send somebody on after they have signed in.
package enum LocalPath {
    /// `text` where it leads to a page of ours; nil where it could lead elsewhere.
    package static func checked(_ text: String?) -> String? {
        guard let text, (1...1000).contains(text.utf8.count), text.hasPrefix("/"),
            !text.hasPrefix("//"), !text.contains("\\"), !text.contains("//"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return text
    }
}
