//! Members of a company, and their roles.

crate::word_enum! {
    /// What a member of a company may do.
    pub enum Role {
        /// Everything.
        Owner = "owner",
        /// Everything except changing owners.
        Manager = "manager",
        /// Read only.
        Viewer = "viewer",
    }
}
