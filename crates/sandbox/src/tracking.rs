//! The settings of the affiliate program whose script the sample shop loads.

/// The script tag of an affiliate program.
#[derive(Clone, Debug)]
pub struct Tracking {
    /// Where Honeyguide is, such as `http://localhost:3000`.
    pub honeyguide_url: String,
    /// The program's id.
    pub program: String,
}
