package import GRDB

extension Store {
    /// Every step of the file's history, in order. A step that has been released is never changed: what comes later is a
    /// step of its own. Instants are Unix milliseconds; lists and objects are JSON.
    package static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 people") { try $0.execute(sql: people) }
        migrator.registerMigration("2 shows") { try $0.execute(sql: shows) }
        migrator.registerMigration("3 logs") { try $0.execute(sql: logs) }
        SQLiteHookStore.migrateHooks(&migrator)
        AudienceTables.migrateAudience(&migrator)
        ChatTables.migrateChat(&migrator)
        migrator.registerMigration("captions 1") { try $0.execute(sql: Store.captions) }
        migrator.registerMigration("captions 2") { try $0.execute(sql: Store.captionStops) }
        migrator.registerMigration("captions 3") { try $0.execute(sql: Store.captionRenderings) }
        return migrator
    }

    private static let people = """
        CREATE TABLE person (
          id TEXT PRIMARY KEY NOT NULL,
          name TEXT NOT NULL,
          login TEXT NOT NULL UNIQUE,
          language TEXT,
          isOperator INTEGER NOT NULL,
          createdAt INTEGER NOT NULL,
          disabledAt INTEGER,
          password TEXT
        ) STRICT;
        CREATE INDEX person_name ON person (name COLLATE NOCASE, id);
        CREATE TABLE session (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          csrf TEXT NOT NULL,
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER NOT NULL,
          lastSeenAt INTEGER NOT NULL,
          userAgent TEXT NOT NULL
        ) STRICT;
        CREATE INDEX session_person ON session (person);
        CREATE TABLE token (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          hash TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL,
          scopes TEXT NOT NULL,
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER,
          lastUsedAt INTEGER
        ) STRICT;
        CREATE INDEX token_person ON token (person);
        CREATE TABLE invitation (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          hash TEXT NOT NULL UNIQUE,
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER NOT NULL,
          usedAt INTEGER
        ) STRICT;
        CREATE INDEX invitation_person ON invitation (person);
        """

    /// `draft` is what clients set, without what has columns of its own. `startOrder` is the start, or the end of time;
    /// `latestOrder` when it was last on air, or will be.
    private static let shows = """
        CREATE TABLE show (
          id TEXT PRIMARY KEY NOT NULL,
          series TEXT,
          state TEXT NOT NULL,
          visibility TEXT NOT NULL,
          start INTEGER,
          startOrder INTEGER NOT NULL,
          latestOrder INTEGER NOT NULL,
          draft TEXT NOT NULL,
          search TEXT NOT NULL,
          srtPassphrase TEXT,
          slate TEXT,
          cover TEXT,
          revision INTEGER NOT NULL,
          createdAt INTEGER NOT NULL,
          updatedAt INTEGER NOT NULL,
          liveSince INTEGER,
          endedAt INTEGER,
          settingsDigest TEXT
        ) STRICT;
        CREATE INDEX show_start ON show (startOrder, id);
        CREATE INDEX show_latest ON show (latestOrder, id);
        CREATE INDEX show_updated ON show (updatedAt, id);
        CREATE INDEX show_state ON show (state, startOrder, id);
        CREATE TABLE member (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          place INTEGER NOT NULL,
          role TEXT NOT NULL,
          languages TEXT NOT NULL,
          PRIMARY KEY (show, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX member_person ON member (person, role);
        CREATE TABLE streamKey (
          id TEXT PRIMARY KEY NOT NULL,
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          role TEXT NOT NULL,
          hash TEXT NOT NULL,
          label TEXT NOT NULL,
          createdAt INTEGER NOT NULL,
          revokedAt INTEGER,
          lastUsedAt INTEGER,
          isFromSettings INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX streamKey_show ON streamKey (show);
        CREATE UNIQUE INDEX streamKey_hash ON streamKey (hash, show) WHERE revokedAt IS NULL;
        """

    private static let logs = """
        CREATE TABLE timeline (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          sequence INTEGER NOT NULL,
          id TEXT NOT NULL,
          showTime INTEGER,
          shopTime INTEGER NOT NULL,
          kind TEXT NOT NULL,
          payload TEXT NOT NULL,
          actor TEXT NOT NULL,
          PRIMARY KEY (show, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE audit (
          id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
          at INTEGER NOT NULL,
          actor TEXT NOT NULL,
          actorName TEXT NOT NULL,
          person TEXT,
          action TEXT NOT NULL,
          subject TEXT NOT NULL,
          details TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_subject ON audit (subject, id);
        CREATE INDEX audit_person ON audit (person, id);
        CREATE INDEX audit_at ON audit (at);
        CREATE TABLE claim (
          scope TEXT NOT NULL,
          claimKey TEXT NOT NULL,
          digest TEXT NOT NULL,
          subject TEXT NOT NULL,
          answer TEXT,
          at INTEGER NOT NULL,
          PRIMARY KEY (scope, claimKey)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX claim_at ON claim (at);
        """
}
