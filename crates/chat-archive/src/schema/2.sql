-- Messages, rebuilt. A message belongs to a thread (one chat as one source wrote it) and is shown in
-- a conversation, which may unite threads.
CREATE TABLE messages_2 (
    id              INTEGER PRIMARY KEY,
    thread_id       INTEGER NOT NULL REFERENCES conversations (id),
    conversation_id INTEGER REFERENCES conversations (id),  -- NULL: another thread's copy is shown
    key             BLOB NOT NULL,
    source_id       TEXT,
    sender_id       INTEGER REFERENCES participants (id),
    ts              INTEGER NOT NULL,   -- as the thread's clock had it
    ord             INTEGER NOT NULL,   -- time to sort by: never before the message above it
    tie             INTEGER NOT NULL,   -- order among messages of the same ord
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
    earlier         TEXT,               -- JSON array: earlier wordings, oldest first
    details         TEXT,               -- JSON object: what few messages have
    twin_of         INTEGER,            -- the shown copy
    twins           INTEGER NOT NULL DEFAULT 0, -- how many copies are not shown
    shift           INTEGER NOT NULL DEFAULT 0, -- ms from the thread's clock to the conversation's
    change_seq      INTEGER NOT NULL
);
INSERT INTO messages_2 (id, thread_id, conversation_id, key, source_id, sender_id, ts, ord, tie, precision, zone,
        kind, text, reply_to, forwarded_from, edited, edited_at, unsent, reactions, attachments, change_seq)
    SELECT id, conversation_id, conversation_id, key, source_id, sender_id, ts, ts, tie, precision, zone,
        kind, text, reply_to, forwarded_from, edited, edited_at, unsent, reactions, attachments, change_seq
    FROM messages;

CREATE TABLE attachments_2 (
    message_id      INTEGER NOT NULL REFERENCES messages_2 (id),
    ordinal         INTEGER NOT NULL,
    conversation_id INTEGER,            -- as its message's
    ts              INTEGER NOT NULL,
    name            TEXT,
    mime            TEXT,
    hash            BLOB,
    size            INTEGER,
    missing         TEXT,
    PRIMARY KEY (message_id, ordinal)
) WITHOUT ROWID;
INSERT INTO attachments_2 SELECT * FROM attachments;

-- The old attachments go first: they refer to the old messages.
DROP TABLE attachments;
DROP TABLE messages;
ALTER TABLE messages_2 RENAME TO messages;
ALTER TABLE attachments_2 RENAME TO attachments;
CREATE UNIQUE INDEX messages_key ON messages (thread_id, key);
CREATE INDEX messages_order ON messages (conversation_id, ord, tie);
CREATE INDEX messages_change ON messages (thread_id, change_seq);
CREATE INDEX messages_twin ON messages (twin_of) WHERE twin_of IS NOT NULL;
CREATE INDEX attachments_time ON attachments (conversation_id, ts);
CREATE INDEX attachments_month ON attachments (ts);
CREATE INDEX attachments_hash ON attachments (hash) WHERE hash IS NOT NULL;

-- The conversation that a thread is united with; NULL: it is shown as one of its own.
ALTER TABLE conversations ADD COLUMN shown_in INTEGER REFERENCES conversations (id);
-- 1: this is the owner of the archive; 0: somebody else; NULL: nobody said. `told` is what the source
-- said, `own` what holds after the owner was asked. See own.rs.
ALTER TABLE participants ADD COLUMN told INTEGER;
ALTER TABLE participants ADD COLUMN own INTEGER;

-- What is known beside messages: what no importer understood, files that no message names, the
-- exports that were read, who the owner is. See facts/mod.rs.
CREATE TABLE facts (
    key             BLOB PRIMARY KEY,   -- 16 bytes, from what the fact is about
    thread_id       INTEGER REFERENCES conversations (id),  -- NULL: of the whole archive
    kind            TEXT NOT NULL,
    as_of           INTEGER NOT NULL,   -- ms; the newer of two wins
    json            TEXT NOT NULL,
    name            TEXT,               -- what it is looked up by, if anything
    hash            BLOB,               -- content in the media vault
    size            INTEGER,
    change_seq      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX facts_kind ON facts (kind, thread_id, name);
CREATE INDEX facts_change ON facts (thread_id, change_seq);
