//! Connections, received events and buyers in the database.

use domain::checks::CheckKind;
use domain::clock::Timestamp;
use domain::commissions::LedgerChange;
use domain::connections::{
    ConnectionProblem, ConnectionStatus, EndpointStatus, OAuthOutcome, OAuthRefusal, RevocationReason,
};
use domain::deliveries::{EventSource, SignatureError, SignatureFailures};
use domain::events::{BodyEncoding, EventOutcome, EventStatus};
use domain::facts::{CustomerFact, EventFacts, Fact, Hints};
use domain::ids::{InboxEventId, JobId, SecretId};
use store::connections::{Connection, ConnectionKind, OwnEndpoint, SealedTokens, Secret};
use store::customers::NewState;
use store::db::AFTER_ALL_IDS;
use store::inbox::{Filter, NewEvent};
use store::oauth_attempts::OAuthAttempt;

use crate::fixture::{Fixture, NOW, evaluated, put_program};

#[tokio::test]
async fn connections_are_stored_and_found() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let id = &fixture.connection;
    let by_token = store::connections::by_token(&mut conn, "token_1").await.unwrap().unwrap();
    assert_eq!((&by_token.id, by_token.livemode), (id, None));
    assert!(store::connections::by_token(&mut conn, "token_x").await.unwrap().is_none());
    store::connections::set_livemode(&mut conn, id, false).await.unwrap();
    store::connections::set_livemode(&mut conn, id, true).await.unwrap();
    store::connections::touch_last_event(&mut conn, id, NOW.plus_ms(5)).await.unwrap();
    store::connections::touch_last_event(&mut conn, id, NOW).await.unwrap();
    store::connections::count_signature_failures(&mut conn, id, SignatureError::NoMatch, 1, NOW)
        .await
        .unwrap();
    let seen = store::connections::get(&mut conn, id).await.unwrap().unwrap();
    assert_eq!((seen.livemode, seen.last_event_at), (Some(false), Some(NOW.plus_ms(5))));
    let last = Some((NOW, SignatureError::NoMatch));
    assert_eq!(seen.signature_failures, SignatureFailures { count: 1, last, settled_at: None });
    store::connections::settle_failures(&mut conn, id, NOW).await.unwrap();
    let seen = store::connections::get(&mut conn, id).await.unwrap().unwrap();
    assert_eq!(seen.signature_failures.settled_at, Some(NOW));
    store::connections::disconnect(&mut conn, id, NOW).await.unwrap();
    assert!(store::connections::disconnect(&mut conn, id, NOW).await.is_err());
    let of_program = store::connections::of_program(&mut conn, &fixture.program).await.unwrap().unwrap();
    assert_eq!(of_program.status, ConnectionStatus::Disconnected);
    store::connections::reconnect(&mut conn, &of_program).await.unwrap();
    let of_program = store::connections::of_program(&mut conn, &fixture.program).await.unwrap().unwrap();
    assert_eq!((of_program.status, &of_program.id), (ConnectionStatus::Connected, id));
    assert_eq!(of_program.signature_failures, SignatureFailures::default(), "that was the earlier one");
}

/// What belongs to a kind is read back as it was written; ending access deletes what is secret.
#[tokio::test]
async fn each_kind_of_connection_is_read_back() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let id = &fixture.connection;
    let tokens = SealedTokens { sealed: "sealed".to_owned(), expires_at: Some(NOW) };
    let endpoint = OwnEndpoint { id: "we_1".to_owned(), status: EndpointStatus::Disabled, api_version: None };
    let key = |sealed: Option<&str>, endpoint: Option<&OwnEndpoint>| ConnectionKind::Key {
        sealed: sealed.map(str::to_owned),
        last_four: Some("w9Ke".to_owned()),
        endpoint: endpoint.cloned(),
    };
    let kinds = [
        ConnectionKind::OAuth { scope: Some("read_only".to_owned()), tokens: Some(tokens) },
        ConnectionKind::OAuth { scope: None, tokens: None },
        ConnectionKind::Manual,
        key(Some("sealed"), Some(&endpoint)),
    ];
    for kind in kinds {
        let before = store::connections::get(&mut conn, id).await.unwrap().unwrap();
        let renewed = Connection { kind: kind.clone(), ..before };
        store::connections::reconnect(&mut conn, &renewed).await.unwrap();
        assert_eq!(store::connections::get(&mut conn, id).await.unwrap().unwrap().kind, kind);
    }
    let problem = ConnectionProblem::AccessRevoked { reason: RevocationReason::KeyRejected };
    assert!(store::connections::revoke(&mut conn, id, &problem, NOW).await.unwrap());
    assert!(!store::connections::revoke(&mut conn, id, &problem, NOW).await.unwrap(), "once");
    let revoked = store::connections::get(&mut conn, id).await.unwrap().unwrap();
    assert_eq!((revoked.status, revoked.problem.as_ref()), (ConnectionStatus::Revoked, Some(&problem)));
    assert_eq!(revoked.kind, key(None, Some(&endpoint)));
    assert!(revoked.accepts_deliveries() && !revoked.can_call_stripe());
    store::connections::disconnect(&mut conn, id, NOW).await.unwrap();
    let ended = store::connections::get(&mut conn, id).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.problem), (ConnectionStatus::Disconnected, None));
    assert_eq!(ended.kind, ConnectionKind::Key { sealed: None, last_four: None, endpoint: None });
}

#[tokio::test]
async fn the_first_outcome_of_an_attempt_is_kept() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let attempt = OAuthAttempt {
        state_hash: "hash".to_owned(),
        program_id: fixture.program.clone(),
        account_id: fixture.account.clone(),
        livemode: false,
        created_at: NOW,
        expires_at: NOW.plus_ms(1),
        used_at: None,
        outcome: None,
    };
    store::oauth_attempts::put(&mut conn, &attempt).await.unwrap();
    assert_eq!(store::oauth_attempts::get(&mut conn, "hash").await.unwrap().unwrap().outcome, None);
    let message = Some("No such scope".to_owned());
    let first = OAuthOutcome::Refused { reason: OAuthRefusal::Scope, message };
    for outcome in [&first, &OAuthOutcome::Connected] {
        store::oauth_attempts::record_outcome(&mut conn, "hash", outcome).await.unwrap();
    }
    assert_eq!(store::oauth_attempts::get(&mut conn, "hash").await.unwrap().unwrap().outcome, Some(first));
}

#[tokio::test]
async fn an_old_secret_expires_beside_a_new_one() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let (id, end) = (&fixture.connection, NOW.plus_ms(10));
    for number in 1..=2 {
        store::connections::expire_secrets(&mut conn, id, end).await.unwrap();
        let secret = Secret {
            id: SecretId::new(NOW, &fixture.random),
            sealed: format!("sealed {number}"),
            last_four: "abcd".to_owned(),
            valid_from: NOW.plus_ms(number),
            valid_until: None,
        };
        store::connections::put_secret(&mut conn, id, &secret).await.unwrap();
    }
    let sealed = |secrets: Vec<Secret>| secrets.into_iter().map(|s| s.sealed).collect::<Vec<_>>();
    let now = store::connections::secrets(&mut conn, id, NOW).await.unwrap();
    assert_eq!(sealed(now), ["sealed 2", "sealed 1"]);
    assert_eq!(sealed(store::connections::secrets(&mut conn, id, end).await.unwrap()), ["sealed 2"]);
    store::connections::disconnect(&mut conn, id, NOW).await.unwrap();
    assert!(store::connections::secrets(&mut conn, id, NOW).await.unwrap().is_empty());
}

fn event(fixture: &Fixture, event_id: &str, at: Timestamp) -> NewEvent {
    NewEvent {
        id: InboxEventId::new(at, &fixture.random),
        job_id: JobId::new(at, &fixture.random),
        connection_id: fixture.connection.clone(),
        program_id: fixture.program.clone(),
        event_id: event_id.to_owned(),
        event_type: "charge.succeeded".to_owned(),
        account: None,
        livemode: Some(false),
        api_version: Some("2025-02-24.acacia".to_owned()),
        event_created_at: NOW,
        received_at: at,
        source: EventSource::Webhook,
        body: "{\"a\":\"\\u0000 ü '\"}".to_owned(),
        body_encoding: BodyEncoding::Utf8,
    }
}

#[tokio::test]
async fn an_event_is_stored_once_with_its_job() {
    let fixture = Fixture::new().await;
    let (one, two) = (event(&fixture, "evt_b", NOW), event(&fixture, "evt_a", NOW));
    let twin = event(&fixture, "evt_b", NOW);
    let batch = [one.clone(), two.clone(), twin.clone()];
    let stored = store::inbox::put_all(&fixture.db.db, &batch).await.unwrap();
    assert_eq!(stored.iter().filter(|new| **new).count(), 2);
    assert!(stored[1] && stored[0] != stored[2]);
    assert_eq!(
        store::inbox::put_all(&fixture.db.db, &[event(&fixture, "evt_a", NOW)]).await.unwrap(),
        [false]
    );
    let mut conn = fixture.conn().await;
    assert_eq!(store::jobs::counts(&mut conn).await.unwrap().waiting, 2);
    let (event, body, encoding) = store::inbox::with_body(&mut conn, &two.id).await.unwrap().unwrap();
    assert_eq!((event.status, event.livemode, event.attempts), (EventStatus::Received, Some(false), 0));
    assert_eq!((body, encoding), (two.body, BodyEncoding::Utf8));
    let missing = InboxEventId::new(NOW, &fixture.random);
    assert!(store::inbox::with_body(&mut conn, &missing).await.unwrap().is_none());
}

#[tokio::test]
async fn outcomes_of_events_are_stored() {
    let fixture = Fixture::new().await;
    let events: Vec<NewEvent> =
        (0..3).map(|n| event(&fixture, &format!("evt_{n}"), NOW.plus_ms(n))).collect();
    store::inbox::put_all(&fixture.db.db, &events).await.unwrap();
    let mut conn = fixture.conn().await;
    let (count, oldest) = store::inbox::backlog(&mut conn, &fixture.connection).await.unwrap();
    assert_eq!((count, oldest), (3, Some(NOW)));
    let change = LedgerChange {
        affiliate_name: "Mira".to_owned(),
        amount: domain::money::Money::new(980, "usd".parse().unwrap()),
    };
    let outcome = EventOutcome::LedgerChanged { changes: vec![change] };
    let id = &events[0].id;
    store::inbox::note_failure(&mut conn, id).await.unwrap();
    store::inbox::record_outcome(&mut conn, id, &outcome, Some("pi_1"), NOW).await.unwrap();
    store::inbox::note_failure(&mut conn, id).await.unwrap();
    let (processed, body) =
        store::inbox::get(&mut conn, &fixture.program, &events[0].id).await.unwrap().unwrap();
    assert_eq!((processed.status, processed.attempts), (EventStatus::Processed, 2));
    assert_eq!((processed.outcome, processed.object_id.as_deref()), (Some(outcome), Some("pi_1")));
    assert_eq!((processed.processed_at, body), (Some(NOW), events[0].body.clone()));
    let mut counts = store::inbox::counts(&mut conn, &fixture.connection, NOW).await.unwrap();
    counts.sort();
    assert_eq!(counts, [(EventStatus::Processed, 1), (EventStatus::Received, 2)]);

    let first = (Timestamp(i64::MAX), AFTER_ALL_IDS);
    let all_events = Filter::default();
    let all = store::inbox::list(&mut conn, &fixture.program, &all_events, first, 2).await.unwrap();
    assert_eq!(all.iter().map(|e| e.event_id.as_str()).collect::<Vec<_>>(), ["evt_2", "evt_1"]);
    let before = (all[1].received_at, all[1].id.as_str());
    let rest = store::inbox::list(&mut conn, &fixture.program, &all_events, before, 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    let of = |kind: &str| Some(kind.to_owned());
    let some_events = Filter {
        status: Some(EventStatus::Processed),
        event_type: of("charge.succeeded"),
        ..Filter::default()
    };
    let of_x = Filter { event_type: of("x"), ..Filter::default() };
    let some = store::inbox::list(&mut conn, &fixture.program, &some_events, first, 9).await.unwrap();
    assert_eq!(some.len(), 1);
    let none = store::inbox::list(&mut conn, &fixture.program, &of_x, first, 9).await.unwrap();
    assert!(none.is_empty());
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::inbox::get(&mut conn, &other, &events[0].id).await.unwrap().is_none());
    assert!(store::inbox::list(&mut conn, &other, &all_events, first, 9).await.unwrap().is_empty());

    let customer = fixture.customer(&mut conn).await;
    let payment = fixture.payment(&mut conn, &customer, &evaluated("pi_1")).await;
    let id = (&fixture.connection, "pi_1", &customer, Some(&payment));
    store::customers::put_stripe_ids(&mut conn, [id]).await.unwrap();
    assert_eq!(store::inbox::about_payment(&mut conn, &payment).await.unwrap().len(), 1);
}

fn facts(event: &str) -> EventFacts {
    let fact = CustomerFact { id: "cus_1".to_owned(), hints: Hints::default() };
    EventFacts { event: event.to_owned(), created: NOW, fact: Fact::Customer(fact) }
}

#[tokio::test]
async fn buyers_are_merged_with_all_their_rows() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let (ann, twin) = (fixture.customer(&mut conn).await, fixture.customer(&mut conn).await);
    let connection = &fixture.connection;
    let email = "ann@buyers.example".parse().unwrap();
    for (customer, stripe_id) in [(&ann, "cus_1"), (&twin, "pi_1")] {
        let id = (connection, stripe_id, customer, None);
        assert_eq!(store::customers::put_stripe_ids(&mut conn, [id]).await.unwrap(), 1);
        for _ in 0..2 {
            let email = (customer, &fixture.program, &email);
            store::customers::put_emails(&mut conn, [email]).await.unwrap();
        }
    }
    let newer = "ann@new.example".parse().unwrap();
    let taken = (connection, "cus_1", &twin, None);
    assert_eq!(store::customers::put_stripe_ids(&mut conn, [taken]).await.unwrap(), 0, "it is Ann's");
    store::customers::put_emails(&mut conn, [(&twin, &fixture.program, &newer)]).await.unwrap();
    let event = facts("evt_1");
    for (customer, stored) in [(&twin, 1), (&ann, 0)] {
        let new = [(connection, customer, &event)];
        assert_eq!(store::customers::put_facts(&mut conn, new).await.unwrap(), stored);
    }
    fixture.payment(&mut conn, &twin, &evaluated("pi_1")).await;
    let mut both = vec![ann.clone(), twin.clone()];
    both.sort();
    let found = store::customers::with_email(&mut conn, &fixture.program, &email).await.unwrap();
    assert_eq!(found, both);

    store::customers::merge(&mut conn, &twin, &ann).await.unwrap();
    assert!(store::customers::get(&mut conn, &twin).await.unwrap().is_none());
    let owners =
        store::customers::of_stripe_ids(&mut conn, [(connection, "pi_1"), (connection, "pi_2")]).await;
    assert_eq!(owners.unwrap(), [(connection.clone(), "pi_1".to_owned(), ann.clone())]);
    assert_eq!(store::customers::facts(&mut conn, &ann).await.unwrap(), [facts("evt_1")]);
    assert_eq!(store::payments::of_customers(&mut conn, std::slice::from_ref(&ann)).await.unwrap().len(), 1);
    for email in [email, newer] {
        let found = store::customers::with_email(&mut conn, &fixture.program, &email).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&ann));
    }
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    let email = "ann@new.example".parse().unwrap();
    assert!(store::customers::with_email(&mut conn, &other, &email).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_customer_is_attributed_and_released() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let ann = fixture.customer(&mut conn).await;
    let attribution = domain::attribution::Attribution {
        affiliate_id: fixture.affiliate.clone(),
        since: NOW,
        check: CheckKind::Metadata,
        click: None,
    };
    let email = "ann@buyers.example".parse().unwrap();
    let attributed = NewState {
        id: &ann,
        connection_id: &fixture.connection,
        program_id: &fixture.program,
        version: Some(0),
        stripe_customer: Some("cus_1"),
        email: Some(&email),
        attribution: Some(&attribution),
    };
    assert_eq!(store::customers::save(&mut conn, std::slice::from_ref(&attributed), NOW).await.unwrap(), 1);
    let seen = store::customers::get(&mut conn, &ann).await.unwrap().unwrap();
    assert_eq!((seen.affiliate_id, seen.attributed_at), (Some(fixture.affiliate.clone()), Some(NOW)));
    assert_eq!(
        (seen.attributed_by, seen.stripe_customer.as_deref()),
        (Some(CheckKind::Metadata), Some("cus_1"))
    );
    let released = NewState { attribution: None, ..attributed };
    let saved = store::customers::save(&mut conn, std::slice::from_ref(&released), NOW).await.unwrap();
    assert_eq!(saved, 0, "it has changed since");
    let released = NewState { version: Some(1), ..released };
    assert_eq!(store::customers::save(&mut conn, &[released], NOW).await.unwrap(), 1);
    let seen = store::customers::get(&mut conn, &ann).await.unwrap().unwrap();
    assert_eq!((seen.affiliate_id, seen.attributed_at), (None, None));
}
