BEGIN TRANSACTION;
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
INSERT INTO "audit" VALUES(1,1790000000000,'commandLine','command line',NULL,'person.create','person:p0123456789ab','{"isDisabled":false,"isOperator":true,"login":"ada","name":"Ada"}');
CREATE TABLE claim (
          scope TEXT NOT NULL,
          claimKey TEXT NOT NULL,
          digest TEXT NOT NULL,
          subject TEXT NOT NULL,
          answer TEXT,
          at INTEGER NOT NULL,
          PRIMARY KEY (scope, claimKey)
        ) STRICT, WITHOUT ROWID;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1 people');
INSERT INTO "grdb_migrations" VALUES('2 shows');
INSERT INTO "grdb_migrations" VALUES('3 logs');
CREATE TABLE invitation (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          hash TEXT NOT NULL UNIQUE,
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER NOT NULL,
          usedAt INTEGER
        ) STRICT;
CREATE TABLE member (
          show TEXT NOT NULL REFERENCES show (id) ON DELETE CASCADE,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          place INTEGER NOT NULL,
          role TEXT NOT NULL,
          languages TEXT NOT NULL,
          PRIMARY KEY (show, person)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "member" VALUES('evening','p0123456789ab',0,'host','[]');
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
INSERT INTO "person" VALUES('p0123456789ab','Ada','ada','de',1,1790000000000,NULL,'$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
CREATE TABLE session (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
          csrf TEXT NOT NULL,
          createdAt INTEGER NOT NULL,
          expiresAt INTEGER NOT NULL,
          lastSeenAt INTEGER NOT NULL,
          userAgent TEXT NOT NULL
        ) STRICT;
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
INSERT INTO "show" VALUES('evening',NULL,'live','public',1790003600000,1790003600000,1790003700000,'{"descriptions":{},"embedOrigins":[],"encrypt":"none","hosts":[],"language":"en","lengthMinutes":60,"profile":"balanced","rehearsal":true,"source":true,"start":"2026-09-21T15:33:20.000Z","startsWithFeed":false,"tags":["tea"],"titles":{"en":"Evening","zh-Hans":"晚间"},"visibility":"public","zone":"Europe/Berlin"}','evening
evening
tea',NULL,NULL,NULL,2,1790000000000,1790003700000,1790003700000,NULL,NULL);
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
INSERT INTO "streamKey" VALUES('k0123456789ab','evening','primary','ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100','',1790000000000,NULL,NULL,0);
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
INSERT INTO "timeline" VALUES('evening',1,'4f6c2f5e-0000-4000-8000-000000000001',NULL,1790000000000,'state','{"event":"create","from":null,"to":"scheduled"}','person:p0123456789ab');
INSERT INTO "timeline" VALUES('evening',2,'4f6c2f5e-0000-4000-8000-000000000002',NULL,1790003700000,'state','{"event":"goLive","from":"scheduled","to":"live"}','server');
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
INSERT INTO "token" VALUES('t0123456789ab','p0123456789ab','00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff','command line','["all"]',1790000000000,NULL,NULL);
CREATE INDEX person_name ON person (name COLLATE NOCASE, id);
CREATE INDEX session_person ON session (person);
CREATE INDEX token_person ON token (person);
CREATE INDEX invitation_person ON invitation (person);
CREATE INDEX show_start ON show (startOrder, id);
CREATE INDEX show_latest ON show (latestOrder, id);
CREATE INDEX show_updated ON show (updatedAt, id);
CREATE INDEX show_state ON show (state, startOrder, id);
CREATE INDEX member_person ON member (person, role);
CREATE INDEX streamKey_show ON streamKey (show);
CREATE UNIQUE INDEX streamKey_hash ON streamKey (hash, show) WHERE revokedAt IS NULL;
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_person ON audit (person, id);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX claim_at ON claim (at);
COMMIT;
