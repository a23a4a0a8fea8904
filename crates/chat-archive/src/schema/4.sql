-- The newest messages of all conversations, for a search that ends when a page is full.
CREATE INDEX messages_newest ON messages (ord, tie) WHERE conversation_id IS NOT NULL;
-- Words are folded in another way since: the index is made anew after this (see schema.rs).
INSERT INTO messages_fts (messages_fts) VALUES ('delete-all');
