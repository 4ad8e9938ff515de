-- Conversations, answers, tickets and feedback.

CREATE TABLE conversations (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    customer_id TEXT,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    ticket_id TEXT,
    n_failures INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE turns (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    answer_id TEXT,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, conversation_id) REFERENCES conversations (tenant, id)
) STRICT;

CREATE INDEX turns_conversation ON turns (tenant, conversation_id, seq);

-- What is counted and searched has a column; the rest of a record is JSON in body.
CREATE TABLE answers (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    language TEXT NOT NULL,
    release INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    lane TEXT NOT NULL,
    reason TEXT,
    confidence REAL,
    ticket_id TEXT,
    at_ms INTEGER NOT NULL,
    consent INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, conversation_id) REFERENCES conversations (tenant, id)
) STRICT;

CREATE INDEX answers_conversation ON answers (tenant, conversation_id);
CREATE INDEX answers_at ON answers (tenant, at_ms);

-- urgency counts down: 0 is listed first.
CREATE TABLE tickets (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    queue TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    status TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    assignee TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, conversation_id) REFERENCES conversations (tenant, id)
) STRICT;

CREATE UNIQUE INDEX tickets_open ON tickets (tenant, conversation_id) WHERE status <> 'resolved';
CREATE INDEX tickets_conversation ON tickets (tenant, conversation_id);
CREATE INDEX tickets_listed ON tickets (tenant, urgency, created_at_ms, id);
CREATE INDEX tickets_listed_by_status ON tickets (tenant, status, urgency, created_at_ms, id);

-- Every step of a ticket's life, with what colleagues noted.
CREATE TABLE ticket_steps (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    status TEXT NOT NULL,
    assignee TEXT,
    note TEXT,
    at_ms INTEGER NOT NULL,
    FOREIGN KEY (tenant, ticket_id) REFERENCES tickets (tenant, id)
) STRICT;

CREATE INDEX ticket_steps_ticket ON ticket_steps (tenant, ticket_id, seq);

CREATE TABLE feedback (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    answer_id TEXT NOT NULL,
    rating INTEGER,
    thumbs_up INTEGER,
    reason TEXT,
    comment TEXT,
    at_ms INTEGER NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, answer_id) REFERENCES answers (tenant, id)
) STRICT;

CREATE INDEX feedback_answer ON feedback (tenant, answer_id, seq);
