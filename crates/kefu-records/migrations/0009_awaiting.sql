-- Chunks that are in the index without their dense vectors, which come later.

CREATE TABLE awaiting (
    tenant TEXT NOT NULL,
    chunk_id BLOB NOT NULL,
    PRIMARY KEY (tenant, chunk_id)
) STRICT, WITHOUT ROWID;
