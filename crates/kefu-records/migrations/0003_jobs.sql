-- Accepted ingest work; the payload is dropped when the job ends.

CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    files TEXT NOT NULL,
    release INTEGER,
    error TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    payload BLOB,
    UNIQUE (tenant, id)
) STRICT;

CREATE INDEX jobs_state ON jobs (tenant, state, seq);
