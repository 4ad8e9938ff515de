-- Events on their way to other programs, lessons of the desk, and ties to other programs.

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    ticket_id TEXT,
    -- The ticket as it was then; null without one.
    status TEXT,
    queue TEXT,
    assignee TEXT,
    turn_id TEXT,
    at_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    n_attempts INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL,
    http_status INTEGER,
    fault TEXT,
    tried_at_ms INTEGER,
    UNIQUE (tenant, id),
    UNIQUE (tenant, endpoint, event_id)
) STRICT;

CREATE INDEX outbox_pending ON outbox (tenant, endpoint, seq) WHERE state = 'pending';
CREATE INDEX outbox_order ON outbox (tenant, endpoint, conversation_id, seq)
    WHERE state = 'pending';
CREATE INDEX outbox_delivered ON outbox (tenant, tried_at_ms) WHERE state = 'delivered';

CREATE TABLE lessons (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    language TEXT NOT NULL,
    document_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, ticket_id, document_id),
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id)
) STRICT;

CREATE INDEX tickets_resolved ON tickets (tenant, updated_at_ms, id) WHERE status = 'resolved';

CREATE TABLE links (
    tenant TEXT NOT NULL,
    place TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, place, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_conversation ON links (tenant, conversation_id, at_ms);

CREATE TABLE inbound (
    tenant TEXT NOT NULL,
    place TEXT NOT NULL,
    message_id TEXT NOT NULL,
    claimed_at_ms INTEGER NOT NULL,
    done INTEGER NOT NULL,
    PRIMARY KEY (tenant, place, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX inbound_age ON inbound (tenant, claimed_at_ms);
CREATE INDEX conversations_latest ON conversations (tenant, customer_id, created_at_ms)
    WHERE customer_id IS NOT NULL;
