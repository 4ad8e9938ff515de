-- Days on which parts of documents hold.

-- A JSON list of headings with their days.
ALTER TABLE revisions ADD COLUMN sections TEXT NOT NULL DEFAULT '[]';
ALTER TABLE chunks ADD COLUMN valid_from TEXT;
ALTER TABLE chunks ADD COLUMN valid_to TEXT;
UPDATE chunks SET (valid_from, valid_to) = (
    SELECT r.valid_from, r.valid_to
    FROM layout l JOIN versions v ON v.id = l.version JOIN revisions r ON r.id = v.revision
    WHERE l.chunk = chunks.id ORDER BY v.since DESC LIMIT 1
);
