//! What should be looked at in an application, in words.

use domain::applications::{ApplicationStatus, Mark};

/// A mark: a few words, and a sentence.
pub fn mark_text(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::DisposableAddress => {
            ("Disposable email address", "The provider hands out addresses that expire")
        }
        Mark::OwnAddress => {
            ("Address at your own domain", "The email address is at a domain of this program")
        }
        Mark::OwnWebsite => ("Your own website", "The website is at a domain of this program"),
        Mark::AppliedBefore => ("Applied before", "There is an earlier application with this email address"),
    }
}

/// The name of a list of applications.
pub fn list_name(status: ApplicationStatus) -> &'static str {
    match status {
        ApplicationStatus::Pending => "To review",
        ApplicationStatus::Approved => "Approved",
        ApplicationStatus::Declined => "Declined",
        ApplicationStatus::Unconfirmed => "Email not confirmed",
    }
}
