import RTMP
import Restream
import Shopcast
import Testing

@Suite struct RestreamSettingsTests {
    private func settings(_ restream: String) throws -> Settings {
        try Settings(
            yaml: "shows: [{id: demo, streamKey: demo-key-1, restream: \(restream)}]", environment: [:])
    }

    @Test func targetsAreRead() throws {
        let targets = try settings(
            "[{url: \"rtmps://a.example/live2/secret-key\"}, {name: Two, url: \"rtmp://[::1]:2000/app/x/key?a=b\"}]"
        ).shows[0].restream
        #expect(targets.map(\.name) == ["a.example", "Two"])
        #expect(targets[0].address.isSecure && targets[0].address.port == 443)
        #expect(targets[1].address.host == "::1" && targets[1].address.port == 2000)
        #expect(targets[1].address.application == "app/x" && targets[1].address.key == "key?a=b")
    }

    @Test(arguments: [
        ("[{url: \"http://a.example/live/my-secret\"}]", "url"),
        ("[{url: \"rtmp://a.example/my-secret\"}]", "url"),
        ("[{name: x}]", "url"), ("[{url: \"rtmp://a.example:0/live/my-secret\"}]", "url"),
        ("[{name: \"\", url: \"rtmp://a.example/live/my-secret\", nam: x}]", "nam"),
        ("[{url: \"rtmp://a.example/live/my-secret\", certificate: a.pem}]", "certificate"),
        ("[{url: \"rtmp://a/live/my-secret\"}, {url: \"rtmp://a/live/my-secret2\"}]", "each name once"),
        ("[{url: \"rtmp://127.0.0.1/live/demo-key-1\"}]", "own stream key"),
        ("nothing", "a list"),
    ])
    func whatCannotBeIsNamedWithoutItsSecret(restream: String, word: String) {
        let fault = #expect(throws: SettingsFault.self) { try settings(restream) }
        let text = fault.map { "\($0)" } ?? ""
        #expect(text.contains(word) && !text.contains("my-secret"), "\(text)")
    }
}
