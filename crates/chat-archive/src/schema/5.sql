-- The name that the owner gave a person, or that of a person who is known by several; NULL: `name`.
-- It follows from the facts and the participants. See people/.
ALTER TABLE participants ADD COLUMN shown TEXT;
CREATE INDEX participants_key ON participants (key);
