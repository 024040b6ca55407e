//! Leads: email addresses that a site reports for a click, and how much a report proves.

crate::word_enum! {
    /// Who vouches for a lead.
    pub enum LeadProof {
        /// The merchant's server sent it with an API key.
        Server = "server",
        /// A page sent it with a signature of the merchant's server.
        Signed = "signed",
        /// A page sent it, and so could anyone: a hint.
        Browser = "browser",
    }
}

impl LeadProof {
    /// Whether the merchant's server vouches for it.
    pub const fn is_proved(self) -> bool {
        !matches!(self, Self::Browser)
    }
}

crate::word_enum! {
    /// Why a hint is not plausible, so that it only suggests its affiliate.
    pub enum LeadDoubt {
        /// The page that sent it is not on a domain of the program.
        ForeignOrigin = "foreign_origin",
        /// The click's verifier, which only its own visitor has, was missing or wrong.
        NoVerifier = "no_verifier",
        /// The click has served another address.
        ClickUsed = "click_used",
        /// The visitor has served another address on that day.
        VisitorUsed = "visitor_used",
        /// The program reviews hints.
        Reviewed = "reviewed",
    }
}

crate::word_enum! {
    /// What a program does with leads that only a page vouches for.
    pub enum BrowserLeads {
        /// Plausible ones count.
        Count = "count",
        /// They suggest an affiliate, and a person decides.
        Review = "review",
        /// They are not taken.
        Off = "off",
    }
}
