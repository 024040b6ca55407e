//! Links that are sent to a person and work once.

crate::word_enum! {
    /// What a single-use link is for.
    pub enum LinkPurpose {
        /// Creating the first owner's account.
        Setup = "setup",
        /// Choosing the first password of an account that was created for someone.
        Invitation = "invitation",
        /// Choosing a new password in place of a forgotten one.
        Password = "password",
        /// Confirming the address of an application to a program.
        Application = "application",
        /// Signing in without the password.
        SignIn = "sign_in",
        /// Confirming the new address of an account, from the new mailbox.
        ConfirmEmail = "confirm_email",
        /// Undoing the change of an account's address, from the old mailbox.
        UndoEmail = "undo_email",
    }
}
