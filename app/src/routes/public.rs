//! What anybody may open: links, a program's public page, and the check of a receipt.

use domain::colors::Color;
use domain::ids::FileId;
use domain::links::LinkCode;

use super::files::uploads;

/// The public check of a receipt.
pub const RECEIPT: &str = "/receipt";
/// The parameter of the public check that holds a receipt in its compact form.
pub const RECEIPT_PARAMETER: &str = "r";
/// The public keys of receipts.
pub const RECEIPT_KEYS: &str = "/.well-known/honeyguide-receipt-key";

/// The link that an affiliate shares, below the address of the installation.
pub fn link_url(base_url: &str, code: &LinkCode) -> String {
    format!("{base_url}/r/{code}")
}

/// The public check of a receipt in its compact form.
pub fn receipt_of(compact: &str) -> String {
    format!("{RECEIPT}?{RECEIPT_PARAMETER}={compact}")
}

/// The page of an invitation to a program, or of a link by which people join.
pub fn invite(token: &str) -> String {
    format!("/invite/{token}")
}

/// A program's public page.
pub fn join(slug: &str) -> String {
    format!("/join/{slug}")
}

/// The preview of a program's public page, as an axum pattern.
pub const JOIN_IMAGE: &str = "/join/{slug}/image.png";

/// The preview of a program's public page.
pub fn join_image(slug: &str) -> String {
    JOIN_IMAGE.replace("{slug}", slug)
}

/// The logo of a program.
pub fn logo(id: &FileId) -> String {
    uploads::LOGO.replace("{file}", id.as_str())
}

/// The form of a program's public page, on a page of its own.
pub fn apply(slug: &str) -> String {
    format!("/join/{slug}/apply")
}

/// The page after an application was sent.
pub fn application_sent(slug: &str) -> String {
    format!("/join/{slug}/sent")
}

/// The page of a link that confirms the address of an application.
pub fn confirm_application(token: &str) -> String {
    format!("/application/{token}")
}

/// The stylesheet with the shades of a program's color, as an axum pattern.
pub const PROGRAM_COLORS: &str = "/colors/{file}";

/// The stylesheet with the shades of a program's color.
pub fn program_colors(color: Color) -> String {
    PROGRAM_COLORS.replace("{file}", &format!("{}.css", color.digits()))
}
