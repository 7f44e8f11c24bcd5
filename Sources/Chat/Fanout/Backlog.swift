import DequeModule

/// What waits for a reader who is too slow: frames that others have too, so it costs little but the references. Pure.
///
/// Bound: `limit` bytes; policy: messages, their translations and captions are lost first, the oldest before others, and the
/// rest stays; counter: shopcast_chat_lost_messages_total.
package struct Backlog {
    private var sheets: Deque<Sheet> = []
    package private(set) var bytes = 0
    /// Between which numbers; what was lost and has none is counted only.
    package private(set) var lost: ClosedRange<Int>?
    /// Captions or translations were lost: by their missing numbers nobody can see that.
    package private(set) var hasLostUnnumbered = false
    private let limit: Int

    package init(limit: Int) {
        self.limit = limit
    }

    package var isEmpty: Bool { sheets.isEmpty && lost == nil }

    /// How much was lost by this, with a number or without; nil where there is too much that must not be.
    package mutating func add(_ sheet: Sheet) -> Int? {
        sheets.append(sheet)
        bytes += sheet.size
        var count = 0
        while bytes > limit {
            guard let place = sheets.firstIndex(where: \.isChat) else { return nil }
            count += lose(place)
        }
        return count
    }

    private mutating func lose(_ place: Int) -> Int {
        let sheet = sheets[place]
        if let chat = sheet.text.chat {
            lost =
                min(
                    lost?.lowerBound ?? chat.lowerBound, chat.lowerBound)...max(
                    lost?.upperBound ?? chat.upperBound, chat.upperBound)
        }
        hasLostUnnumbered = hasLostUnnumbered || sheet.text.marks.contains { $0.isChat && $0.sequence == 0 }
        bytes -= sheet.size
        if let essence = sheet.essence {
            sheets[place] = essence
            bytes += essence.size
        } else {
            sheets.remove(at: place)
        }
        return sheet.text.marks.count { $0.isChat }
    }

    /// What comes next; first of all what was lost.
    package mutating func next() -> Sheet? {
        if let lost {
            self.lost = nil
            return Sheet(RoomScript.gap(lost))
        }
        guard let sheet = sheets.popFirst() else { return nil }
        bytes -= sheet.size
        return sheet
    }
}
