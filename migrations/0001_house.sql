-- One text for SQLite and Postgres: TEXT, BIGINT and BOOLEAN only. Ids are text with a
-- prefix, times are Unix milliseconds, money is minor units beside its currency, rates are
-- basis points. A change comes as a new file; released files never change.

-- People and companies ---------------------------------------------------------------

CREATE TABLE accounts (
    id                  TEXT PRIMARY KEY,
    email               TEXT NOT NULL UNIQUE,
    name                TEXT NOT NULL,
    password_hash       TEXT,
    created_at          BIGINT NOT NULL
);

CREATE TABLE merchants (
    id                  TEXT PRIMARY KEY,
    name                TEXT NOT NULL,
    created_at          BIGINT NOT NULL
);

CREATE TABLE members (
    merchant_id         TEXT NOT NULL REFERENCES merchants (id),
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    role                TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'viewer')),
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id)
);
CREATE INDEX members_by_account ON members (account_id);

-- Links that are sent to a person and work once: set-up, invitation, password.
CREATE TABLE single_use_links (
    token_hash          TEXT PRIMARY KEY,
    purpose             TEXT NOT NULL CHECK (purpose IN ('setup', 'invitation')),
    account_id          TEXT REFERENCES accounts (id),
    expires_at          BIGINT NOT NULL,
    used_at             BIGINT
);

CREATE TABLE sessions (
    id_hash             TEXT PRIMARY KEY,
    account_id          TEXT REFERENCES accounts (id),
    data                TEXT NOT NULL,
    user_agent          TEXT,
    created_at          BIGINT NOT NULL,
    seen_at             BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Sign-in attempts per account and per address. Keys are HMACs, never addresses.
CREATE TABLE attempts (
    subject             TEXT PRIMARY KEY,
    window_start        BIGINT NOT NULL,
    count               BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id                  TEXT PRIMARY KEY,
    merchant_id         TEXT NOT NULL REFERENCES merchants (id),
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    program_id          TEXT,
    key_hash            TEXT NOT NULL UNIQUE,
    last_four           TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    last_used_at        BIGINT,
    revoked_at          BIGINT
);
CREATE INDEX api_keys_by_merchant ON api_keys (merchant_id);

CREATE TABLE idempotency_keys (
    key_id              TEXT NOT NULL REFERENCES api_keys (id),
    idempotency_key     TEXT NOT NULL,
    request_hash        TEXT NOT NULL,
    status              BIGINT,
    body                TEXT,
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (key_id, idempotency_key)
);

-- Programs ---------------------------------------------------------------------------

CREATE TABLE programs (
    id                  TEXT PRIMARY KEY,
    merchant_id         TEXT NOT NULL REFERENCES merchants (id),
    slug                TEXT NOT NULL UNIQUE,
    name                TEXT NOT NULL,
    website             TEXT NOT NULL,
    landing_hosts       TEXT NOT NULL,
    currency            TEXT NOT NULL,
    time_zone           TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    auto_approve        BOOLEAN NOT NULL,
    require_consent     BOOLEAN NOT NULL,
    script_seen_at      BIGINT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX programs_by_merchant ON programs (merchant_id);

CREATE TABLE program_changes (
    program_id          TEXT NOT NULL REFERENCES programs (id),
    at                  BIGINT NOT NULL,
    status              TEXT NOT NULL,
    account_id          TEXT,
    PRIMARY KEY (program_id, at)
);

CREATE TABLE terms (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    version             BIGINT NOT NULL,
    rules               TEXT NOT NULL,
    starts_at           BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    account_id          TEXT,
    UNIQUE (program_id, version)
);

CREATE TABLE affiliates (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    account_id          TEXT REFERENCES accounts (id),
    name                TEXT NOT NULL,
    email               TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('pending', 'active', 'declined', 'suspended')),
    status_reason       TEXT,
    created_at          BIGINT NOT NULL,
    UNIQUE (program_id, email)
);
CREATE INDEX affiliates_by_account ON affiliates (account_id);
CREATE INDEX affiliates_by_program ON affiliates (program_id, id);

CREATE TABLE affiliate_changes (
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    at                  BIGINT NOT NULL,
    status              TEXT NOT NULL,
    reason              TEXT,
    account_id          TEXT,
    PRIMARY KEY (affiliate_id, at)
);

CREATE TABLE links (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    code                TEXT NOT NULL UNIQUE,
    landing_url         TEXT NOT NULL,
    sub_id              TEXT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX links_by_affiliate ON links (affiliate_id, id);
CREATE INDEX links_by_program ON links (program_id, id);

CREATE TABLE coupons (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    promotion_code      TEXT NOT NULL,
    code                TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    UNIQUE (program_id, promotion_code)
);
CREATE INDEX coupons_by_affiliate ON coupons (affiliate_id);

-- Clicks -----------------------------------------------------------------------------
-- The token begins with the time and is the only key: inserts go to the right edge of
-- one index. Program and affiliate come by the link.

CREATE TABLE clicks (
    token               TEXT PRIMARY KEY,
    link_id             TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    landing_url         TEXT NOT NULL,
    referrer_host       TEXT,
    utm                 TEXT,
    sub_id              TEXT,
    device              TEXT NOT NULL,
    bot                 BOOLEAN NOT NULL
);
CREATE INDEX clicks_by_link ON clicks (link_id, token);

CREATE TABLE click_hours (
    program_id          TEXT NOT NULL,
    hour                BIGINT NOT NULL,
    clicks              BIGINT NOT NULL,
    bots                BIGINT NOT NULL,
    PRIMARY KEY (program_id, hour)
);

CREATE TABLE click_days (
    program_id          TEXT NOT NULL,
    day                 BIGINT NOT NULL,
    affiliate_id        TEXT NOT NULL,
    link_id             TEXT NOT NULL,
    clicks              BIGINT NOT NULL,
    bots                BIGINT NOT NULL,
    PRIMARY KEY (program_id, day, affiliate_id, link_id)
);
CREATE INDEX click_days_by_affiliate ON click_days (affiliate_id, day);
CREATE INDEX click_days_by_link ON click_days (link_id, day);

CREATE TABLE leads (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    email               TEXT NOT NULL,
    click_token         TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    UNIQUE (program_id, email, click_token)
);

-- Stripe -----------------------------------------------------------------------------

CREATE TABLE connections (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    mode                TEXT NOT NULL CHECK (mode IN ('oauth', 'key', 'manual')),
    state               TEXT NOT NULL CHECK (state IN ('connected', 'disconnected', 'revoked')),
    endpoint_token      TEXT NOT NULL UNIQUE,
    stripe_account      TEXT,
    livemode            BOOLEAN,
    created_at          BIGINT NOT NULL,
    created_by          TEXT,
    disconnected_at     BIGINT,
    last_event_at       BIGINT,
    failures            BIGINT NOT NULL,
    last_failure_at     BIGINT,
    last_failure_code   TEXT
);
-- One active connection a program.
CREATE UNIQUE INDEX connections_active ON connections (program_id) WHERE state = 'connected';

CREATE TABLE connection_secrets (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    sealed              TEXT NOT NULL,
    last_four           TEXT NOT NULL,
    valid_from          BIGINT NOT NULL,
    valid_until         BIGINT
);
CREATE INDEX connection_secrets_by_connection ON connection_secrets (connection_id);

-- What Stripe sent, before it is understood. `body` is the text as received; a body that
-- is not UTF-8 is kept in base64.
CREATE TABLE inbox (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    event_id            TEXT NOT NULL,
    event_type          TEXT NOT NULL,
    account             TEXT,
    livemode            BOOLEAN,
    api_version         TEXT,
    event_created_at    BIGINT NOT NULL,
    received_at         BIGINT NOT NULL,
    source              TEXT NOT NULL CHECK (source IN ('webhook', 'replay')),
    body                TEXT NOT NULL,
    body_encoding       TEXT NOT NULL CHECK (body_encoding IN ('utf8', 'base64')),
    state               TEXT NOT NULL CHECK (state IN ('received', 'processed', 'nothing', 'failed')),
    outcome             TEXT,
    outcome_text        TEXT,
    about               TEXT,
    attempts            BIGINT NOT NULL,
    processed_at        BIGINT,
    UNIQUE (connection_id, event_id)
);
CREATE INDEX inbox_by_time ON inbox (connection_id, received_at, id);
CREATE INDEX inbox_by_object ON inbox (connection_id, about);
CREATE INDEX inbox_unprocessed ON inbox (connection_id, received_at) WHERE state = 'received';

CREATE TABLE jobs (
    id                  TEXT PRIMARY KEY,
    kind                TEXT NOT NULL,
    payload             TEXT NOT NULL,
    dedupe_key          TEXT UNIQUE,
    run_at              BIGINT NOT NULL,
    leased_until        BIGINT NOT NULL,
    attempts            BIGINT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('waiting', 'dead')),
    last_error          TEXT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE status = 'waiting';

-- Buyers, payments, money ------------------------------------------------------------

CREATE TABLE customers (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    program_id          TEXT NOT NULL REFERENCES programs (id),
    stripe_customer     TEXT,
    email               TEXT,
    affiliate_id        TEXT REFERENCES affiliates (id),
    bound_at            BIGINT,
    bound_by            TEXT,
    bound_click         TEXT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX customers_by_program ON customers (program_id, id);

-- Every address that was seen of a buyer, for leads that are reported after the payment.
CREATE TABLE customer_emails (
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    program_id          TEXT NOT NULL,
    email               TEXT NOT NULL,
    PRIMARY KEY (customer_id, email)
);
CREATE INDEX customer_emails_by_email ON customer_emails (program_id, email);

-- Every Stripe id that was seen, and the buyer it belongs to.
CREATE TABLE stripe_ids (
    connection_id       TEXT NOT NULL,
    stripe_id           TEXT NOT NULL,
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    payment_id          TEXT,
    PRIMARY KEY (connection_id, stripe_id)
);
CREATE INDEX stripe_ids_by_customer ON stripe_ids (customer_id);
CREATE INDEX stripe_ids_by_payment ON stripe_ids (payment_id);

-- What events said, kept when their raw bytes are gone.
CREATE TABLE facts (
    connection_id       TEXT NOT NULL,
    event_id            TEXT NOT NULL,
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    facts               TEXT NOT NULL,
    PRIMARY KEY (connection_id, event_id)
);
CREATE INDEX facts_by_customer ON facts (customer_id);

CREATE TABLE payments (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    kind                TEXT NOT NULL,
    stripe_id           TEXT NOT NULL,
    state               TEXT NOT NULL CHECK (state IN ('paid', 'waiting', 'failed', 'free', 'merged')),
    currency            TEXT,
    gross               BIGINT NOT NULL,
    base                BIGINT NOT NULL,
    captured            BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    disputed            BIGINT NOT NULL,
    dispute_open        BOOLEAN NOT NULL,
    paid_at             BIGINT NOT NULL,
    subscription        TEXT,
    billing_reason      TEXT,
    label               TEXT,
    email               TEXT,
    number              BIGINT NOT NULL,
    proofs              TEXT NOT NULL,
    reason              TEXT,
    reason_text         TEXT,
    look_again_at       BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX payments_by_program ON payments (program_id, paid_at, id);
CREATE INDEX payments_by_customer ON payments (customer_id);

CREATE TABLE conversions (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    payment_id          TEXT NOT NULL UNIQUE REFERENCES payments (id),
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    link_id             TEXT,
    terms_id            TEXT NOT NULL REFERENCES terms (id),
    method              TEXT NOT NULL,
    click_token         TEXT,
    currency            TEXT NOT NULL,
    number              BIGINT NOT NULL,
    amount              BIGINT NOT NULL,
    base                BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    commission_currency TEXT NOT NULL,
    commission          BIGINT NOT NULL,
    reversed            BIGINT NOT NULL,
    dispute_open        BOOLEAN NOT NULL,
    disputed            BIGINT NOT NULL,
    canceled            BOOLEAN NOT NULL,
    hold_until          BIGINT NOT NULL,
    paid_at             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    CHECK (reversed >= 0 AND reversed <= commission)
);
CREATE INDEX conversions_by_program ON conversions (program_id, paid_at, id);
CREATE INDEX conversions_by_affiliate ON conversions (affiliate_id, paid_at, id);

-- The ledger. Rows are only ever added.
CREATE TABLE entries (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    conversion_id       TEXT NOT NULL REFERENCES conversions (id),
    sequence            BIGINT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('earn', 'adjust', 'reverse', 'restore')),
    amount              BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    cause               TEXT NOT NULL,
    cause_type          TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    previous_hash       TEXT NOT NULL,
    hash                TEXT NOT NULL,
    UNIQUE (affiliate_id, sequence),
    UNIQUE (conversion_id, affiliate_id, currency, kind, cause)
);
CREATE INDEX entries_by_program ON entries (program_id, id);

-- Sums that pages read, kept in the transaction of the facts.
CREATE TABLE conversion_hours (
    program_id          TEXT NOT NULL,
    hour                BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    conversions         BIGINT NOT NULL,
    first_payments      BIGINT NOT NULL,
    revenue             BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    commission          BIGINT NOT NULL,
    PRIMARY KEY (program_id, hour, currency)
);

CREATE TABLE conversion_days (
    program_id          TEXT NOT NULL,
    day                 BIGINT NOT NULL,
    affiliate_id        TEXT NOT NULL,
    link_id             TEXT NOT NULL,
    currency            TEXT NOT NULL,
    conversions         BIGINT NOT NULL,
    first_payments      BIGINT NOT NULL,
    revenue             BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    commission          BIGINT NOT NULL,
    PRIMARY KEY (program_id, day, affiliate_id, link_id, currency)
);
CREATE INDEX conversion_days_by_affiliate ON conversion_days (affiliate_id, day);

CREATE TABLE audit (
    id                  TEXT PRIMARY KEY,
    merchant_id         TEXT,
    program_id          TEXT,
    account_id          TEXT,
    at                  BIGINT NOT NULL,
    action              TEXT NOT NULL,
    subject             TEXT NOT NULL,
    detail              TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_program ON audit (program_id, id);

CREATE TABLE settings (
    name                TEXT PRIMARY KEY,
    value               TEXT NOT NULL
);
