//! The people of the demo.

use domain::terms::Recurrence;

/// The accounts to sign in with: role, email address, password. For the demo only.
pub const SIGN_INS: [(&str, &str, &str); 2] = [
    ("Merchant", "hanna@lumennotes.example", "paper-and-honey"),
    ("Affiliate", "mira@deskandmargin.example", "desk-and-margin"),
];

/// The code of the link to try first.
pub const FIRST_CODE: &str = "mira";

/// A program to create.
pub struct ProgramPlan {
    pub name: &'static str,
    pub website: String,
    pub currency: &'static str,
    pub time_zone: &'static str,
    pub rate_bps: i64,
    pub recurrence: Recurrence,
    /// Whether applications are approved without a decision.
    pub auto_approve: bool,
    /// The accent color of the public page.
    pub color: &'static str,
    /// The words on the public page.
    pub introduction: &'static str,
    pub affiliates: &'static [AffiliatePlan],
}

/// An affiliate to create.
pub struct AffiliatePlan {
    pub name: &'static str,
    pub email: &'static str,
    pub code: &'static str,
    /// Where their readers come from.
    pub site: &'static str,
    /// Clicks on an ordinary day.
    pub clicks_a_day: u64,
    /// Of ten thousand clicks, how many buy.
    pub buyers_in_10k: u64,
    /// Their promotion code, if they have one.
    pub coupon: Option<&'static str>,
}

const fn affiliate(
    name: &'static str,
    email: &'static str,
    code: &'static str,
    site: &'static str,
    clicks_a_day: u64,
    buyers_in_10k: u64,
    coupon: Option<&'static str>,
) -> AffiliatePlan {
    AffiliatePlan { name, email, code, site, clicks_a_day, buyers_in_10k, coupon }
}

const LUMEN: &[AffiliatePlan] = &[
    affiliate("Mira Okafor", "mira@deskandmargin.example", "mira", "deskandmargin.example", 16, 190, None),
    affiliate(
        "Tomás Rebelo",
        "tomas@papercuts.example",
        "papercuts",
        "papercuts.example",
        12,
        170,
        Some("PAPERCUTS20"),
    ),
    affiliate(
        "Ingrid Halvorsen",
        "ingrid@thequietstack.example",
        "quietstack",
        "thequietstack.example",
        9,
        160,
        None,
    ),
    affiliate("Priya Raman", "priya@studywithpriya.example", "priya", "studywithpriya.example", 8, 150, None),
    affiliate("Kenji Mori", "kenji@slowtools.example", "kenji", "slowtools.example", 6, 160, None),
    affiliate("Lucie Fabre", "lucie@carnetouvert.example", "carnet", "carnetouvert.example", 4, 150, None),
    affiliate(
        "Devon Achterberg",
        "devon@fieldnotesfm.example",
        "fieldnotes",
        "fieldnotesfm.example",
        3,
        130,
        None,
    ),
    affiliate("Amara Nwosu", "amara@inkwellweekly.example", "inkwell", "inkwellweekly.example", 2, 120, None),
];

const STUDIO: &[AffiliatePlan] = &[
    affiliate(
        "Jonas Weber",
        "jonas@schreibtisch.example",
        "schreibtisch",
        "schreibtisch.example",
        4,
        160,
        None,
    ),
    affiliate("Elif Demir", "elif@kagitkalem.example", "elif", "kagitkalem.example", 3, 150, None),
    affiliate("Noor Haddad", "noor@margins.example", "noor", "margins.example", 2, 140, None),
    affiliate("Sanne de Wit", "sanne@penvriend.example", "sanne", "penvriend.example", 2, 120, None),
];

/// How an affiliate of the first program is paid.
pub enum Method {
    Iban { holder: &'static str, iban: &'static str },
    Paypal(&'static str),
    Wise { holder: &'static str, email: &'static str },
}

/// How the first program's affiliates are paid, by code. One has not said it yet.
pub const METHODS: &[(&str, Method)] = &[
    ("mira", Method::Wise { holder: "Mira Okafor", email: "mira@deskandmargin.example" }),
    ("papercuts", Method::Iban { holder: "Tomás Rebelo", iban: "PT50000201231234567890154" }),
    ("quietstack", Method::Iban { holder: "Ingrid Halvorsen", iban: "NO9386011117947" }),
    ("priya", Method::Paypal("priya@studywithpriya.example")),
    ("kenji", Method::Iban { holder: "Kenji Mori", iban: "DE89370400440532013000" }),
    ("fieldnotes", Method::Paypal("devon@fieldnotesfm.example")),
];

/// The two programs; the first is the one to follow the money in.
pub fn programs(shop_url: &str) -> [ProgramPlan; 2] {
    [
        ProgramPlan {
            name: "Lumen Partners",
            website: shop_url.to_owned(),
            currency: "usd",
            time_zone: "America/New_York",
            rate_bps: 2_500,
            recurrence: Recurrence::Months { months: 12 },
            auto_approve: false,
            color: "#17605a",
            introduction: "Lumen Notes is the notebook for people who think in writing. Most of our customers \
                           came because someone showed them how they work with it.\n\n\
                           If you write, teach or make videos about notes, paper or studying, we would like \
                           to hear from you.",
            affiliates: LUMEN,
        },
        ProgramPlan {
            name: "Lumen Studio Friends",
            website: shop_url.to_owned(),
            currency: "usd",
            time_zone: "Europe/Berlin",
            rate_bps: 1_500,
            recurrence: Recurrence::FirstPayment,
            auto_approve: true,
            color: "#b4552d",
            introduction: "",
            affiliates: STUDIO,
        },
    ]
}
