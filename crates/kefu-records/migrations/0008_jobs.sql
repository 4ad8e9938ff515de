-- How far a job is. The payload of a job that failed in part stays, so that it can be run again.

ALTER TABLE jobs ADD COLUMN n_chunks_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN n_chunks INTEGER NOT NULL DEFAULT 0;
