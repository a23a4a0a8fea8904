CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('archive_id', randomblob(16)), ('change_seq', 0);

CREATE TABLE conversations (
    id          INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,
    key         TEXT NOT NULL,
    title       TEXT NOT NULL,
    title_as_of INTEGER NOT NULL,   -- time of the newest message known when the title was seen
    kind        TEXT NOT NULL,
    last_change INTEGER NOT NULL,   -- highest change_seq of anything in the conversation
    UNIQUE (source, key)
);
CREATE INDEX conversations_change ON conversations (last_change);

CREATE TABLE participants (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    key             TEXT NOT NULL,
    name            TEXT NOT NULL,
    UNIQUE (conversation_id, key)
);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    key             BLOB NOT NULL,
    source_id       TEXT,
    sender_id       INTEGER REFERENCES participants (id),
    ts              INTEGER NOT NULL,
    tie             INTEGER NOT NULL,   -- order among messages of the same ts
    precision       TEXT NOT NULL,
    zone            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    text            TEXT NOT NULL,
    reply_to        TEXT,
    forwarded_from  TEXT,
    edited          INTEGER NOT NULL,
    edited_at       INTEGER,
    unsent          INTEGER NOT NULL,
    reactions       TEXT,               -- JSON array
    attachments     INTEGER NOT NULL,   -- how many
    change_seq      INTEGER NOT NULL
);
CREATE UNIQUE INDEX messages_key ON messages (conversation_id, key);
CREATE INDEX messages_time ON messages (conversation_id, ts, tie);
CREATE INDEX messages_change ON messages (conversation_id, change_seq);

CREATE TABLE attachments (
    message_id      INTEGER NOT NULL REFERENCES messages (id),
    ordinal         INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    ts              INTEGER NOT NULL,
    name            TEXT,
    mime            TEXT,
    hash            BLOB,
    size            INTEGER,
    missing         TEXT,
    PRIMARY KEY (message_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX attachments_time ON attachments (conversation_id, ts);
CREATE INDEX attachments_month ON attachments (ts);
CREATE INDEX attachments_hash ON attachments (hash) WHERE hash IS NOT NULL;

-- How many messages lie in each span of 2^level milliseconds: seek by index without a scan.
CREATE TABLE message_counts (
    conversation_id INTEGER NOT NULL,
    level           INTEGER NOT NULL,
    bucket          INTEGER NOT NULL,
    n               INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, level, bucket)
) WITHOUT ROWID;

-- Text is split and folded by the program (see read/words.rs); the words here are plain.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
);
-- Words of new messages are gathered in 16 MiB before they are written and merged (default 1 MiB):
-- an import of a million messages merges a sixteenth as often.
INSERT INTO messages_fts (messages_fts, rank) VALUES ('hashsize', 16777216);
