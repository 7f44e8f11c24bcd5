import GRDB

/// The tables of chats. Instants are Unix milliseconds, lists and objects JSON.
enum ChatTables {
    static func migrateChat(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("chat 1") { try $0.execute(sql: tables) }
    }

    /// `sequence` of a room is that of its last event, also where the event itself is gone; of a message it is that of
    /// the event with which it appeared.
    private static let tables = """
        CREATE TABLE chat_room (
          show TEXT PRIMARY KEY NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          tag TEXT NOT NULL,
          sequence INTEGER NOT NULL,
          mode TEXT NOT NULL,
          revision INTEGER NOT NULL,
          link TEXT,
          pinned TEXT,
          glossary TEXT,
          glossaryRevision INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE chat_message (
          place INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
          id TEXT NOT NULL UNIQUE,
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          sequence INTEGER NOT NULL,
          at INTEGER NOT NULL,
          showTime INTEGER,
          author TEXT NOT NULL,
          name TEXT NOT NULL,
          badge TEXT,
          text TEXT NOT NULL,
          language TEXT,
          replyTo TEXT,
          isQuestion INTEGER NOT NULL,
          isAnswered INTEGER NOT NULL,
          answeredBy TEXT,
          editedAt INTEGER,
          state TEXT NOT NULL CHECK (state IN ('shown', 'held', 'deleted', 'shadowed')),
          heldFor TEXT,
          clientID TEXT
        ) STRICT;
        CREATE INDEX chat_message_show ON chat_message (show);
        CREATE INDEX chat_message_sequence ON chat_message (show, sequence);
        CREATE INDEX chat_message_showTime ON chat_message (show, showTime, sequence) WHERE showTime IS NOT NULL;
        CREATE INDEX chat_message_held ON chat_message (show) WHERE state = 'held';
        CREATE INDEX chat_message_question ON chat_message (show, sequence) WHERE isQuestion;
        CREATE INDEX chat_message_author ON chat_message (author, show);
        CREATE INDEX chat_message_at ON chat_message (at);
        CREATE TABLE chat_event (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          sequence INTEGER NOT NULL,
          at INTEGER NOT NULL,
          kind TEXT NOT NULL,
          message TEXT,
          detail TEXT,
          audience TEXT,
          PRIMARY KEY (show, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX chat_event_at ON chat_event (at);
        CREATE TABLE chat_sanction (
          id TEXT PRIMARY KEY NOT NULL,
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          author TEXT NOT NULL,
          name TEXT NOT NULL,
          kind TEXT NOT NULL,
          reason TEXT NOT NULL,
          at INTEGER NOT NULL,
          until INTEGER,
          actor TEXT NOT NULL,
          liftedAt INTEGER
        ) STRICT;
        CREATE INDEX chat_sanction_show ON chat_sanction (show, at);
        CREATE INDEX chat_sanction_author ON chat_sanction (author);
        CREATE TABLE chat_key (
          name TEXT PRIMARY KEY NOT NULL,
          secret TEXT NOT NULL
        ) STRICT;
        """
}
