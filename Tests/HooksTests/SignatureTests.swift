import Foundation
import Hooks
import People
import Testing

@Suite struct SignatureTests {
    // Made with Python's hmac.
    @Test(arguments: [
        (
            "whsec_test-secret-0001", 1_700_000_000, #"{"event":"webhook.test"}"#,
            "2edc0c4d214f4b58c82cc61224d1484214ffb19b03be47ebddbb233caeebb616"
        ),
        (
            "another-secret-of-a-hook", 1_793_040_000, #"{"event":"show.live","show":{"title":"一个晚上"}}"#,
            "5526d19e9a4f3fa7945733ce8dfa1cdc15c90434b5a212928c8faa5a4f4b32f3"
        ),
        ("whsec_test-secret-0001", 0, "", "d2ba6095fa74304eec14c780dfbe407f98c9ee1515188923815d655e9cf26d5b"),
    ])
    func vectors(_ secret: String, _ time: Int64, _ body: String, _ signature: String) throws {
        let secret = try #require(HookSecret(secret))
        #expect(
            HookSignature.value(of: body, at: time, secrets: [secret]) == "t=\(time),v1=\(signature)")
    }

    @Test func aRotatedSecretSignsBesideTheNewOneForADay() throws {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let old = try #require(HookSecret("whsec_test-secret-0001"))
        var secrets = HookSecrets(current: old)
        #expect(secrets.signing(at: start) == [old])
        secrets.rotate(at: start)
        let new = secrets.current
        #expect(new != old && secrets.signing(at: start) == [new, old])
        #expect(secrets.signing(at: start.addingTimeInterval(86_399)) == [new, old])
        #expect(secrets.signing(at: start.addingTimeInterval(86_400)) == [new])
        let value = HookSignature.value(of: "{}", at: 7, secrets: secrets.signing(at: start))
        let alone = HookSignature.value(of: "{}", at: 7, secrets: [old])
        #expect(value.split(separator: ",").count == 3 && value.hasSuffix(alone.dropFirst("t=7".count)))
        // A second rotation voids the first secret.
        secrets.rotate(at: start)
        #expect(secrets.signing(at: start) == [secrets.current, new])
    }

    @Test func secretsAreLongAndNeverPrinted() throws {
        let secret = HookSecret.random()
        #expect(
            secret.text.hasPrefix("whsec_") && secret.text.utf8.count == 46 && HookSecret.random() != secret)
        #expect("\(secret)" == "(secret)" && HookSecret(secret.text) == secret)
        let hook = Webhook(
            url: "https://example.com/", secrets: HookSecrets(current: secret), createdAt: Date())
        #expect(!"\(hook)".contains(secret.text) && !String(reflecting: hook).contains(secret.text))
    }

    @Test(arguments: [
        "", "short", "fifteen-bytes-x", "with space in it ok", "ends\nin a newline\n", "äöüäöüäöüäöüäöü",
    ])
    func secretsThatAreRefused(_ text: String) {
        #expect(HookSecret(text) == nil)
        #expect(HookSecret(String(repeating: "s", count: 201)) == nil)
    }

    @Test func namesHaveTheirForm() {
        let (hook, delivery) = (HookID.random(), DeliveryID.random())
        #expect(HookID(hook.text) == hook && DeliveryID(delivery.text) == delivery)
        for text in ["", "h", "h12", delivery.text, hook.text + "x", hook.text.uppercased(), "h../../../etc"]
        {
            #expect(HookID(text) == nil)
        }
        #expect(DeliveryID(hook.text) == nil)
    }
}
