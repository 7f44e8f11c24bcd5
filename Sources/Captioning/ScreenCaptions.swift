/// Makes cues of what stands on a television's screen. Pure.
///
/// Text that grows is one cue; lines that have rolled up are told once; what is erased, or replaced, is over. A screen that
/// nobody erases is over after `longest`.
package struct ScreenCaptions: Sendable {
    /// Milliseconds, as televisions have it.
    package static let longest: Int64 = 16_000

    /// What is on the screen, from when on (Unix milliseconds on the show clock).
    package struct Shown: Hashable, Sendable {
        package var start: Int64
        package var text: CueText
    }

    package struct Over: Hashable, Sendable {
        package var start: Int64
        package var end: Int64
        package var text: CueText

        package init(start: Int64, end: Int64, text: CueText) {
            self.start = start
            self.end = end
            self.text = text
        }
    }

    /// Without the lines that were told before.
    package private(set) var shown: Shown?
    private var screen: [Substring] = []
    /// Of the screen, as many lines from above as were told already.
    private var told = 0

    package init() {}

    /// The screen says this now; what was there before is given back where it is over.
    package mutating func change(to text: String, at date: Int64) -> Over? {
        let lines = CueText(text).lines
        guard lines != screen else { return nil }
        defer { screen = lines }
        if let shown, ScreenCaptions.isGrowth(of: screen, into: lines) {
            self.shown = Shown(start: shown.start, text: ScreenCaptions.text(lines.dropFirst(told)))
            return nil
        }
        let over = finish(at: date)
        // Lines that have rolled up stood at the end of the screen before.
        told =
            (0...min(screen.count, lines.count)).last { screen.suffix($0).elementsEqual(lines.prefix($0)) }
            ?? 0
        let new = ScreenCaptions.text(lines.dropFirst(told))
        shown = new.isEmpty ? nil : Shown(start: date, text: new)
        return over
    }

    /// Time has passed, or nothing more will come.
    package mutating func finish(at date: Int64) -> Over? {
        guard let shown else { return nil }
        self.shown = nil
        return Over(
            start: shown.start, end: max(shown.start + 1, min(date, shown.start + ScreenCaptions.longest)),
            text: shown.text)
    }

    private static func text(_ lines: some Collection<Substring>) -> CueText {
        CueText(lines.joined(separator: "\n"))
    }

    private static func isGrowth(of old: [Substring], into new: [Substring]) -> Bool {
        guard let last = old.last, new.count >= old.count else { return false }
        return old.dropLast().elementsEqual(new.prefix(old.count - 1)) && new[old.count - 1].hasPrefix(last)
    }
}
