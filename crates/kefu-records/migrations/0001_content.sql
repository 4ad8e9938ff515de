-- Documents, chunks, vectors and releases. A row is seen by release R when since <= R < until.

CREATE TABLE tenants (
    tenant TEXT NOT NULL PRIMARY KEY,
    current_release INTEGER NOT NULL DEFAULT 0,
    build_collection TEXT,
    lease_holder TEXT,
    lease_ends_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    tenant TEXT NOT NULL,
    number INTEGER NOT NULL,
    collection TEXT NOT NULL,
    published_at_ms INTEGER NOT NULL,
    n_documents INTEGER NOT NULL,
    n_chunks INTEGER NOT NULL,
    PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;

-- Text and metadata, once per revision however many intervals show it.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    document_id TEXT NOT NULL,
    revision TEXT NOT NULL,
    answer_start INTEGER,
    answer_end INTEGER,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    url TEXT,
    audiences TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    size_bytes INTEGER NOT NULL,
    UNIQUE (tenant, document_id, revision)
) STRICT;

-- A text in blocks of equal length, so that a passage is cut without reading all of it.
CREATE TABLE texts (
    tenant TEXT NOT NULL,
    revision INTEGER NOT NULL REFERENCES revisions (id) ON DELETE CASCADE,
    block INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (revision, block)
) STRICT;

-- The ingest ledger: which revision a document had in which releases, from where and since when.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    document_id TEXT NOT NULL,
    revision INTEGER NOT NULL REFERENCES revisions (id),
    since INTEGER NOT NULL,
    until INTEGER,
    source TEXT NOT NULL,
    n_chunks INTEGER NOT NULL,
    staged_at_ms INTEGER NOT NULL,
    UNIQUE (tenant, document_id, since)
) STRICT;

CREATE UNIQUE INDEX versions_open ON versions (tenant, document_id) WHERE until IS NULL;
CREATE INDEX versions_revision ON versions (revision);
CREATE INDEX versions_since ON versions (tenant, since);
CREATE INDEX versions_until ON versions (tenant, until) WHERE until IS NOT NULL;

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    chunk_id BLOB NOT NULL,
    document_id TEXT NOT NULL,
    key BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    heading TEXT NOT NULL,
    language TEXT NOT NULL,
    n_tokens INTEGER NOT NULL,
    audiences TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    index_text TEXT NOT NULL,
    sparse BLOB NOT NULL,
    UNIQUE (tenant, chunk_id)
) STRICT;

CREATE INDEX chunks_open ON chunks (tenant, document_id) WHERE until IS NULL;
CREATE INDEX chunks_until ON chunks (tenant, until) WHERE until IS NOT NULL;

-- Where a chunk stands in one version: a kept chunk moves when text before it changes.
CREATE TABLE layout (
    tenant TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    chunk INTEGER NOT NULL REFERENCES chunks (id),
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX layout_chunk ON layout (chunk, version);

CREATE TABLE vectors (
    tenant TEXT NOT NULL,
    embedder TEXT NOT NULL,
    key BLOB NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (tenant, embedder, key)
) STRICT;

-- One row, written to learn whether writing works.
CREATE TABLE health (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    checked_at_ms INTEGER NOT NULL
) STRICT;
