//! Fault injection: failures of the API that a test switches on.

/// How the sandbox fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// 429 with `Stripe-Rate-Limited-Reason`, and `Retry-After` in seconds when given.
    TooMany {
        /// Seconds to wait.
        retry_after: Option<u32>,
    },
    /// A status such as 500 or 503, in Stripe's error shape.
    Status(u16),
    /// No answer for two minutes, which is longer than any client waits.
    Silence,
    /// 200 with a body that is not JSON.
    Garbage,
    /// The connection ends in the middle of the answer. The work is done before.
    Cut,
}

impl Failure {
    /// Every failure by the name that the dashboard uses.
    pub(crate) const NAMED: [(&str, Self); 6] = [
        ("429", Self::TooMany { retry_after: Some(1) }),
        ("500", Self::Status(500)),
        ("503", Self::Status(503)),
        ("silence", Self::Silence),
        ("garbage", Self::Garbage),
        ("cut", Self::Cut),
    ];
}

/// A failure, where and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    failure: Failure,
    method: Option<&'static str>,
    path: String,
    skip: u32,
    times: Option<u32>,
}

impl Fault {
    /// A failure of every call, until [`crate::Stripe::heal`].
    pub fn new(failure: Failure) -> Self {
        Self { failure, method: None, path: String::new(), skip: 0, times: None }
    }

    /// Only for paths with that beginning, such as `/v1/events` or `/oauth/token`.
    #[must_use]
    pub fn on(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Only for that method.
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Lets that many calls pass first.
    #[must_use]
    pub const fn after(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// Fails that many times, then ends.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.is_none_or(|it| it == method) && path.starts_with(&self.path)
    }

    /// For the dashboard: what, where, how often still.
    pub(crate) fn words(&self) -> String {
        let failure = match self.failure {
            Failure::TooMany { .. } => "429".to_owned(),
            Failure::Status(status) => status.to_string(),
            Failure::Silence => "no answer".to_owned(),
            Failure::Garbage => "garbage".to_owned(),
            Failure::Cut => "cut connection".to_owned(),
        };
        let calls = if self.path.is_empty() { "every call" } else { &self.path };
        let times = self.times.map_or_else(String::new, |times| format!(", {times} times"));
        format!("{failure} on {calls}{times}")
    }
}

/// The faults that are active.
#[derive(Default)]
pub(crate) struct Faults {
    faults: Vec<Fault>,
    /// Calls to `/v1` a second, if they are counted.
    limit: Option<u32>,
    /// The second that is being counted, and its calls.
    second: (i64, u32),
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(crate) fn set_limit(&mut self, calls_a_second: Option<u32>) {
        self.limit = calls_a_second;
    }

    fn is_over_limit(&mut self, second: i64) -> bool {
        let Some(limit) = self.limit else { return false };
        if self.second.0 != second {
            self.second = (second, 0);
        }
        self.second.1 = self.second.1.saturating_add(1);
        self.second.1 > limit
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
        self.limit = None;
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.faults
    }

    /// How this call fails, if it does: the first fault that matches decides, and is used
    /// once.
    pub(crate) fn next_failure(&mut self, method: &str, path: &str, second: i64) -> Option<Failure> {
        let Some(index) = self.faults.iter().position(|it| it.matches(method, path)) else {
            let is_over = path.starts_with("/v1") && self.is_over_limit(second);
            return is_over.then_some(Failure::TooMany { retry_after: None });
        };
        let fault = &mut self.faults[index];
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let failure = fault.failure;
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.faults.remove(index);
            }
        }
        Some(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_affects_its_calls_as_often_as_set() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Failure::Garbage).on("/v1/events").method("GET").after(1).times(2));
        assert_eq!(faults.next_failure("POST", "/v1/events", 0), None);
        assert_eq!(faults.next_failure("GET", "/v1/account", 0), None);
        let failures: Vec<_> = (0..4).map(|_| faults.next_failure("GET", "/v1/events", 0)).collect();
        assert_eq!(failures, [None, Some(Failure::Garbage), Some(Failure::Garbage), None]);
        faults.add(Fault::new(Failure::Silence));
        assert_eq!(faults.next_failure("DELETE", "/oauth", 0), Some(Failure::Silence));
        assert_eq!(faults.next_failure("DELETE", "/oauth", 0), Some(Failure::Silence));
        faults.clear();
        faults.set_limit(Some(2));
        let counted: Vec<_> =
            [7, 7, 7, 8].map(|at| faults.next_failure("GET", "/v1/events", at).is_some()).into();
        assert_eq!(counted, [false, false, true, false]);
        assert_eq!(faults.next_failure("DELETE", "/oauth", 0), None);
    }
}
