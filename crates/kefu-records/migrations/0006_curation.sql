-- Whether a document may answer customers: draft, approved or retired.

ALTER TABLE revisions ADD COLUMN state TEXT NOT NULL DEFAULT 'approved';
