-- What cleaning left out of a document's chunks, and under which rules and settings.

ALTER TABLE versions ADD COLUMN cleaning TEXT NOT NULL DEFAULT '';

CREATE TABLE removals (
    tenant TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (version, span_start)
) STRICT, WITHOUT ROWID;
