-- What a merchant needs to see what happened, and to mend it.

-- What a person decided about a payment, kept under one of its Stripe ids: merges and late
-- events leave it alone. Without an affiliate it says "not an affiliate sale". Taken back by
-- deleting the row; the audit trail keeps who did what.
CREATE TABLE decisions (
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    stripe_id           TEXT NOT NULL,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT REFERENCES affiliates (id),
    -- Whether it holds for the customer's later payments too.
    later               BOOLEAN NOT NULL,
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    at                  BIGINT NOT NULL,
    PRIMARY KEY (connection_id, stripe_id)
);
CREATE INDEX decisions_by_program ON decisions (program_id);

-- For the inbox of payments without an affiliate, for merged buyers and their candidates.
CREATE INDEX payments_without_affiliate ON payments (program_id, paid_at, id)
    WHERE state = 'paid' AND reason IS NOT NULL;
CREATE INDEX conversions_by_customer ON conversions (customer_id);
CREATE INDEX entries_by_cause ON entries (cause);

-- Tries to read an event that say more than its row: failures and replays, the newest few.
CREATE TABLE inbox_attempts (
    event_id            TEXT NOT NULL,
    number              BIGINT NOT NULL,
    at                  BIGINT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('worker', 'replay')),
    state               TEXT NOT NULL CHECK (state IN ('retrying', 'processed', 'nothing', 'failed')),
    outcome             TEXT NOT NULL,
    outcome_text        TEXT NOT NULL,
    account_id          TEXT,
    PRIMARY KEY (event_id, number)
);

-- Deliveries that were refused: counted by place, hour and reason, so that a flood fills
-- no disk. A place is a connection, `platform` or `nowhere`.
CREATE TABLE refused_hours (
    place               TEXT NOT NULL,
    hour                BIGINT NOT NULL,
    code                TEXT NOT NULL,
    deliveries          BIGINT NOT NULL,
    last_at             BIGINT NOT NULL,
    PRIMARY KEY (place, hour, code)
);

-- A few of them as they came: what they said about themselves, which nobody has checked.
CREATE TABLE refused_samples (
    id                  TEXT PRIMARY KEY,
    place               TEXT NOT NULL,
    code                TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    bytes               BIGINT NOT NULL,
    event_id            TEXT,
    event_type          TEXT,
    account             TEXT,
    livemode            BOOLEAN,
    api_version         TEXT
);
CREATE INDEX refused_samples_by_place ON refused_samples (place, at, id);
