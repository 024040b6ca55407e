//! Repeated clicks: a visitor who follows a link again within an hour gets the click of the first
//! time, so that reloads and floods count once. In memory of this node, and bounded.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::clicks::ClickToken;
use domain::clock::{HOUR_MS, Timestamp};
use domain::ids::LinkId;
use tokio::sync::watch;

/// For how long a visitor gets the same click, milliseconds.
const REPEAT_MS: i64 = HOUR_MS;
/// The number of remembered visits: at some 250 bytes each, 12 MB.
const MOST: usize = 50_000;

/// A visitor on a link.
pub(crate) type Visit = (LinkId, String);
/// Whether the click is on disk; `None` as long as it is being written.
type Outcome = watch::Receiver<Option<bool>>;

struct Click {
    token: ClickToken,
    at: Timestamp,
    stored: Outcome,
}

/// The clicks of the last hour by visitor and link.
#[derive(Default)]
pub(crate) struct RecentClicks(Mutex<HashMap<Visit, Click>>);

/// Whether a visit is new.
pub(crate) enum Turn {
    /// The first in an hour: the caller stores its click and reports the outcome here.
    First(watch::Sender<Option<bool>>),
    /// A repetition, and the click that it repeats.
    Repeated(ClickToken, Outcome),
}

impl RecentClicks {
    /// Notes a visit whose click would get a token.
    pub(crate) fn take(&self, visit: Visit, token: &ClickToken, now: Timestamp) -> Turn {
        let mut clicks = self.0.lock().expect("no holder of this lock panics");
        let is_recent = |click: &Click| now.since_ms(click.at).abs() < REPEAT_MS;
        if let Some(click) = clicks.get(&visit).filter(|click| is_recent(click)) {
            return Turn::Repeated(click.token.clone(), click.stored.clone());
        }
        if clicks.len() >= MOST {
            clicks.retain(|_, click| is_recent(click));
            if clicks.len() >= MOST {
                clicks.clear();
            }
        }
        let (sender, stored) = watch::channel(None);
        clicks.insert(visit, Click { token: token.clone(), at: now, stored });
        Turn::First(sender)
    }

    /// Forgets a click that could not be stored, so that the next visit makes one.
    pub(crate) fn forget(&self, visit: &Visit, token: &ClickToken) {
        let mut clicks = self.0.lock().expect("no holder of this lock panics");
        if clicks.get(visit).is_some_and(|click| click.token == *token) {
            clicks.remove(visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::clock::Random;

    use super::*;

    fn token(random: &Random) -> ClickToken {
        ClickToken::new(Timestamp(0), random)
    }

    #[test]
    fn a_visitor_gets_the_same_click_for_an_hour() {
        let random = Random::seeded(1);
        let clicks = RecentClicks::default();
        let visit = || (LinkId::new(Timestamp(0), &Random::seeded(7)), "visitor".to_owned());
        let (first, second) = (token(&random), token(&random));
        assert!(matches!(clicks.take(visit(), &first, Timestamp(0)), Turn::First(_)));
        let again = clicks.take(visit(), &second, Timestamp(REPEAT_MS - 1));
        assert!(matches!(again, Turn::Repeated(token, _) if token == first));
        assert!(matches!(clicks.take(visit(), &second, Timestamp(REPEAT_MS)), Turn::First(_)));
        clicks.forget(&visit(), &first);
        assert!(matches!(clicks.take(visit(), &first, Timestamp(REPEAT_MS)), Turn::Repeated(..)));
        clicks.forget(&visit(), &second);
        assert!(matches!(clicks.take(visit(), &first, Timestamp(REPEAT_MS)), Turn::First(_)));
    }

    #[test]
    fn the_number_of_remembered_visits_is_limited() {
        let random = Random::seeded(1);
        let clicks = RecentClicks::default();
        let (link, click) = (LinkId::new(Timestamp(0), &random), token(&random));
        for visitor in 0..MOST * 2 + 10 {
            clicks.take((link.clone(), visitor.to_string()), &click, Timestamp(0));
        }
        assert!(clicks.0.lock().unwrap().len() <= MOST);
    }
}
