package import Foundation
package import Media
import People
import Shows
import Synchronization

// What who begins to read a track gets, and which tracks there are.

extension CaptionHall {
    /// All cues around now; nil where they have never been read. It never waits.
    package func recent(_ show: ShowID, _ language: LanguageTag, at now: Date) -> RecentCues.Excerpt? {
        tracks.withLock { $0[TrackName(show, language)]?.recent.excerpt(at: now.unixMilliseconds) }
    }

    /// Whether `recall` has to come first, for whoever begins to read the track. It never waits.
    package func mustRecall(_ show: ShowID, _ language: LanguageTag, at now: Date) -> Bool {
        tracks.withLock { $0[TrackName(show, language)]?.recent.isDue(at: now.unixMilliseconds) ?? true }
    }

    /// Reads what is around now, where that has not been done of late. Blocks for the store.
    package func recall(_ show: ShowID, _ language: LanguageTag, at now: Date) throws {
        guard mustRecall(show, language, at: now) else { return }
        let mark = know(show, language) { $0.recent.begin() }
        let now = now.unixMilliseconds
        let query = CueQuery(from: now - RecentCues.span, to: now + RecentCues.span, limit: 1000)
        let cues = try store.cues(of: show, language, query)
        let until = cues.count < query.limit ? now + RecentCues.span : cues.last?.start ?? now
        know(show, language) { $0.recent.load(cues, until: until, at: now, since: mark) }
    }

    /// Before anybody is told.
    func remember(_ news: News, on show: ShowID, _ language: LanguageTag) {
        let now = Date().unixMilliseconds
        know(show, language) { known in
            switch news {
            case .put(let cues): known.recent.put(cues, at: now)
            case .removed(let ids): known.recent.remove(ids)
            case .replaced, .anchored: known.recent.forget()
            case .partial, .state, .wanted, .opened: break
            }
        }
    }

    // MARK: Shows

    /// How the show's captions come about; nil where there is none. Blocks for the store the first time.
    package func captioned(_ show: ShowID) -> CaptionedShow? {
        let (known, changes) = shows.withLock { ($0[show], $0.changes) }
        if let known { return known }
        guard let found = find(show) else { return nil }
        return shows.withLock { shows in
            shows.learn(found, of: show, since: changes)
            // It may have been told of meanwhile: that is newer.
            return shows[show] ?? found
        }
    }

    /// A show is other than it was, or gone: tracks that are new are told of (`News.opened`).
    package func adopt(_ captioned: CaptionedShow?, of show: ShowID) {
        let old = shows.withLock { shows in
            defer { shows.change(show, to: captioned) }
            return shows[show]
        }
        guard let captioned, captioned != old else { return }
        let isSame = old?.language == captioned.language
        for plan in captioned.plans where !isSame || old?.plan(of: plan.language) != plan {
            inform(show, plan.language, .opened)
        }
    }
}
