import Foundation
import GRDB
import People

// What stream keys and tokens have in common: a secret of which only the hash is kept, so many of them at most, and when it
// was last used.

extension Store {
    enum SecretTable: String {
        case streamKey, token
    }

    /// Notes that a secret was used; what is older than what is known changes nothing.
    func noteUse(of id: String, in table: SecretTable, at now: Date) throws {
        try write {
            try $0.db.execute(
                sql: "UPDATE \(table.rawValue) SET lastUsedAt = max(coalesce(lastUsedAt, 0), ?) WHERE id = ?",
                arguments: [now.unixMilliseconds, id])
        }
    }

    /// Throws `DomainFault.conflict` with `words` where `owner` has as many already. `condition`: which of them count.
    static func refuseMore(
        than most: Int, in table: SecretTable, where condition: String, of owner: String, _ words: String,
        _ db: Database
    ) throws {
        let count = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM \(table.rawValue) WHERE \(condition)", arguments: [owner])
        if count ?? 0 >= most { throw DomainFault.conflict(words) }
    }
}
