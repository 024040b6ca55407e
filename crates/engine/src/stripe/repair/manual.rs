//! A manual connection: Honeyguide can ask and change nothing at Stripe, so the report
//! lists what the merchant has to look at there, with what is known here.

use connect::stripe::client::API_VERSION;
use connect::stripe::read::EVENT_TYPES;
use domain::deliveries::SignatureError;
use domain::repairs::{ManualStep, RejectionCause, RepairLine};
use store::connections::Connection;

/// What to do in Stripe's dashboard, step by step. `last_four` is the end of the newest
/// signing secret that is stored here.
pub(super) fn instructions(connection: &Connection, url: &str, last_four: Option<&str>) -> Vec<RepairLine> {
    let types: Vec<String> =
        EVENT_TYPES.into_iter().filter(|kind| !kind.starts_with("account.")).map(str::to_owned).collect();
    let steps = [
        ManualStep::OpenDashboard { livemode: connection.livemode.unwrap_or(true), url: url.to_owned() },
        ManualStep::CheckEnabled,
        ManualStep::CheckUrl { url: url.to_owned() },
        ManualStep::CheckEventTypes { types },
        ManualStep::CheckSecret { last_four: last_four.map(str::to_owned) },
        ManualStep::CheckVersion { recommended: API_VERSION.to_owned() },
        ManualStep::ResendEvents,
    ];
    last_rejection(connection)
        .map(ManualStep::LastRejection)
        .into_iter()
        .chain(steps)
        .map(RepairLine::Manual)
        .collect()
}

fn last_rejection(connection: &Connection) -> Option<RejectionCause> {
    let (_, error) = connection.signature_failures.last?;
    Some(match error {
        SignatureError::NoMatch => RejectionCause::SecretMismatch,
        SignatureError::Stale => RejectionCause::ClockDifference,
        SignatureError::Missing | SignatureError::Malformed => RejectionCause::UnreadableSignature,
    })
}

#[cfg(test)]
mod tests {
    use domain::clock::{Random, Timestamp};
    use domain::deliveries::SignatureFailures;
    use domain::ids::{ConnectionId, ProgramId};

    use super::*;

    const URL: &str = "https://hg.example/webhooks/stripe/t";

    #[test]
    fn the_last_rejection_comes_first_and_the_dashboard_is_that_of_the_mode() {
        let (now, random) = (Timestamp(1), Random::seeded(1));
        let row =
            Connection::manual(ConnectionId::new(now, &random), &ProgramId::new(now, &random), "t", now);
        let open = |livemode| RepairLine::Manual(ManualStep::OpenDashboard { livemode, url: URL.to_owned() });
        let lines = instructions(&row, URL, Some("w9Ke"));
        assert_eq!(lines[0], open(true));
        let last_four = Some("w9Ke".to_owned());
        assert!(lines.contains(&RepairLine::Manual(ManualStep::CheckSecret { last_four })));
        assert!(lines.iter().any(|line| matches!(
            line,
            RepairLine::Manual(ManualStep::CheckEventTypes { types }) if types.iter().any(|it| it == "charge.refunded")
        )));

        let rejected = Connection {
            livemode: Some(false),
            signature_failures: SignatureFailures {
                count: 1,
                last: Some((now, SignatureError::NoMatch)),
                settled_at: None,
            },
            ..row
        };
        let lines = instructions(&rejected, URL, None);
        let first = ManualStep::LastRejection(RejectionCause::SecretMismatch);
        assert_eq!(lines[..2], [RepairLine::Manual(first), open(false)]);
    }
}
