//! Platforms, their connections, and the events that they get.

use std::sync::Arc;

use serde_json::Value;

use crate::api_error::ApiError;
use crate::connections::{Application, Platform, PlatformKeys};
use crate::faults::Fault;
use crate::model::{Event, Object};
use crate::oauth::{OauthError, scope_for};
use crate::requests::Request;
use crate::stripe::Stripe;

impl Stripe {
    /// Makes this account a platform in this mode, or changes what it is like. Gives its
    /// client id, which stays, and a new secret key.
    pub fn become_platform(&self, platform: Platform) -> PlatformKeys {
        let client_id = {
            let mut shared = self.world().shared();
            let shared = &mut *shared;
            shared.connections.register(&shared.ids, &self.account_id(), self.is_live(), platform)
        };
        PlatformKeys { client_id, secret_key: self.create_secret_key() }
    }

    /// The merchant says yes to an application, as on the page at `/oauth/authorize`. Gives
    /// the code. The scope is `read_only` when none is named.
    ///
    /// # Errors
    /// When there is no such application in this mode, or it may not have that scope.
    pub fn approve(&self, client_id: &str, scope: Option<&str>) -> Result<String, ApiError> {
        let now = self.now();
        let mut shared = self.world().shared();
        let shared = &mut *shared;
        let application = shared
            .connections
            .application(client_id)
            .filter(|it| it.livemode == self.is_live())
            .ok_or_else(|| ApiError::missing("application", client_id))?;
        let scope =
            scope_for(application, scope).map_err(|error| ApiError::invalid("scope", error.description))?;
        Ok(shared.connections.approve(&shared.ids, client_id, &self.account_id(), &scope, now))
    }

    /// Connects the account to an application directly, without OAuth and without an event.
    ///
    /// # Errors
    /// As for [`Self::approve`].
    pub fn connect(&self, client_id: &str, scope: Option<&str>) -> Result<(), ApiError> {
        let code = self.approve(client_id, scope)?;
        let now = self.now();
        let mut shared = self.world().shared();
        let application = shared.connections.application(client_id).cloned();
        let application = application.ok_or_else(|| ApiError::missing("application", client_id))?;
        let result = shared.exchange(&application, &code, now).result;
        result.map(drop).map_err(|error| ApiError::invalid("", error.description))
    }

    /// Whether the account is connected to an application.
    pub fn is_connected(&self, client_id: &str) -> bool {
        self.world().shared().connections.grant(client_id, &self.account_id()).is_some()
    }

    /// The merchant disconnects the application in their dashboard; the platform gets an event.
    /// False when there was no connection.
    pub fn disconnect(&self, client_id: &str) -> bool {
        self.end_connection(client_id, &self.account_id())
    }

    /// Adds a failure, which applies from now on.
    pub fn fail(&self, fault: Fault) {
        self.world().shared().faults.add(fault);
    }

    /// Refuses calls to `/v1` beyond so many a second with 429; none counts nothing.
    pub fn limit_calls(&self, calls_a_second: Option<u32>) {
        self.world().shared().faults.set_limit(calls_a_second);
    }

    /// Ends every failure and limit.
    pub fn clear_faults(&self) {
        self.world().shared().faults.clear();
    }

    /// The newest thousand requests to `/v1` and `/oauth`, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.world().shared().requests.all()
    }

    pub(crate) fn exchange(&self, application: &Application, code: &str) -> Result<Value, OauthError> {
        let now = self.now();
        let done = self.world().shared().exchange(application, code, now);
        if let Some(account) = done.connected {
            self.notify(application, &account, "account.application.authorized");
        }
        if let Some(account) = done.disconnected {
            self.notify(application, &account, "account.application.deauthorized");
        }
        done.result
    }

    pub(crate) fn refresh(&self, application: &Application, token: &str) -> Result<Value, OauthError> {
        let now = self.now();
        self.world().shared().refresh(application, token, now).result
    }

    /// Ends a connection and tells the platform. False when there was none.
    pub(crate) fn end_connection(&self, client_id: &str, account: &str) -> bool {
        let (ended, application) = {
            let mut shared = self.world().shared();
            (shared.end(client_id, account), shared.connections.application(client_id).cloned())
        };
        if let Some(application) = application.filter(|_| ended) {
            self.notify(&application, account, "account.application.deauthorized");
        }
        ended
    }

    /// Sends an event about a connection to its platform.
    fn notify(&self, application: &Application, account: &str, kind: &'static str) {
        let Some(platform) = self.account(&application.account, application.livemode) else { return };
        platform.with(|state| {
            let wanted_by = state.endpoints_for(kind, true);
            let event = Event {
                sequence: 0,
                id: state.ids.long("evt_1"),
                kind,
                created: state.now(),
                born_in: state.version,
                livemode: state.livemode,
                request: None,
                pending_webhooks: wanted_by.len(),
                object: Arc::new(Object::Application {
                    id: application.client_id.clone(),
                    name: application.platform.name.clone(),
                }),
                before: None,
            };
            for endpoint in wanted_by {
                state.outbox.add(&event, endpoint, Some(account.to_owned()));
            }
        });
    }

    /// Puts this account's events into the outboxes of the platforms it is connected to.
    /// True when an endpoint wanted one.
    pub(crate) fn notify_platforms(&self, events: &[Event]) -> bool {
        let account = self.account_id();
        let applications = self.world().shared().connections.applications_of(&account);
        // A platform that is connected in live mode gets test events there as well.
        let live = applications.into_iter().filter(|it| it.livemode || !self.is_live());
        let mut is_wanted = false;
        for platform in live.filter_map(|it| self.account(&it.account, it.livemode)) {
            is_wanted |= platform.with(|state| {
                let mut any = false;
                for event in events {
                    for endpoint in state.endpoints_for(event.kind, true) {
                        state.outbox.add(event, endpoint, Some(account.clone()));
                        any = true;
                    }
                }
                any
            });
        }
        is_wanted
    }

    /// Delivers an event again, to every endpoint that wants it.
    ///
    /// # Errors
    /// When the event is not in the log.
    pub fn resend(&self, event: &str) -> Result<(), ApiError> {
        self.with(|state| {
            let event = state.event(event).cloned().ok_or_else(|| ApiError::missing("event", event))?;
            for endpoint in state.endpoints_for(event.kind, false) {
                state.outbox.add(&event, endpoint, None);
            }
            state.fresh.push(event);
            Ok(())
        })
    }
}
