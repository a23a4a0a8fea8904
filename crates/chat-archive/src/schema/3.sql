-- Texts by their hash, some of each thread: finds the same chat in another export. See unite/.
CREATE TABLE marks (
    hash        INTEGER NOT NULL,
    message_id  INTEGER NOT NULL,
    thread_id   INTEGER NOT NULL,
    PRIMARY KEY (hash, message_id)
) WITHOUT ROWID;
CREATE INDEX marks_thread ON marks (thread_id, hash);
CREATE INDEX conversations_shown_in ON conversations (shown_in) WHERE shown_in IS NOT NULL;
-- The same person in the thread that leads the conversation.
ALTER TABLE participants ADD COLUMN same_as INTEGER REFERENCES participants (id);
