-- Repairs of a connection: what was found at Stripe, what was done, what was fetched.

CREATE TABLE repairs (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    cause               TEXT NOT NULL CHECK (cause IN ('button', 'api', 'daily')),
    account_id          TEXT REFERENCES accounts (id),
    state               TEXT NOT NULL CHECK (state IN ('running', 'done')),
    outcome             TEXT CHECK (outcome IN ('well', 'mended', 'trouble', 'stopped')),
    -- Which run it is: a run that was overtaken by another can write no more.
    attempt             BIGINT NOT NULL,
    started_at          BIGINT NOT NULL,
    touched_at          BIGINT NOT NULL,
    finished_at         BIGINT,
    events_from         BIGINT,
    fetched             BIGINT NOT NULL,
    recovered           BIGINT NOT NULL,
    -- Whether everything since events_from was fetched.
    complete            BOOLEAN NOT NULL
);
-- One at a time, whichever node it runs on.
CREATE UNIQUE INDEX repairs_running ON repairs (connection_id) WHERE state = 'running';
CREATE INDEX repairs_by_connection ON repairs (connection_id, started_at);

CREATE TABLE repair_lines (
    repair_id           TEXT NOT NULL REFERENCES repairs (id),
    place               BIGINT NOT NULL,
    code                TEXT NOT NULL,
    state               TEXT NOT NULL,
    title               TEXT NOT NULL,
    word                TEXT NOT NULL,
    detail              TEXT NOT NULL,
    quote               TEXT,
    PRIMARY KEY (repair_id, place)
);

-- Comparisons of what Stripe charged with what is known here.

CREATE TABLE reconciliations (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    account_id          TEXT REFERENCES accounts (id),
    state               TEXT NOT NULL CHECK (state IN ('running', 'done')),
    outcome             TEXT CHECK (outcome IN ('complete', 'partial', 'failed')),
    outcome_text        TEXT,
    attempt             BIGINT NOT NULL,
    from_at             BIGINT NOT NULL,
    to_at               BIGINT NOT NULL,
    started_at          BIGINT NOT NULL,
    touched_at          BIGINT NOT NULL,
    finished_at         BIGINT,
    charges             BIGINT NOT NULL,
    calls               BIGINT NOT NULL,
    -- What is missing is fetched before comparing: from when on, and what came.
    take_in_from        BIGINT,
    taken_in            BIGINT NOT NULL,
    has_taken_in        BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX reconciliations_running ON reconciliations (connection_id) WHERE state = 'running';
CREATE INDEX reconciliations_by_connection ON reconciliations (connection_id, started_at);

-- Where the two differ. Amounts are minor units.
CREATE TABLE differences (
    reconciliation_id   TEXT NOT NULL REFERENCES reconciliations (id),
    stripe_id           TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('missed', 'doubled', 'refunded')),
    at                  BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    stripe_amount       BIGINT NOT NULL,
    stripe_refunded     BIGINT NOT NULL,
    our_amount          BIGINT NOT NULL,
    our_refunded        BIGINT NOT NULL,
    payment_id          TEXT,
    PRIMARY KEY (reconciliation_id, stripe_id, kind)
);
