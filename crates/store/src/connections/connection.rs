//! A connection, and the columns that hold it.

use domain::clock::Timestamp;
use domain::connections::{ConnectionMethod, ConnectionProblem, ConnectionStatus, EndpointStatus};
use domain::deliveries::SignatureFailures;
use domain::ids::{AccountId, ConnectionId, ProgramId};

use crate::db::{Result, Row, Value, args};

/// A connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The program that it feeds.
    pub program_id: ProgramId,
    /// How it was made, and what belongs to that.
    pub kind: ConnectionKind,
    /// Its status.
    pub status: ConnectionStatus,
    /// The last part of `/webhooks/stripe/{token}`.
    pub endpoint_token: String,
    /// The Stripe account, where it is known.
    pub stripe_account: Option<String>,
    /// The account whose events a manual connection counts: the first one that was named.
    pub events_account: Option<String>,
    /// Another account whose events arrived, and are not counted.
    pub other_account: Option<String>,
    /// The name of the account.
    pub account_name: Option<String>,
    /// Live or test; `None` until the first event.
    pub livemode: Option<bool>,
    /// When it was connected for the first time.
    pub created_at: Timestamp,
    /// When it was connected last.
    pub connected_at: Timestamp,
    /// Who connected it last.
    pub connected_by: Option<AccountId>,
    /// When it was disconnected or revoked.
    pub disconnected_at: Option<Timestamp>,
    /// What was wrong when it was last used.
    pub problem: Option<ConnectionProblem>,
    /// When Stripe was last asked about its endpoint.
    pub checked_at: Option<Timestamp>,
    /// When a job was last asked to do that.
    pub check_asked_at: Option<Timestamp>,
    /// Events that were never delivered and were fetched by a backfill, since it was connected.
    pub recovered: i64,
    /// When the last event was delivered, also before it was connected last.
    pub last_event_at: Option<Timestamp>,
    /// Rejected signatures at its own endpoint since it was connected.
    pub signature_failures: SignatureFailures,
}

/// How a connection was made, and what belongs to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// By signing in with Stripe.
    OAuth {
        /// The scope that was granted, in Stripe's word.
        scope: Option<String>,
        /// The tokens of a Stripe App; classic Connect needs none.
        tokens: Option<SealedTokens>,
    },
    /// With a restricted key.
    Key {
        /// The key, encrypted; `None` once access has ended.
        sealed: Option<String>,
        /// The last four characters of the key.
        last_four: Option<String>,
        /// Our endpoint on the account.
        endpoint: Option<OwnEndpoint>,
    },
    /// With an endpoint that the merchant added in Stripe's dashboard.
    Manual,
}

/// The tokens of a Stripe App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// Access and refresh token, encrypted.
    pub sealed: String,
    /// When the access token expires.
    pub expires_at: Option<Timestamp>,
}

/// Our webhook endpoint on a merchant's account, as Stripe last described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEndpoint {
    /// Its id at Stripe, `we_…`.
    pub id: String,
    /// Its status.
    pub status: EndpointStatus,
    /// The API version of its events.
    pub api_version: Option<String>,
}

impl ConnectionKind {
    /// The method, without what belongs to it.
    pub const fn method(&self) -> ConnectionMethod {
        match self {
            Self::OAuth { .. } => ConnectionMethod::OAuth,
            Self::Key { .. } => ConnectionMethod::Key,
            Self::Manual => ConnectionMethod::Manual,
        }
    }

    /// What is encrypted in it: a key, or tokens.
    pub fn sealed(&self) -> Option<&str> {
        match self {
            Self::OAuth { tokens, .. } => tokens.as_ref().map(|tokens| tokens.sealed.as_str()),
            Self::Key { sealed, .. } => sealed.as_deref(),
            Self::Manual => None,
        }
    }
}

impl Connection {
    /// A first, manual connection.
    pub fn manual(id: ConnectionId, program: &ProgramId, endpoint_token: &str, now: Timestamp) -> Self {
        Self {
            id,
            program_id: program.clone(),
            kind: ConnectionKind::Manual,
            status: ConnectionStatus::Connected,
            endpoint_token: endpoint_token.to_owned(),
            stripe_account: None,
            events_account: None,
            other_account: None,
            account_name: None,
            livemode: None,
            created_at: now,
            connected_at: now,
            connected_by: None,
            disconnected_at: None,
            problem: None,
            checked_at: None,
            check_asked_at: None,
            recovered: 0,
            last_event_at: None,
            signature_failures: SignatureFailures::default(),
        }
    }

    /// How it was made.
    pub const fn method(&self) -> ConnectionMethod {
        self.kind.method()
    }

    /// Whether it is active.
    pub fn is_connected(&self) -> bool {
        self.status == ConnectionStatus::Connected
    }

    /// Whether it was made by OAuth: then its events come through the platform's endpoint.
    pub fn is_oauth(&self) -> bool {
        self.method() == ConnectionMethod::OAuth
    }

    /// Whether Honeyguide can call Stripe's API with it.
    pub fn can_call_stripe(&self) -> bool {
        self.is_connected() && self.method().can_call_stripe()
    }

    /// Whether deliveries are accepted. After a key was revoked its endpoint still exists at
    /// Stripe, and the events that it sends must not be lost.
    pub fn accepts_deliveries(&self) -> bool {
        match self.status {
            ConnectionStatus::Connected => true,
            ConnectionStatus::Revoked => self.method() == ConnectionMethod::Key,
            ConnectionStatus::Disconnected => false,
        }
    }

    /// When the last event was delivered since it was connected: what came by an earlier
    /// connection says nothing about this one.
    pub fn last_event(&self) -> Option<Timestamp> {
        self.last_event_at.filter(|at| *at >= self.connected_at)
    }

    /// Our own endpoint on the merchant's account.
    pub const fn own_endpoint(&self) -> Option<&OwnEndpoint> {
        match &self.kind {
            ConnectionKind::Key { endpoint, .. } => endpoint.as_ref(),
            ConnectionKind::OAuth { .. } | ConnectionKind::Manual => None,
        }
    }
}

pub(super) fn connection(row: &Row) -> Result<Connection> {
    Ok(Connection {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        kind: kind(row)?,
        status: row.word("status")?,
        endpoint_token: row.get("endpoint_token")?,
        stripe_account: row.get("stripe_account")?,
        events_account: row.get("events_account")?,
        other_account: row.get("other_account")?,
        account_name: row.get("account_name")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        connected_at: row.get("connected_at")?,
        connected_by: row.get("connected_by")?,
        disconnected_at: row.get("disconnected_at")?,
        problem: row.optional_json("problem")?,
        checked_at: row.get("checked_at")?,
        check_asked_at: row.get("check_asked_at")?,
        recovered: row.get("recovered")?,
        last_event_at: row.get("last_event_at")?,
        signature_failures: SignatureFailures {
            count: row.get("failures")?,
            last: row
                .get::<Option<Timestamp>>("last_failure_at")?
                .zip(row.optional_word("last_failure_reason")?),
            settled_at: row.get("settled_at")?,
        },
    })
}

fn kind(row: &Row) -> Result<ConnectionKind> {
    let sealed: Option<String> = row.get("credential")?;
    Ok(match row.word("kind")? {
        ConnectionMethod::OAuth => {
            let expires_at = row.get("token_expires_at")?;
            let tokens = sealed.map(|sealed| SealedTokens { sealed, expires_at });
            ConnectionKind::OAuth { scope: row.get("scope")?, tokens }
        }
        ConnectionMethod::Key => ConnectionKind::Key {
            sealed,
            last_four: row.get("credential_last_four")?,
            endpoint: own_endpoint(row)?,
        },
        ConnectionMethod::Manual => ConnectionKind::Manual,
    })
}

fn own_endpoint(row: &Row) -> Result<Option<OwnEndpoint>> {
    let Some(id) = row.get("endpoint_id")? else { return Ok(None) };
    Ok(Some(OwnEndpoint {
        id,
        status: row.word("endpoint_status")?,
        api_version: row.get("endpoint_version")?,
    }))
}

/// The values of the columns that a new connection and a renewed one write: `$1` to `$15`.
pub(super) fn written(connection: &Connection) -> [Value; 15] {
    let (scope, tokens, last_four, endpoint) = match &connection.kind {
        ConnectionKind::OAuth { scope, tokens } => (scope.as_deref(), tokens.as_ref(), None, None),
        ConnectionKind::Key { last_four, endpoint, .. } => {
            (None, None, last_four.as_deref(), endpoint.as_ref())
        }
        ConnectionKind::Manual => (None, None, None, None),
    };
    args![
        &connection.id,
        connection.method().word(),
        connection.stripe_account.as_deref(),
        connection.account_name.as_deref(),
        connection.livemode,
        connection.connected_at,
        connection.connected_by.as_ref(),
        scope,
        connection.kind.sealed(),
        last_four,
        tokens.and_then(|tokens| tokens.expires_at),
        endpoint.map(|endpoint| endpoint.id.as_str()),
        endpoint.map(|endpoint| endpoint.status.word()),
        endpoint.and_then(|endpoint| endpoint.api_version.as_deref()),
        connection.checked_at,
    ]
}
