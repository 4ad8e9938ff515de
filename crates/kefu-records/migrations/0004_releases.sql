-- Moving the release pointer, what the index has yet to be told, and what was abandoned.

ALTER TABLE tenants ADD COLUMN current_collection TEXT;
-- The release that staged rows are based on.
ALTER TABLE tenants ADD COLUMN build_base INTEGER NOT NULL DEFAULT 0;
-- 1 from the moment that a release is collected to the moment that its rows are gone.
ALTER TABLE tenants ADD COLUMN collecting INTEGER NOT NULL DEFAULT 0;
UPDATE tenants SET build_base = current_release, current_collection = (
    SELECT r.collection FROM releases r
    WHERE r.tenant = tenants.tenant AND r.number = tenants.current_release
);

-- Collected releases have no row.
ALTER TABLE releases ADD COLUMN state TEXT NOT NULL DEFAULT 'published';

-- 1 from the moment that `until` changes to the moment that the index was told.
ALTER TABLE chunks ADD COLUMN drifted INTEGER NOT NULL DEFAULT 0;
UPDATE chunks SET drifted = 1 WHERE until > (
    SELECT t.current_release FROM tenants t WHERE t.tenant = chunks.tenant
);

CREATE INDEX chunks_drifted ON chunks (tenant, chunk_id) WHERE drifted = 1;
CREATE INDEX chunks_since ON chunks (tenant, since);
CREATE INDEX chunks_text ON chunks (tenant, text_hash);

-- Points that the index may hold and that no row of chunks knows.
CREATE TABLE strays (
    tenant TEXT NOT NULL,
    chunk_id BLOB NOT NULL,
    PRIMARY KEY (tenant, chunk_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pointer_moves (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    previous INTEGER NOT NULL,
    release INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX pointer_moves_at ON pointer_moves (tenant, at_ms);
