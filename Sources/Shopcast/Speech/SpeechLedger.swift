package import Media

/// Seconds of sound that were sent to services that are paid for. Pure: the day arrives as an argument.
package struct SpeechLedger: Sendable {
    private let perShow: Int
    private let perDay: Int
    private var day = 0
    private var shows: [ShowID: Int] = [:]
    private var total = 0

    package init(perShow: Int, perDay: Int) {
        self.perShow = perShow
        self.perDay = perDay
    }

    private mutating func turn(to today: Int) {
        if today != day { (day, shows, total) = (today, [:], 0) }
    }

    package mutating func left(for show: ShowID, day: Int) -> Int {
        turn(to: day)
        return max(0, min(perShow - (shows[show] ?? 0), perDay - total))
    }

    package mutating func spend(_ seconds: Int, on show: ShowID, day: Int) {
        turn(to: day)
        shows[show, default: 0] += max(0, seconds)
        total += max(0, seconds)
    }

    package mutating func spent(on show: ShowID, day: Int) -> Int {
        turn(to: day)
        return shows[show] ?? 0
    }
}
