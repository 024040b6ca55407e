//! What joining a program leads to.

/// What a confirmed application or an accepted invitation leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// It waits for a decision, or was decided before.
    Noted,
    /// The applicant is in the program and can sign in.
    In,
    /// The applicant is in the program and chooses a first password, by this token.
    ChoosePassword(String),
}
