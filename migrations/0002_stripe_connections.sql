-- Connections that Honeyguide makes itself: by OAuth, and by a restricted key.

-- Sealed: the restricted key, or the tokens of a Stripe App as JSON. Empty for classic
-- Connect, which needs the account's id only, and in manual mode.
ALTER TABLE connections ADD COLUMN credential TEXT;
ALTER TABLE connections ADD COLUMN credential_last_four TEXT;
-- When the access token of a Stripe App ends, and until when somebody renews it.
ALTER TABLE connections ADD COLUMN token_expires_at BIGINT;
ALTER TABLE connections ADD COLUMN token_leased_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN account_name TEXT;
ALTER TABLE connections ADD COLUMN scope TEXT;
-- Since when it stands as it does: `created_at` is the first time, this the last.
ALTER TABLE connections ADD COLUMN connected_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN connected_by TEXT;
-- Our endpoint on the account (key), as it was when Stripe was last asked.
ALTER TABLE connections ADD COLUMN endpoint_id TEXT;
ALTER TABLE connections ADD COLUMN endpoint_status TEXT;
ALTER TABLE connections ADD COLUMN endpoint_version TEXT;
ALTER TABLE connections ADD COLUMN checked_at BIGINT;
-- What was wrong when it was last used: a stable word, and a sentence for people.
ALTER TABLE connections ADD COLUMN trouble TEXT;
ALTER TABLE connections ADD COLUMN trouble_text TEXT;
-- Events that deliveries had missed and a replay brought.
ALTER TABLE connections ADD COLUMN recovered BIGINT NOT NULL DEFAULT 0;

UPDATE connections SET connected_at = created_at, connected_by = created_by;

-- An account in a mode feeds one program: its events cannot be told apart.
CREATE UNIQUE INDEX connections_by_account ON connections (stripe_account, livemode)
    WHERE state = 'connected' AND stripe_account IS NOT NULL;

-- A way to Stripe's authorize page and back. The state is kept as its hash; it is consumed
-- before the code is exchanged, because a second exchange would revoke the first.
CREATE TABLE oauth_attempts (
    state_hash          TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    livemode            BOOLEAN NOT NULL,
    created_at          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    used_at             BIGINT,
    outcome             TEXT,
    outcome_text        TEXT
);
CREATE INDEX oauth_attempts_by_expiry ON oauth_attempts (expires_at);

-- The platform's own endpoint, one a mode, shared by all OAuth connections.
CREATE TABLE platform_endpoints (
    livemode            BOOLEAN PRIMARY KEY,
    endpoint_id         TEXT NOT NULL,
    url                 TEXT NOT NULL,
    status              TEXT NOT NULL,
    api_version         TEXT,
    checked_at          BIGINT NOT NULL,
    failures            BIGINT NOT NULL,
    last_failure_at     BIGINT,
    last_failure_code   TEXT
);

CREATE TABLE platform_secrets (
    id                  TEXT PRIMARY KEY,
    livemode            BOOLEAN NOT NULL,
    endpoint_id         TEXT NOT NULL,
    sealed              TEXT NOT NULL,
    last_four           TEXT NOT NULL,
    valid_from          BIGINT NOT NULL,
    valid_until         BIGINT
);
CREATE INDEX platform_secrets_by_mode ON platform_secrets (livemode);
