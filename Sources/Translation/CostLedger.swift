import Media

/// How many characters were sent to engines that are paid for. Pure: the day arrives as an argument.
///
/// Bound: `showsAtMost` shows a day; a show beyond them sends nothing.
struct CostLedger: Sendable {
    static let showsAtMost = 10_000

    private let perShow: Int
    private let perDay: Int
    private var day = 0
    private var shows: [ShowID: Int] = [:]
    private(set) var total = 0

    init(perShow: Int, perDay: Int) {
        self.perShow = perShow
        self.perDay = perDay
    }

    /// Whether so many characters may be sent now; they count from then on.
    mutating func admit(_ characters: Int, of show: ShowID, day today: Int) -> Bool {
        if today != day {
            day = today
            shows = [:]
            total = 0
        }
        let spent = shows[show] ?? 0
        guard spent + characters <= perShow, total + characters <= perDay,
            shows[show] != nil || shows.count < CostLedger.showsAtMost
        else { return false }
        shows[show] = spent + characters
        total += characters
        return true
    }

    func spent(on show: ShowID, day today: Int) -> Int { today == day ? shows[show] ?? 0 : 0 }

    /// They were not sent after all.
    mutating func refund(_ characters: Int, of show: ShowID, day today: Int) {
        guard today == day, let spent = shows[show] else { return }
        shows[show] = max(0, spent - characters)
        total = max(0, total - characters)
    }
}
