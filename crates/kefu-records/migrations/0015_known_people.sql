-- What is known of customers, and whether somebody vouched for it. Attributes are a JSON object.

ALTER TABLE conversations ADD COLUMN customer_attributes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE conversations ADD COLUMN customer_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN customer_attributes TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tickets ADD COLUMN customer_verified INTEGER NOT NULL DEFAULT 0;

-- A customer's latest conversation is looked for among the proven ones alone.
DROP INDEX conversations_latest;
CREATE INDEX conversations_latest ON conversations (tenant, customer_id, created_at_ms)
    WHERE customer_id IS NOT NULL AND customer_verified = 1;
CREATE INDEX conversations_customer ON conversations (tenant, customer_id)
    WHERE customer_id IS NOT NULL;

-- Which person at the desk said a turn; known of earlier turns by the step that wrote them.
ALTER TABLE turns ADD COLUMN agent TEXT;

UPDATE turns SET agent = (
    SELECT step.actor FROM tickets AS ticket
    JOIN ticket_steps AS step ON step.tenant = ticket.tenant AND step.ticket_id = ticket.id
    WHERE ticket.tenant = turns.tenant AND ticket.conversation_id = turns.conversation_id
        AND step.action = 'reply' AND step.at_ms = turns.at_ms
    ORDER BY step.seq LIMIT 1
) WHERE speaker = 'agent';

-- What the sender of a step calls it, so that a retry takes no step twice. A reply's name lay at its
-- turn before.
ALTER TABLE ticket_steps ADD COLUMN client_key TEXT;
CREATE INDEX ticket_steps_client_key ON ticket_steps (tenant, client_key)
    WHERE client_key IS NOT NULL;
DROP INDEX turns_client_key;
ALTER TABLE turns DROP COLUMN client_key;

-- Names of questions and what they led to, for a day, so that a retry asks nothing twice.
CREATE TABLE asked (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    answer_id TEXT,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX asked_age ON asked (tenant, at_ms);
CREATE INDEX asked_conversation ON asked (tenant, conversation_id);
