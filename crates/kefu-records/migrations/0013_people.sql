-- Numbers people say, clocks, signals and customers of tickets; agents; replies sent once.

ALTER TABLE tickets ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN customer_id TEXT;
ALTER TABLE tickets ADD COLUMN customer_tier TEXT;
ALTER TABLE tickets ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN problem TEXT;
ALTER TABLE tickets ADD COLUMN intent TEXT;
ALTER TABLE tickets ADD COLUMN sentiment INTEGER;
ALTER TABLE tickets ADD COLUMN sentiment_trend TEXT;
ALTER TABLE tickets ADD COLUMN waiting_since_ms INTEGER;
ALTER TABLE tickets ADD COLUMN first_warn_ms INTEGER;
ALTER TABLE tickets ADD COLUMN first_due_ms INTEGER;
ALTER TABLE tickets ADD COLUMN resolution_warn_ms INTEGER;
ALTER TABLE tickets ADD COLUMN resolution_due_ms INTEGER;
ALTER TABLE tickets ADD COLUMN first_responded_ms INTEGER;
ALTER TABLE tickets ADD COLUMN resolved_ms INTEGER;
-- The next mark of the clocks nobody was told of yet.
ALTER TABLE tickets ADD COLUMN alarm_at_ms INTEGER;

UPDATE tickets SET number = ranked.number FROM (
    SELECT rowid AS place,
        1000 + row_number() OVER (PARTITION BY tenant ORDER BY created_at_ms, id) AS number
    FROM tickets
) AS ranked WHERE ranked.place = tickets.rowid;
UPDATE tickets SET channel = begun.channel, customer_id = begun.customer_id
FROM conversations AS begun
WHERE begun.tenant = tickets.tenant AND begun.id = tickets.conversation_id;
UPDATE tickets SET resolved_ms = updated_at_ms WHERE status = 'resolved';
UPDATE tickets SET waiting_since_ms = created_at_ms WHERE status = 'open';

CREATE UNIQUE INDEX tickets_number ON tickets (tenant, number);
CREATE INDEX tickets_listed_by_queue
    ON tickets (tenant, status, queue, urgency, created_at_ms, id);
CREATE INDEX tickets_listed_by_assignee
    ON tickets (tenant, assignee, urgency, created_at_ms, id) WHERE assignee IS NOT NULL;
CREATE INDEX tickets_claimed ON tickets (tenant, assignee) WHERE status = 'claimed';
CREATE INDEX tickets_alarm ON tickets (tenant, alarm_at_ms) WHERE alarm_at_ms IS NOT NULL;
CREATE INDEX tickets_customer ON tickets (tenant, customer_id) WHERE customer_id IS NOT NULL;

ALTER TABLE conversations ADD COLUMN customer_tier TEXT;

-- What the sender of a turn calls it, so that a retry says nothing twice.
ALTER TABLE turns ADD COLUMN client_key TEXT;
CREATE UNIQUE INDEX turns_client_key
    ON turns (tenant, conversation_id, client_key) WHERE client_key IS NOT NULL;

ALTER TABLE ticket_steps ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_steps ADD COLUMN actor TEXT;

-- Lists are JSON.
CREATE TABLE agents (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    presence TEXT NOT NULL,
    queues TEXT NOT NULL,
    languages TEXT NOT NULL,
    skills TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
