-- What a named step asked for, so that its name is not taken for another one. Not known of earlier ones.
ALTER TABLE ticket_steps ADD COLUMN client_fingerprint TEXT;
