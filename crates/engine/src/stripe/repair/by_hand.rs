//! A connection by hand: nothing can be asked or changed at Stripe, so the report says
//! what the merchant must look at there, with what is known here.

use connect::stripe::client::API_VERSION;
use connect::stripe::read::EVENT_TYPES;
use domain::deliveries::SignatureError;
use store::connections::Connection;

use super::report::{Line, LineState};

/// What to do in Stripe's dashboard, step by step.
pub(super) fn instructions(connection: &Connection, url: &str, secret_ends_in: Option<&str>) -> Vec<Line> {
    let dashboard = match connection.livemode {
        Some(false) => "https://dashboard.stripe.com/test/webhooks",
        _ => "https://dashboard.stripe.com/webhooks",
    };
    let step =
        |code: &str, title: &str, text: String| Line::new(code, LineState::Notice, title, "check", text);
    let secret = match secret_ends_in {
        Some(ending) => format!(
            "Press Reveal under Signing secret. It must end in {ending}. If it does not, paste it here under Add a rolled secret."
        ),
        None => "No signing secret is here. Press Reveal under Signing secret and paste it here.".to_owned(),
    };
    let types: Vec<&str> = EVENT_TYPES.into_iter().filter(|kind| !kind.starts_with("account.")).collect();
    let mut lines = vec![
        step(
            "open_dashboard",
            "Open the endpoint in Stripe",
            format!("Go to {dashboard} and open the endpoint that sends to {url}. If there is none, add it."),
        ),
        step(
            "check_enabled",
            "Switch it on",
            "Its status must be Enabled. If it says Disabled, open the menu at the top right and choose Enable.".to_owned(),
        ),
        step("check_url", "Compare the address", "It must be exactly this.".to_owned()).quoting(url),
        step(
            "check_types",
            "Compare the event types",
            "Press Edit. These must be ticked.".to_owned(),
        )
        .quoting(&types.join(", ")),
        step("check_secret", "Compare the signing secret", secret),
        step(
            "check_version",
            "Look at the API version",
            format!("Best is {API_VERSION}. Newer ones work too; bare charges are then credited up to an hour late."),
        ),
        step(
            "resend",
            "Send again what was missed",
            "Under Events of the endpoint, choose Failed and press Resend for each. Stripe keeps them for 15 days. \
             Connected by a restricted key, Honeyguide fetches them by itself."
                .to_owned(),
        ),
    ];
    if let Some((_, error)) = connection.signature_failures.last {
        let text = match error {
            SignatureError::NoMatch => {
                "The last refused delivery fitted none of the secrets here: begin with the signing secret."
            }
            SignatureError::Stale => {
                "The last refused delivery was more than five minutes old: set this server’s clock first."
            }
            SignatureError::Missing | SignatureError::Malformed => {
                "The last refused delivery had no readable signature: a proxy may drop or change the header."
            }
        };
        lines.insert(0, step(error.word(), "The last refused delivery", text.to_owned()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use domain::clock::{Random, Timestamp};
    use domain::deliveries::SignatureFailures;
    use domain::ids::{ConnectionId, ProgramId};

    use super::*;

    #[test]
    fn what_is_known_here_comes_first_and_the_place_in_the_dashboard_fits_the_mode() {
        let (now, random) = (Timestamp(1), Random::seeded(1));
        let row =
            Connection::manual(ConnectionId::new(now, &random), &ProgramId::new(now, &random), "t", now);
        let lines = instructions(&row, "https://hg.example/webhooks/stripe/t", Some("w9Ke"));
        assert!(lines[0].text.contains("https://dashboard.stripe.com/webhooks"));
        assert!(lines.iter().any(|line| line.text.contains("end in w9Ke")));
        assert!(
            lines
                .iter()
                .any(|line| line.quote.as_deref().is_some_and(|quote| quote.contains("charge.refunded")))
        );
        let refused = Connection {
            livemode: Some(false),
            signature_failures: SignatureFailures { count: 1, last: Some((now, SignatureError::NoMatch)) },
            ..row
        };
        let lines = instructions(&refused, "https://hg.example/webhooks/stripe/t", None);
        assert!(lines[0].text.contains("none of the secrets"));
        assert!(lines[1].text.contains("/test/webhooks"));
    }
}
