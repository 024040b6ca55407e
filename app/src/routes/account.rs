//! Signing in, the account, and the links in mails that lead to it.

/// Signing in.
pub const SIGN_IN: &str = "/login";
/// Entering the code of two-step sign-in, after the password.
pub const SIGN_IN_CODE: &str = "/login/code";
/// Asking for a link to sign in by mail.
pub const SIGN_IN_LINK: &str = "/login/link";
/// The signed-in person's name, address, password and sessions.
pub const ACCOUNT: &str = "/account";
/// Setting up two-step sign-in, its recovery codes, and turning it off.
pub const TWO_STEP: &str = "/account/two-step";
/// Asking for a link to choose another password.
pub const FORGOT_PASSWORD: &str = "/password/forgot";

/// The page of a setup link, where the first owner creates an account.
pub fn setup(token: &str) -> String {
    format!("/setup/{token}")
}

/// The page of a link to choose a password.
pub fn choose_password(token: &str) -> String {
    format!("/password/choose/{token}")
}

/// The page of a link to sign in.
pub fn sign_in_by_link(token: &str) -> String {
    format!("{SIGN_IN_LINK}/{token}")
}

/// The page of a link that confirms the new address of an account.
pub fn confirm_email(token: &str) -> String {
    format!("/email/confirm/{token}")
}

/// The page of a link that undoes the change of an account's address.
pub fn undo_email(token: &str) -> String {
    format!("/email/undo/{token}")
}

/// The page of an invitation to a program.
pub fn invitation(token: &str) -> String {
    format!("/invitation/{token}")
}
