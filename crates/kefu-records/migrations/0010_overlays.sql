-- Corrections of passages, and what versions were made from so that they can be worked on again.

CREATE TABLE overlays (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    passage TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    action TEXT NOT NULL,
    -- The words of an edit, or a JSON list of a pin's phrases.
    value TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

CREATE UNIQUE INDEX overlays_passage
    ON overlays (tenant, document_id, passage, occurrence, action);

-- What became of an overlay in a version; both ends are null when its words are not there.
CREATE TABLE corrections (
    tenant TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    overlay TEXT NOT NULL,
    span_start INTEGER,
    span_end INTEGER,
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;

-- The text before corrections, null when they changed nothing, and its structure.
CREATE TABLE source_texts (
    version INTEGER NOT NULL PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    text TEXT,
    blocks BLOB NOT NULL
) STRICT;
