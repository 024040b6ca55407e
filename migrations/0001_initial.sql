-- The whole database, one text for SQLite and Postgres.
--
-- Types are TEXT, BIGINT, BOOLEAN and, for files, BYTEA only. Ids are text with a prefix (crates/domain/src/ids.rs),
-- times are Unix milliseconds (`_at`), hours and days are counted since 1970 in UTC, money is
-- minor units beside its currency, rates are basis points. A change comes as a new file; files
-- that are released never change.

-- Accounts and companies ----------------------------------------------------------------------

-- A person who can sign in, on whichever side.
CREATE TABLE accounts (
    id                  TEXT PRIMARY KEY,
    email               TEXT NOT NULL UNIQUE,
    name                TEXT NOT NULL,
    password_hash       TEXT,
    created_at          BIGINT NOT NULL
);

-- A company that runs programs.
CREATE TABLE merchants (
    id                  TEXT PRIMARY KEY,
    name                TEXT NOT NULL,
    -- Whether its members must use two-step sign-in.
    require_two_step    BOOLEAN NOT NULL DEFAULT FALSE,
    created_at          BIGINT NOT NULL
);

-- Who belongs to a company, and what they may do there.
CREATE TABLE members (
    merchant_id         TEXT NOT NULL REFERENCES merchants (id),
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    role                TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'viewer')),
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id)
);
CREATE INDEX members_by_account ON members (account_id);

-- The authenticator app of an account with two-step sign-in. Without `confirmed_at` it is being
-- set up, and no code is asked for.
CREATE TABLE authenticators (
    account_id          TEXT PRIMARY KEY REFERENCES accounts (id),
    -- The key that its codes are made with, sealed.
    secret              TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    confirmed_at        BIGINT,
    -- The newest half minute since 1970 whose code was accepted: it and older ones no longer are.
    last_step           BIGINT NOT NULL
);

-- Codes for who has lost the app, as hashes. A row is deleted when its code is used.
CREATE TABLE recovery_codes (
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    code_hash           TEXT NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

-- Links that are sent to a person and work once. A row has no secret: the token in a link is
-- derived from the id with the installation's key.
CREATE TABLE single_use_links (
    id                  TEXT PRIMARY KEY,
    purpose             TEXT NOT NULL CHECK (purpose IN ('setup', 'invitation', 'password', 'application',
                                                              'sign_in', 'confirm_email', 'undo_email')),
    account_id          TEXT REFERENCES accounts (id),
    -- The affiliate that an invitation is for.
    affiliate_id        TEXT,
    -- The application whose address it confirms.
    application_id      TEXT,
    -- The change of an account's address that it confirms or undoes.
    email_change_id     TEXT,
    expires_at          BIGINT NOT NULL,
    used_at             BIGINT
);
CREATE INDEX single_use_links_by_account ON single_use_links (account_id);
CREATE INDEX single_use_links_by_expiry ON single_use_links (expires_at);

-- Changes of the address that an account signs in with. One holds after it was confirmed from the
-- new mailbox, and can be undone from the old one for some days.
CREATE TABLE email_changes (
    id                  TEXT PRIMARY KEY,
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    from_email          TEXT NOT NULL,
    to_email            TEXT NOT NULL,
    requested_at        BIGINT NOT NULL,
    confirmed_at        BIGINT,
    -- When it was undone, or a later one took its place before it was confirmed.
    ended_at            BIGINT
);
CREATE INDEX email_changes_by_time ON email_changes (requested_at);
CREATE INDEX email_changes_by_account ON email_changes (account_id, requested_at);
-- An address stays with its account for as long as the change can be undone.
CREATE INDEX email_changes_by_old_address ON email_changes (from_email, confirmed_at)
    WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;

-- Browsers that are signed in. The id is kept as its hash, the data encrypted: they may have
-- a new API key that waits to be shown.
CREATE TABLE sessions (
    id_hash             TEXT PRIMARY KEY,
    account_id          TEXT REFERENCES accounts (id),
    data                TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    seen_at             BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, seen_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Attempts to sign in or to get a link, per account, network and device. Subjects are HMACs,
-- never addresses.
CREATE TABLE attempts (
    subject             TEXT PRIMARY KEY,
    window_start        BIGINT NOT NULL,
    count               BIGINT NOT NULL
);

-- Keys of the API, as hashes.
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

-- Requests that were made with an Idempotency-Key, and their responses for a day.
CREATE TABLE idempotency_keys (
    key_id              TEXT NOT NULL REFERENCES api_keys (id),
    idempotency_key     TEXT NOT NULL,
    request_hash        TEXT NOT NULL,
    status              BIGINT,
    body                TEXT,
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (key_id, idempotency_key)
);

-- Programs ------------------------------------------------------------------------------------

-- An affiliate program.
CREATE TABLE programs (
    id                  TEXT PRIMARY KEY,
    merchant_id         TEXT NOT NULL REFERENCES merchants (id),
    slug                TEXT NOT NULL UNIQUE,
    name                TEXT NOT NULL,
    website             TEXT NOT NULL,
    -- The website's host and further ones, as a JSON list.
    allowed_domains     TEXT NOT NULL,
    currency            TEXT NOT NULL,
    time_zone           TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    auto_approve        BOOLEAN NOT NULL,
    require_consent     BOOLEAN NOT NULL,
    -- Whether visitors whose browser sends Global Privacy Control are left alone.
    respect_gpc         BOOLEAN NOT NULL,
    -- What becomes of leads that only a page vouches for.
    browser_leads       TEXT NOT NULL CHECK (browser_leads IN ('count', 'review', 'off')),
    -- Which of its secrets signs leads: a new number is a new secret.
    lead_secret_version BIGINT NOT NULL DEFAULT 1,
    script_seen_at      BIGINT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX programs_by_merchant ON programs (merchant_id);

-- The history of a program's status: a payment is judged by the status at its time.
CREATE TABLE program_changes (
    program_id          TEXT NOT NULL REFERENCES programs (id),
    at                  BIGINT NOT NULL,
    status              TEXT NOT NULL,
    account_id          TEXT,
    PRIMARY KEY (program_id, at)
);

-- Versions of a program's terms. Rows are only ever added; `terms` is JSON.
CREATE TABLE terms (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    version             BIGINT NOT NULL,
    terms               TEXT NOT NULL,
    starts_at           BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    account_id          TEXT,
    UNIQUE (program_id, version)
);

-- A person or company in a program.
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
CREATE INDEX affiliates_by_status ON affiliates (program_id, status, id);

-- The history of an affiliate's status.
CREATE TABLE affiliate_changes (
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    at                  BIGINT NOT NULL,
    status              TEXT NOT NULL,
    reason              TEXT,
    account_id          TEXT,
    PRIMARY KEY (affiliate_id, at)
);

-- Tracking links: /r/{code}.
CREATE TABLE links (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    code                TEXT NOT NULL UNIQUE,
    destination_url     TEXT NOT NULL,
    placement           TEXT,
    created_at          BIGINT NOT NULL,
    -- When its affiliate put it away. It still leads to its destination, and its clicks count.
    archived_at         BIGINT
);
CREATE INDEX links_by_affiliate ON links (affiliate_id, id);
CREATE INDEX links_by_program ON links (program_id, id);

-- Stripe promotion codes that belong to affiliates.
CREATE TABLE coupons (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    promotion_code      TEXT NOT NULL,
    code                TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    -- Payments until then are still credited.
    removed_at          BIGINT,
    -- Its latest status at Stripe: its coupon, why buyers cannot use it, when it expires, and
    -- the time of that status.
    coupon              TEXT,
    problem             TEXT CHECK (problem IN ('coupon_ended', 'used_up', 'expired', 'inactive', 'missing')),
    expires_at          BIGINT,
    seen_at             BIGINT
);
-- A code belongs to one affiliate at a time.
CREATE UNIQUE INDEX coupons_in_use ON coupons (program_id, promotion_code) WHERE removed_at IS NULL;
CREATE INDEX coupons_by_code ON coupons (program_id, promotion_code, created_at);
CREATE INDEX coupons_by_coupon ON coupons (program_id, coupon);
CREATE INDEX coupons_by_affiliate ON coupons (affiliate_id);
-- Codes that Stripe is still to be asked about.
CREATE INDEX coupons_unseen ON coupons (program_id, id) WHERE seen_at IS NULL AND removed_at IS NULL;

-- Words by which affiliates, links and promotion codes are found. `stem` is the beginning of the
-- word that an index leads to: comparing it for equality is the same in every order of sorting.
CREATE TABLE search_words (
    program_id          TEXT NOT NULL REFERENCES programs (id),
    stem                TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('affiliate', 'link', 'promotion_code')),
    word                TEXT NOT NULL,
    target_id           TEXT NOT NULL,
    PRIMARY KEY (program_id, stem, kind, word, target_id)
);

-- Joining -------------------------------------------------------------------------------------

-- A program's public page, where people apply. No row: the page is off.
CREATE TABLE join_pages (
    program_id          TEXT PRIMARY KEY REFERENCES programs (id),
    is_on               BOOLEAN NOT NULL,
    -- The accent color, `#17605a`.
    color               TEXT,
    introduction        TEXT NOT NULL,
    -- The company's own questions to applicants, as a JSON list.
    questions           TEXT NOT NULL DEFAULT '[]',
    -- The logo, one of `files`.
    logo_id             TEXT
);

-- Applications of people who want to join.
CREATE TABLE applications (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    email               TEXT NOT NULL,
    name                TEXT NOT NULL,
    -- Where the applicant publishes: an address, or words.
    website             TEXT,
    promotion           TEXT NOT NULL,
    -- The answers to the company's own questions, each with the question as it was asked: JSON.
    answers             TEXT NOT NULL,
    -- The version of the terms that the applicant accepted, and when.
    terms_id            TEXT NOT NULL REFERENCES terms (id),
    accepted_at         BIGINT NOT NULL,
    confirmed_at        BIGINT,
    status              TEXT NOT NULL CHECK (status IN ('unconfirmed', 'pending', 'approved', 'declined')),
    -- Why it was declined; the applicant can read it.
    reason              TEXT,
    decided_at          BIGINT,
    -- The person who decided; none where the program approves at once.
    decided_by          TEXT,
    -- The affiliate that the applicant became.
    affiliate_id        TEXT REFERENCES affiliates (id),
    -- The invitation link that the applicant came by.
    invitation_link_id  TEXT
);
CREATE INDEX applications_by_status ON applications (program_id, status, accepted_at, id);
CREATE INDEX applications_by_email ON applications (program_id, email, accepted_at);
CREATE INDEX applications_to_delete ON applications (accepted_at) WHERE status = 'unconfirmed';

-- Files that companies uploaded. One is seen by others once it is complete.
CREATE TABLE files (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    purpose             TEXT NOT NULL CHECK (purpose IN ('logo', 'resource')),
    name                TEXT NOT NULL,
    -- Read from the content.
    file_type           TEXT NOT NULL CHECK (file_type IN ('png', 'jpeg', 'webp', 'pdf', 'zip')),
    size                BIGINT NOT NULL,
    sha256              TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    created_by          TEXT,
    completed_at        BIGINT
);
CREATE INDEX files_by_program ON files (program_id, completed_at);
CREATE INDEX files_to_delete ON files (created_at) WHERE completed_at IS NULL;

-- Their content, in pieces of 256 KiB.
CREATE TABLE file_pieces (
    file_id             TEXT NOT NULL REFERENCES files (id),
    number              BIGINT NOT NULL,
    bytes               BYTEA NOT NULL,
    PRIMARY KEY (file_id, number)
);

-- What companies give their affiliates: files to download, and texts to copy.
CREATE TABLE resources (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    kind                TEXT NOT NULL CHECK (kind IN ('file', 'text')),
    -- Of a file: its name.
    title               TEXT NOT NULL,
    -- With places for the affiliate's link and code.
    text                TEXT,
    file_id             TEXT REFERENCES files (id),
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    created_by          TEXT,
    UNIQUE (program_id, kind, title)
);
CREATE INDEX resources_by_program ON resources (program_id, id);

-- People who were invited to a program by mail.
CREATE TABLE invitations (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    email               TEXT NOT NULL,
    name                TEXT,
    -- The code of their first link, where the company chose one.
    code                TEXT,
    created_at          BIGINT NOT NULL,
    created_by          TEXT,
    -- When it was last mailed, and until when it works.
    sent_at             BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    revoked_at          BIGINT,
    accepted_at         BIGINT,
    -- The version of the terms that the person accepted, and the affiliate that they became.
    terms_id            TEXT REFERENCES terms (id),
    affiliate_id        TEXT REFERENCES affiliates (id)
);
CREATE INDEX invitations_by_program ON invitations (program_id, created_at, id);
CREATE INDEX invitations_by_email ON invitations (program_id, email);

-- Links by which people join a program without a decision, as many as the link allows.
CREATE TABLE invitation_links (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    label               TEXT NOT NULL,
    most_uses           BIGINT NOT NULL,
    uses                BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    created_by          TEXT,
    expires_at          BIGINT NOT NULL,
    revoked_at          BIGINT
);
CREATE INDEX invitation_links_by_program ON invitation_links (program_id, created_at, id);

-- Clicks and leads ----------------------------------------------------------------------------

-- Clicks. The token begins with the time and is the only key, so that inserts go to the right
-- edge of each index. Program and affiliate are the link's, for their lists.
CREATE TABLE clicks (
    token               TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL,
    affiliate_id        TEXT NOT NULL,
    link_id             TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    -- Without query and fragment: other parameters than these may name people.
    landing_url         TEXT NOT NULL,
    referrer_host       TEXT,
    utm_source          TEXT,
    utm_medium          TEXT,
    utm_campaign        TEXT,
    placement           TEXT,
    -- Two letters, where the proxy in front tells them: a hint, never evidence.
    country             TEXT,
    device              TEXT NOT NULL,
    bot                 BOOLEAN NOT NULL,
    -- HMACs under the key of the day: of network and browser, and of the network alone. Empty
    -- where the proxy in front does not tell the visitor's address.
    visitor             TEXT,
    network             TEXT
);
CREATE INDEX clicks_by_program ON clicks (program_id, token);
CREATE INDEX clicks_by_affiliate ON clicks (affiliate_id, token);

-- Sums of the clicks that count, of a program and of each affiliate, and all clicks of a link. A
-- bucket is a part of a day in UTC: `size` is its length in quarters of an hour and `part` its place
-- in the day. Days of every time zone begin at a quarter. 96 is a day, 4 an hour (programs only),
-- 1 a quarter, and 0 is the sum of all time (links only).
CREATE TABLE click_sums (
    owner_id            TEXT NOT NULL,
    size                BIGINT NOT NULL CHECK (size IN (0, 1, 4, 96)),
    day                 BIGINT NOT NULL,
    part                BIGINT NOT NULL,
    clicks              BIGINT NOT NULL,
    PRIMARY KEY (owner_id, size, day, part)
);

-- What visitors' hashes are made with; a key is deleted when its day is over, and then nobody
-- can tell whose hash one is.
CREATE TABLE visitor_keys (
    day                 BIGINT PRIMARY KEY,
    key                 TEXT NOT NULL
);

-- Requests of affiliates to look for a payment that they miss.
CREATE TABLE referral_requests (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    -- The buyer's address, or the id of an order.
    sought              TEXT NOT NULL,
    -- The end of the day on which it was, as far as the affiliate knows.
    bought_at           BIGINT NOT NULL,
    note                TEXT NOT NULL,
    created_at          BIGINT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('open', 'credited', 'declined')),
    -- What the affiliate can read.
    answer              TEXT,
    answered_at         BIGINT,
    answered_by         TEXT,
    -- The payment that was credited.
    payment_id          TEXT
);
CREATE INDEX referral_requests_by_status ON referral_requests (program_id, status, id);
CREATE INDEX referral_requests_by_affiliate ON referral_requests (affiliate_id, id);
CREATE UNIQUE INDEX referral_requests_open ON referral_requests (affiliate_id, sought) WHERE status = 'open';
CREATE INDEX referral_requests_to_delete ON referral_requests (answered_at) WHERE answered_at IS NOT NULL;

-- Addresses of people who signed up after a click, and how much each report proves.
CREATE TABLE leads (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    email               TEXT NOT NULL,
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    click_token         TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    proof               TEXT NOT NULL CHECK (proof IN ('server', 'signed', 'browser')),
    -- Why a page's lead only suggests its affiliate; empty for one that counts.
    doubt               TEXT CHECK (doubt IN ('foreign_origin', 'no_verifier', 'click_used', 'visitor_used',
                                              'reviewed')),
    -- The click's hashes of its day, and that of the network that sent the lead.
    visitor             TEXT,
    network             TEXT,
    sender              TEXT
);
-- Pages have one row for an address and an affiliate, servers one for each click.
CREATE UNIQUE INDEX leads_by_pages ON leads (program_id, email, affiliate_id) WHERE proof = 'browser';
CREATE UNIQUE INDEX leads_proved ON leads (program_id, email, click_token) WHERE proof <> 'browser';
CREATE INDEX leads_by_email ON leads (program_id, email);
CREATE INDEX leads_by_program ON leads (program_id, id);
-- The number of those that count is read from the index alone.
CREATE INDEX leads_by_time ON leads (program_id, at) WHERE doubt IS NULL;
CREATE INDEX leads_by_affiliate ON leads (affiliate_id, at, doubt);
CREATE INDEX leads_by_click ON leads (click_token);
CREATE INDEX leads_by_visitor ON leads (program_id, visitor);
CREATE INDEX leads_by_network ON leads (affiliate_id, network);
CREATE INDEX leads_by_sender ON leads (affiliate_id, sender);

-- Stripe --------------------------------------------------------------------------------------

-- A program's connections to Stripe: at most one at work, the earlier ones for their history.
CREATE TABLE connections (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    kind                TEXT NOT NULL CHECK (kind IN ('oauth', 'key', 'manual')),
    status              TEXT NOT NULL CHECK (status IN ('connected', 'disconnected', 'revoked')),
    -- The last part of /webhooks/stripe/{token}.
    endpoint_token      TEXT NOT NULL UNIQUE,
    stripe_account      TEXT,
    account_name        TEXT,
    -- Manual: the account whose events count, and another one whose events arrived.
    events_account      TEXT,
    other_account       TEXT,
    livemode            BOOLEAN,
    -- The scope that OAuth granted.
    scope               TEXT,
    -- Sealed: the restricted key, or the tokens of a Stripe App as JSON. Empty for classic
    -- Connect, which needs only the account's id, and for a manual connection.
    credential          TEXT,
    credential_last_four TEXT,
    -- When the access token of a Stripe App ends, and until when a node renews it.
    token_expires_at    BIGINT,
    token_leased_until  BIGINT NOT NULL DEFAULT 0,
    -- Our endpoint on the account (key), as it was when Stripe was last asked.
    endpoint_id         TEXT,
    endpoint_status     TEXT CHECK (endpoint_status IN ('enabled', 'disabled')),
    endpoint_version    TEXT,
    -- When Stripe was last asked about the endpoint, and when a job was last asked to do so.
    checked_at          BIGINT,
    check_asked_at      BIGINT,
    -- What was wrong when it was last used: JSON, see domain::connections::ConnectionProblem.
    problem             TEXT,
    created_at          BIGINT NOT NULL,
    created_by          TEXT,
    -- The last time it was connected; created_at is the first.
    connected_at        BIGINT NOT NULL,
    connected_by        TEXT,
    disconnected_at     BIGINT,
    last_event_at       BIGINT,
    -- Events that were never delivered and were fetched by a backfill, since connected_at.
    recovered           BIGINT NOT NULL DEFAULT 0,
    -- Deliveries with a rejected signature since connected_at, and until when they are settled:
    -- a repair or a new secret came after them.
    failures            BIGINT NOT NULL,
    last_failure_at     BIGINT,
    last_failure_reason TEXT,
    settled_at          BIGINT
);
CREATE INDEX connections_by_program ON connections (program_id);
-- One active connection a program.
CREATE UNIQUE INDEX connections_active ON connections (program_id) WHERE status = 'connected';
-- Those that share the platform's endpoint.
CREATE INDEX connections_on_platform ON connections (livemode, id) WHERE kind = 'oauth' AND status = 'connected';
-- An account in a mode feeds one program: its events cannot be told apart.
CREATE UNIQUE INDEX connections_by_account ON connections (stripe_account, livemode)
    WHERE status = 'connected' AND stripe_account IS NOT NULL;

-- Signing secrets of a connection's own endpoint, sealed.
CREATE TABLE connection_secrets (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    sealed              TEXT NOT NULL,
    last_four           TEXT NOT NULL,
    valid_from          BIGINT NOT NULL,
    valid_until         BIGINT
);
CREATE INDEX connection_secrets_by_connection ON connection_secrets (connection_id);

-- One way to Stripe's authorize page and back. The state is kept as its hash, and consumed before
-- the code is exchanged, because a second exchange would revoke the first.
CREATE TABLE oauth_attempts (
    state_hash          TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    livemode            BOOLEAN NOT NULL,
    created_at          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    used_at             BIGINT,
    -- JSON, see domain::connections::OAuthOutcome.
    outcome             TEXT
);
CREATE INDEX oauth_attempts_by_expiry ON oauth_attempts (expires_at);

-- The platform's own endpoint, one for live and one for test, shared by all OAuth connections.
CREATE TABLE platform_endpoints (
    livemode            BOOLEAN PRIMARY KEY,
    endpoint_id         TEXT NOT NULL,
    url                 TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    api_version         TEXT,
    checked_at          BIGINT NOT NULL,
    failures            BIGINT NOT NULL,
    last_failure_at     BIGINT,
    last_failure_reason TEXT,
    -- Until when rejected signatures are settled: a repair came after them.
    settled_at          BIGINT NOT NULL
);

-- Signing secrets of the platform's endpoints, sealed.
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

-- What Stripe sent, before it is read. `body` is the text as received; a body that is not UTF-8
-- is kept in base64. It is empty when its time is over; what it said is in `facts`.
CREATE TABLE inbox (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    -- The connection's, for the program's list.
    program_id          TEXT NOT NULL,
    event_id            TEXT NOT NULL,
    event_type          TEXT NOT NULL,
    account             TEXT,
    livemode            BOOLEAN,
    api_version         TEXT,
    event_created_at    BIGINT NOT NULL,
    received_at         BIGINT NOT NULL,
    source              TEXT NOT NULL CHECK (source IN ('webhook', 'backfill')),
    body                TEXT NOT NULL,
    body_encoding       TEXT NOT NULL CHECK (body_encoding IN ('utf8', 'base64')),
    status              TEXT NOT NULL CHECK (status IN ('received', 'processed', 'ignored', 'failed')),
    -- What processing it did: the word for filters, and all of it as JSON.
    outcome             TEXT,
    outcome_data        TEXT,
    -- Stripe's id of the object that it is about.
    object_id           TEXT,
    attempts            BIGINT NOT NULL,
    processed_at        BIGINT,
    UNIQUE (connection_id, event_id)
);
CREATE INDEX inbox_by_time ON inbox (connection_id, received_at, id);
-- For a program's list, as it is and narrowed.
CREATE INDEX inbox_by_program ON inbox (program_id, received_at, id);
CREATE INDEX inbox_by_status ON inbox (program_id, status, received_at, id);
CREATE INDEX inbox_by_type ON inbox (program_id, event_type, received_at, id);
CREATE INDEX inbox_by_outcome ON inbox (program_id, outcome, received_at, id);
CREATE INDEX inbox_of_backfills ON inbox (program_id, received_at, id) WHERE source = 'backfill';
CREATE INDEX inbox_by_object ON inbox (connection_id, object_id);
CREATE INDEX inbox_of_other_accounts ON inbox (connection_id, account, id) WHERE outcome = 'other_account';
CREATE INDEX inbox_unprocessed ON inbox (connection_id, received_at) WHERE status = 'received';

-- Attempts to process an event that say more than its row: failures and replays, the newest few.
CREATE TABLE inbox_attempts (
    event_id            TEXT NOT NULL,
    attempt_number      BIGINT NOT NULL,
    at                  BIGINT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('worker', 'replay')),
    -- What it did, as JSON.
    outcome             TEXT NOT NULL,
    account_id          TEXT,
    PRIMARY KEY (event_id, attempt_number)
);

-- Rejected deliveries, counted by target, hour and reason, so that a flood cannot fill the disk.
-- A target is a connection's id, `platform` or `unknown`.
CREATE TABLE rejected_delivery_hours (
    target              TEXT NOT NULL,
    hour                BIGINT NOT NULL,
    reason              TEXT NOT NULL,
    deliveries          BIGINT NOT NULL,
    last_at             BIGINT NOT NULL,
    PRIMARY KEY (target, hour, reason)
);

-- A few rejected deliveries as they came: what they claim about themselves, unchecked.
CREATE TABLE rejected_delivery_samples (
    id                  TEXT PRIMARY KEY,
    target              TEXT NOT NULL,
    reason              TEXT NOT NULL,
    at                  BIGINT NOT NULL,
    bytes               BIGINT NOT NULL,
    event_id            TEXT,
    event_type          TEXT,
    account             TEXT,
    livemode            BOOLEAN,
    api_version         TEXT
);
CREATE INDEX rejected_delivery_samples_by_target ON rejected_delivery_samples (target, at, id);

-- Repairs of a connection's webhooks: what was found at Stripe, what was done, what was fetched.
CREATE TABLE repairs (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    cause               TEXT NOT NULL CHECK (cause IN ('button', 'api', 'daily')),
    account_id          TEXT REFERENCES accounts (id),
    status              TEXT NOT NULL CHECK (status IN ('running', 'done')),
    outcome             TEXT CHECK (outcome IN ('healthy', 'repaired', 'needs_attention', 'interrupted')),
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
CREATE UNIQUE INDEX repairs_running ON repairs (connection_id) WHERE status = 'running';
CREATE INDEX repairs_by_connection ON repairs (connection_id, started_at);

-- The report of a repair, line by line. A line is JSON: domain::repairs::RepairLine.
CREATE TABLE repair_lines (
    repair_id           TEXT NOT NULL REFERENCES repairs (id),
    position            BIGINT NOT NULL,
    line                TEXT NOT NULL,
    PRIMARY KEY (repair_id, position)
);

-- Reconciliations: comparisons of Stripe's charges with the payments here.
CREATE TABLE reconciliations (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    account_id          TEXT REFERENCES accounts (id),
    status              TEXT NOT NULL CHECK (status IN ('running', 'done')),
    -- JSON: domain::reconciliations::ReconciliationOutcome.
    outcome             TEXT,
    attempt             BIGINT NOT NULL,
    from_at             BIGINT NOT NULL,
    to_at               BIGINT NOT NULL,
    started_at          BIGINT NOT NULL,
    touched_at          BIGINT NOT NULL,
    finished_at         BIGINT,
    charges             BIGINT NOT NULL,
    calls               BIGINT NOT NULL,
    -- Missed events are fetched before comparing: from when on, how many were missing, whether it is done.
    backfill_from       BIGINT,
    backfilled          BIGINT NOT NULL,
    backfill_done       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX reconciliations_running ON reconciliations (connection_id) WHERE status = 'running';
CREATE INDEX reconciliations_by_connection ON reconciliations (connection_id, started_at);

-- Where the two differ. Amounts are minor units.
CREATE TABLE differences (
    reconciliation_id   TEXT NOT NULL REFERENCES reconciliations (id),
    stripe_id           TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('missing', 'duplicate', 'refund')),
    at                  BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    stripe_amount       BIGINT NOT NULL,
    stripe_refunded     BIGINT NOT NULL,
    our_amount          BIGINT NOT NULL,
    our_refunded        BIGINT NOT NULL,
    payment_id          TEXT,
    PRIMARY KEY (reconciliation_id, stripe_id, kind)
);

-- Customers, payments, ledger -----------------------------------------------------------------

-- Buyers. One without a Stripe customer has a row too, so that a guest's session, charge and refund
-- have a home before anything else is known.
CREATE TABLE customers (
    id                  TEXT PRIMARY KEY,
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    program_id          TEXT NOT NULL REFERENCES programs (id),
    stripe_customer     TEXT,
    email               TEXT,
    affiliate_id        TEXT REFERENCES affiliates (id),
    attributed_at       BIGINT,
    -- The check that decided.
    attributed_by       TEXT,
    attributed_click    TEXT,
    -- Grows with each change of anything that belongs to the buyer.
    version             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL
);
CREATE INDEX customers_by_program ON customers (program_id, id);
CREATE INDEX customers_by_click ON customers (attributed_click) WHERE attributed_click IS NOT NULL;

-- Every address that was seen of a buyer, for leads that are reported after the payment.
CREATE TABLE customer_emails (
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    program_id          TEXT NOT NULL,
    email               TEXT NOT NULL,
    PRIMARY KEY (customer_id, email)
);
CREATE INDEX customer_emails_by_email ON customer_emails (program_id, email);

-- Every Stripe id that was seen, the buyer it belongs to and the payment it means.
CREATE TABLE stripe_ids (
    connection_id       TEXT NOT NULL,
    stripe_id           TEXT NOT NULL,
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    payment_id          TEXT,
    PRIMARY KEY (connection_id, stripe_id)
);
CREATE INDEX stripe_ids_by_customer ON stripe_ids (customer_id);
CREATE INDEX stripe_ids_by_payment ON stripe_ids (payment_id);

-- What events said, as JSON; kept when their payloads are deleted.
CREATE TABLE facts (
    connection_id       TEXT NOT NULL,
    event_id            TEXT NOT NULL,
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    facts               TEXT NOT NULL,
    PRIMARY KEY (connection_id, event_id)
);
CREATE INDEX facts_by_customer ON facts (customer_id);

-- What a person decided about a payment, kept under one of its Stripe ids, so that merges and late
-- events leave it alone. Without an affiliate it says "not an affiliate sale". Undone by deleting
-- the row; the audit trail keeps who did what.
CREATE TABLE decisions (
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    stripe_id           TEXT NOT NULL,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT REFERENCES affiliates (id),
    -- Whether it covers the customer's later payments too.
    later_payments      BOOLEAN NOT NULL,
    account_id          TEXT NOT NULL REFERENCES accounts (id),
    at                  BIGINT NOT NULL,
    PRIMARY KEY (connection_id, stripe_id)
);
CREATE INDEX decisions_by_program ON decisions (program_id);

-- Payments, credited or not.
CREATE TABLE payments (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    connection_id       TEXT NOT NULL REFERENCES connections (id),
    customer_id         TEXT NOT NULL REFERENCES customers (id),
    -- The object of Stripe by which it is known best, and that object's id.
    kind                TEXT NOT NULL
                        CHECK (kind IN ('invoice', 'payment_intent', 'charge', 'checkout_session')),
    stripe_id           TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('paid', 'waiting', 'failed', 'free', 'merged')),
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
    -- What it was for: the lines of its invoice, as JSON.
    items               TEXT NOT NULL,
    -- Which of the customer's paid payments it is: 1 for the first.
    payment_number      BIGINT NOT NULL,
    -- The checks in order, as JSON.
    checks              TEXT NOT NULL,
    -- Why it earns no commission, as JSON, and the list that it belongs to.
    no_commission       TEXT,
    no_commission_class TEXT
                        CHECK (no_commission_class IN ('not_paid', 'unattributed', 'not_affiliate_sale', 'not_due')),
    reevaluate_at       BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);
CREATE INDEX payments_by_program ON payments (program_id, paid_at, id);
CREATE INDEX payments_by_customer ON payments (customer_id, paid_at, id);
CREATE INDEX payments_waiting ON payments (program_id, paid_at, id) WHERE status = 'waiting';
-- For the lists of payments that earn no commission.
CREATE INDEX payments_without_commission ON payments (program_id, no_commission_class, paid_at, id)
    WHERE status = 'paid' AND no_commission_class IS NOT NULL;

-- Payments that earn an affiliate a commission.
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
    payment_number      BIGINT NOT NULL,
    amount              BIGINT NOT NULL,
    -- The reward that decided, as JSON, and what of the payment's base it is for.
    reward              TEXT NOT NULL,
    base                BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    commission_currency TEXT NOT NULL,
    commission          BIGINT NOT NULL,
    reversed            BIGINT NOT NULL,
    -- Why it is held back beyond the hold period, and whether an event or a person must end that.
    hold_reason         TEXT CHECK (hold_reason IN ('dispute', 'review', 'self_referral', 'early_fraud_warning')),
    held                BOOLEAN NOT NULL,
    disputed            BIGINT NOT NULL,
    canceled            BOOLEAN NOT NULL,
    -- What its status follows from, apart from the clock: for lists of one status.
    standing            TEXT NOT NULL
                        CHECK (standing IN ('canceled', 'disputed', 'refunded', 'held', 'held_until', 'partly_refunded',
                                            'earned', 'in_payout', 'paid')),
    -- Whether a payout has claimed its commission.
    payout              TEXT CHECK (payout IN ('in_payout', 'paid')),
    hold_until          BIGINT NOT NULL,
    paid_at             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    CHECK (reversed >= 0 AND reversed <= commission)
);
CREATE INDEX conversions_by_program ON conversions (program_id, paid_at, id);
CREATE INDEX conversions_by_affiliate ON conversions (affiliate_id, paid_at, id);
CREATE INDEX conversions_by_standing ON conversions (program_id, standing, paid_at, id);
CREATE INDEX conversions_by_method ON conversions (program_id, method, paid_at, id);
-- For what leaves its hold within the current hour, and next.
CREATE INDEX conversions_by_release ON conversions (program_id, hold_until);
CREATE INDEX conversions_of_affiliate_by_release ON conversions (affiliate_id, commission_currency, hold_until, id)
    WHERE NOT canceled AND NOT held AND commission > reversed;
CREATE INDEX conversions_by_customer ON conversions (customer_id);
CREATE INDEX conversions_by_click ON conversions (click_token, customer_id);

-- The ledger. Rows are only ever added; each carries the hash of the one before.
CREATE TABLE entries (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    -- Absent for what a person added.
    conversion_id       TEXT REFERENCES conversions (id),
    sequence            BIGINT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('earn', 'adjust', 'reverse', 'restore', 'correction', 'bonus')),
    amount              BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    -- Stripe's id of an event, or the id of a job or an audit line, and what kind of thing that is.
    cause               TEXT NOT NULL,
    cause_kind          TEXT NOT NULL CHECK (cause_kind IN ('payment', 'refund', 'dispute', 'customer', 'assignment',
                                                            'replay', 'reevaluation', 'invoice_lookup', 'adjustment')),
    -- Stripe's type of the event.
    event_type          TEXT,
    at                  BIGINT NOT NULL,
    previous_hash       TEXT NOT NULL,
    hash                TEXT NOT NULL,
    -- The payout that pays it. The only column that ever changes; it is not hashed.
    payout_id           TEXT,
    UNIQUE (affiliate_id, sequence),
    UNIQUE (conversion_id, affiliate_id, currency, kind, cause)
);
CREATE INDEX entries_by_program ON entries (program_id, id);
CREATE INDEX entries_by_affiliate ON entries (affiliate_id, id);
CREATE INDEX entries_by_cause ON entries (cause);
CREATE INDEX entries_without_conversion ON entries (affiliate_id, id) WHERE conversion_id IS NULL;
CREATE INDEX entries_by_payout ON entries (payout_id, id) WHERE payout_id IS NOT NULL;

-- The end of each affiliate's chain of entries. Who adds to a chain changes its row first, so that
-- writers take turns.
CREATE TABLE chains (
    affiliate_id        TEXT PRIMARY KEY REFERENCES affiliates (id),
    entries             BIGINT NOT NULL,
    hash                TEXT NOT NULL
);

-- Sums of conversions, of a program, each affiliate and each link, by the time of the payment. Buckets
-- as in click_sums; all have the sum of all time, and links only that.
CREATE TABLE conversion_sums (
    owner_id            TEXT NOT NULL,
    size                BIGINT NOT NULL CHECK (size IN (0, 1, 4, 96)),
    day                 BIGINT NOT NULL,
    part                BIGINT NOT NULL,
    currency            TEXT NOT NULL,
    conversions         BIGINT NOT NULL,
    first_payments      BIGINT NOT NULL,
    revenue             BIGINT NOT NULL,
    refunded            BIGINT NOT NULL,
    -- What was not reversed.
    commission          BIGINT NOT NULL,
    PRIMARY KEY (owner_id, size, day, part, currency)
);

-- Commissions that are in no payout: of each conversion (or entry without one), affiliate and
-- currency the sum of its entries, unless it is zero.
CREATE TABLE unpaid_commissions (
    -- The conversion, or the entry that belongs to none.
    source_id           TEXT NOT NULL,
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    currency            TEXT NOT NULL,
    program_id          TEXT NOT NULL,
    amount              BIGINT NOT NULL,
    -- The end of the hold period. What an event or a person must release is under the last time there is.
    payable_from        BIGINT NOT NULL,
    -- Whether the balances count it as released.
    released            BOOLEAN NOT NULL,
    PRIMARY KEY (source_id, affiliate_id, currency)
);
CREATE INDEX unpaid_by_affiliate ON unpaid_commissions (affiliate_id, currency, released, payable_from, source_id);
CREATE INDEX unpaid_by_release ON unpaid_commissions (payable_from, source_id) WHERE NOT released;
CREATE INDEX unpaid_by_program ON unpaid_commissions (program_id, payable_from) WHERE NOT released;

-- What a program and each affiliate has, by currency.
CREATE TABLE balances (
    -- A program or an affiliate.
    owner_id            TEXT NOT NULL,
    currency            TEXT NOT NULL,
    -- The program of an affiliate; absent for a program's own.
    program_id          TEXT,
    -- The sum of all entries.
    earned              BIGINT NOT NULL,
    -- Of that: in no payout and released from its hold, as far as that was noted.
    released            BIGINT NOT NULL,
    -- Of that: in a payout that is not paid yet.
    in_payout           BIGINT NOT NULL,
    -- Of that: paid.
    paid                BIGINT NOT NULL,
    PRIMARY KEY (owner_id, currency)
);
CREATE INDEX balances_by_program ON balances (program_id, owner_id) WHERE program_id IS NOT NULL;

-- Payouts -------------------------------------------------------------------------------------

-- Payouts that are approved and sent together.
CREATE TABLE payout_runs (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    -- 1, 2, 3, … in its program.
    number              BIGINT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('preparing', 'draft', 'approved', 'sent', 'completed', 'discarded')),
    -- Commissions that become payable later are left out.
    until               BIGINT NOT NULL,
    -- Who did it, by account; absent where it was automatic.
    created_by          TEXT,
    created_at          BIGINT NOT NULL,
    approved_by         TEXT,
    approved_at         BIGINT,
    sent_by             TEXT,
    sent_at             BIGINT,
    ended_at            BIGINT,
    UNIQUE (program_id, number)
);
CREATE INDEX payout_runs_by_program ON payout_runs (program_id, id);

-- What one affiliate is paid in one currency by a run: the sum of the entries that carry its id.
CREATE TABLE payouts (
    id                  TEXT PRIMARY KEY,
    run_id              TEXT NOT NULL REFERENCES payout_runs (id),
    program_id          TEXT NOT NULL REFERENCES programs (id),
    affiliate_id        TEXT NOT NULL REFERENCES affiliates (id),
    currency            TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('preparing', 'open', 'paid', 'failed', 'removed')),
    amount              BIGINT NOT NULL,
    entries             BIGINT NOT NULL,
    -- How it is paid, as it was when the run was approved; absent before, and where nothing was known.
    method              TEXT CHECK (method IN ('iban', 'us_bank', 'paypal', 'wise', 'other')),
    method_hint         TEXT,
    failure             TEXT,
    created_at          BIGINT NOT NULL,
    settled_at          BIGINT,
    UNIQUE (run_id, affiliate_id, currency)
);
CREATE INDEX payouts_by_affiliate ON payouts (affiliate_id, id);
CREATE INDEX payouts_by_program ON payouts (program_id, status, settled_at, id);

-- How a person is paid, for all programs they are in.
CREATE TABLE payout_methods (
    account_id          TEXT PRIMARY KEY REFERENCES accounts (id),
    method              TEXT NOT NULL CHECK (method IN ('iban', 'us_bank', 'paypal', 'wise', 'other')),
    -- What is shown of the details: the last four digits, or the beginning of an address.
    hint                TEXT NOT NULL,
    -- All of it, encrypted.
    details             TEXT NOT NULL,
    changed_at          BIGINT NOT NULL
);

-- Files for banks and payment services, encrypted, as they are downloaded.
CREATE TABLE payout_files (
    run_id              TEXT NOT NULL REFERENCES payout_runs (id),
    rail                TEXT NOT NULL CHECK (rail IN ('sepa', 'wise_iban', 'wise_email', 'paypal', 'manual')),
    currency            TEXT NOT NULL,
    payouts             BIGINT NOT NULL,
    amount              BIGINT NOT NULL,
    sha256              TEXT NOT NULL,
    content             TEXT NOT NULL,
    PRIMARY KEY (run_id, rail, currency)
);

-- How a program pays.
CREATE TABLE payout_settings (
    program_id          TEXT PRIMARY KEY REFERENCES programs (id),
    -- Runs above this sum in the program's currency need a second person; absent for no such rule.
    second_approval     BIGINT,
    -- Days for which a payout waits after its method was changed.
    method_hold_days    BIGINT NOT NULL,
    -- The day of the month on which a run is drafted by itself; absent for none.
    draft_day           BIGINT,
    -- The month for which one was drafted last, such as 2026-12.
    drafted_month       TEXT,
    -- The account that pays by SEPA transfer, encrypted.
    payer               TEXT
);

-- Bonuses and corrections that a person added.
CREATE TABLE adjustments (
    entry_id            TEXT PRIMARY KEY REFERENCES entries (id),
    reason              TEXT NOT NULL,
    account_id          TEXT NOT NULL
);

-- Mails ---------------------------------------------------------------------------------------

-- Mails that were sent in the name of a program, and what became of them; kept for ninety days.
-- Those about an account alone, such as links to sign in, are not here.
CREATE TABLE mails (
    id                  TEXT PRIMARY KEY,
    program_id          TEXT NOT NULL REFERENCES programs (id),
    kind                TEXT NOT NULL,
    email               TEXT NOT NULL,
    subject             TEXT NOT NULL,
    -- What it says, as JSON, to send it again. Empty where it has a link that works once.
    letter              TEXT,
    -- The affiliate that an invitation is for, or the application that is to be confirmed.
    about               TEXT,
    status              TEXT NOT NULL CHECK (status IN ('waiting', 'sent', 'refused', 'failed')),
    -- What the mail server answered when it did not take it.
    reply_code          BIGINT,
    reply               TEXT,
    created_at          BIGINT NOT NULL,
    settled_at          BIGINT
);
CREATE INDEX mails_by_program ON mails (program_id, id);
CREATE INDEX mails_by_status ON mails (program_id, status, id);
CREATE INDEX mails_by_email ON mails (program_id, email, id);
CREATE INDEX mails_by_time ON mails (created_at);

-- Addresses that a mail server rejected for good. One that takes a mail again is deleted.
CREATE TABLE refused_addresses (
    email               TEXT PRIMARY KEY,
    reply_code          BIGINT NOT NULL,
    reply               TEXT NOT NULL,
    refused_at          BIGINT NOT NULL
);
CREATE INDEX refused_addresses_by_time ON refused_addresses (refused_at);

-- The installation ----------------------------------------------------------------------------

-- Who did what.
CREATE TABLE audit (
    id                  TEXT PRIMARY KEY,
    merchant_id         TEXT,
    program_id          TEXT,
    account_id          TEXT,
    at                  BIGINT NOT NULL,
    -- The id of what was changed.
    subject             TEXT NOT NULL,
    -- What was done, with its values, as JSON.
    action              TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_program ON audit (program_id, id);

-- Background jobs: work to be done after a commit.
CREATE TABLE jobs (
    id                  TEXT PRIMARY KEY,
    kind                TEXT NOT NULL,
    payload             TEXT NOT NULL,
    -- Follows from the kind. Each queue has a worker, so that a slow service outside does
    -- not delay the processing of events.
    queue               TEXT NOT NULL CHECK (queue IN ('local', 'external')),
    deduplication_key   TEXT UNIQUE,
    run_at              BIGINT NOT NULL,
    leased_until        BIGINT NOT NULL,
    attempts            BIGINT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('waiting', 'dead')),
    last_error          TEXT,
    created_at          BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (queue, run_at, id) WHERE status = 'waiting';

-- What the installation remembers about itself.
CREATE TABLE settings (
    name                TEXT PRIMARY KEY,
    value               TEXT NOT NULL
);

-- The public keys that receipts were signed with. An installation has one, and one more for each
-- change of SECRET_KEY.
CREATE TABLE receipt_keys (
    id                  TEXT PRIMARY KEY,
    public_key          TEXT NOT NULL,
    first_used_at       BIGINT NOT NULL
);
