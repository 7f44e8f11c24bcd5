package import Foundation
package import Media
import People

/// How shows get their names in addresses.
package enum ShowNaming {
    /// Of a title: its Latin letters and digits; `show` where it has none. With a few random characters where `isTaken`.
    package static func id(for draft: ShowDraft, isTaken: (ShowID) throws -> Bool) rethrows -> ShowID {
        let titles = [draft.titles[draft.language], draft.titles[.english]] + [draft.titles.values.min()]
        let words = titles.compactMap { $0.map(plain) }.first { !$0.isEmpty } ?? "show"
        for attempt in 0..<20 {
            let text = attempt == 0 && words != "show" ? words : "\(words)-\(Name32.random(5))"
            if let id = ShowID(text), !id.isPreview, try !isTaken(id) { return id }
        }
        return ShowID(previewOf: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
    }

    /// An occurrence of a weekly show: `SERIES-YYYYMMDD`, by the day in its own zone.
    package static func id(ofSeries series: ShowID, start: Date, zone: String?) -> ShowID? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone.flatMap(TimeZone.init(identifier:)) ?? .gmt
        let day = calendar.dateComponents([.year, .month, .day], from: start)
        guard let year = day.year, let month = day.month, let date = day.day else { return nil }
        let number = year * 10_000 + month * 100 + date
        return ShowID("\(series.text.prefix(55))-\(number)")
    }

    private static func plain(_ title: String) -> String {
        let letters = title.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars
        var text = ""
        for letter in letters.prefix(200) {
            if letter.isASCII, letter.properties.isAlphabetic || ("0"..."9").contains(letter) {
                text.unicodeScalars.append(letter)
            } else if letter.properties.canonicalCombiningClass == .notReordered,
                text.last.map({ $0 != "-" }) == true
            {
                text += "-"
            }
        }
        let short = text.prefix(40)
        return String(short.last == "-" ? short.dropLast() : short)
    }
}
