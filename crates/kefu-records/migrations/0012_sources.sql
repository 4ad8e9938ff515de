-- Sources of documents: their last runs, and what web servers said of their pages.

CREATE TABLE source_runs (
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    began_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    release INTEGER,
    n_added INTEGER NOT NULL,
    n_changed INTEGER NOT NULL,
    n_unchanged INTEGER NOT NULL,
    n_removed INTEGER NOT NULL,
    n_withheld INTEGER NOT NULL,
    n_failed INTEGER NOT NULL,
    PRIMARY KEY (tenant, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_pages (
    tenant TEXT NOT NULL,
    source TEXT NOT NULL,
    origin TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    changed_at TEXT,
    stored TEXT NOT NULL,
    PRIMARY KEY (tenant, source, origin)
) STRICT, WITHOUT ROWID;
