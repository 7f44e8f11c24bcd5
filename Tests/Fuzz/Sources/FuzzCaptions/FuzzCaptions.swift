import CFuzzer
import CaptionText
import Media
import NIOCore

/// Any bytes as a file of captions, and as what one caption says. What could be read and was written is read back as the
/// same; a caption can neither end its block nor lose anything by being cut and wrapped.
private func one(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    if let file = try? CaptionFile(bytes) {
        for form in CaptionForm.allCases { _ = form.text(file.cues) }
        var writer = VTTWriter.segment()
        for cue in file.cues { writer.write(cue) }
        let again = try? CaptionFile(writer.buffer.readableBytesView)
        precondition(again?.cues.map(\.text) == file.cues.map(\.text), "other captions came back")
        precondition(again?.badLines.isEmpty == true, "a time was not read back")
    }
    let said = CueText(String(decoding: bytes, as: UTF8.self))
    precondition(CueText(said.text) == said, "clean text is not clean")
    guard !said.isEmpty else { return 0 }
    var writer = VTTWriter()
    let cue = VTTCue(
        id: said.text, start: .zero, end: MediaTime(milliseconds: 1000), speaker: said.text, text: said)
    writer.write(cue)
    let back = try? CaptionFile(writer.buffer.readableBytesView)
    precondition(back?.cues.map(\.text) == [said], "another caption came back")
    for language in ["en", "zh", "th"] {
        guard let tag = LanguageTag(language) else { continue }
        let rules = ReadingRules(for: tag)
        let pages = ClauseCutter(rules: rules).pages(said)
        let kept = letters(pages.map(\.text).joined())
        precondition(kept.elementsEqual(letters(said.text)), "something was lost")
        for page in pages { _ = rules.wrapped(page) }
    }
    return 0
}

private func letters(_ text: String) -> String.UnicodeScalarView {
    text.unicodeScalars.filter { !$0.properties.isWhitespace }
}

@_cdecl("FuzzCaptions_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    fuzz_run(count, arguments) { one($0, $1) }
}
