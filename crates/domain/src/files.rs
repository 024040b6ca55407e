//! Files that a company uploads: what they may be, and what they are called when they are downloaded.
//!
//! The type is read from the content, never from the name or what the browser says. SVG is not
//! accepted, because it can have scripts.

/// The largest file for affiliates, bytes.
pub const LARGEST_FILE: i64 = 10 << 20;
/// The largest logo, bytes.
pub const LARGEST_LOGO: i64 = 256 << 10;
/// What all files of a program may have together, bytes.
pub const MOST_BYTES: i64 = 100 << 20;
/// Bytes at the beginning of a file that tell its type, and the size of a PNG or a WebP.
pub const HEAD_BYTES: usize = 512;

crate::word_enum! {
    /// What a file is for.
    pub enum FilePurpose {
        /// The logo of a program, which anyone may see.
        Logo = "logo",
        /// Something for the affiliates of a program.
        Resource = "resource",
    }
}

impl FilePurpose {
    /// The largest file, bytes.
    pub const fn largest(self) -> i64 {
        match self {
            Self::Logo => LARGEST_LOGO,
            Self::Resource => LARGEST_FILE,
        }
    }

    /// Whether a type is accepted.
    ///
    /// # Errors
    /// Why not, with what to do.
    pub const fn check(self, file_type: FileType) -> Result<(), FileProblem> {
        match (self, file_type) {
            (Self::Resource, _) | (Self::Logo, FileType::Png | FileType::Jpeg | FileType::WebP) => Ok(()),
            (Self::Logo, FileType::Pdf | FileType::Zip) => Err(FileProblem::NoPicture),
        }
    }
}

crate::word_enum! {
    /// The type of a file.
    pub enum FileType {
        /// A PNG picture.
        Png = "png",
        /// A JPEG picture.
        Jpeg = "jpeg",
        /// A WebP picture.
        WebP = "webp",
        /// A PDF document.
        Pdf = "pdf",
        /// A ZIP archive.
        Zip = "zip",
    }
}

impl FileType {
    /// The type, from the first bytes of a file.
    ///
    /// # Errors
    /// Why the file is not accepted, with what to do.
    pub fn of(head: &[u8]) -> Result<Self, FileProblem> {
        if head.is_empty() {
            return Err(FileProblem::Empty);
        }
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Ok(Self::Png);
        }
        if head.starts_with(&[0xff, 0xd8, 0xff]) {
            return Ok(Self::Jpeg);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            return Ok(Self::WebP);
        }
        if head.starts_with(b"%PDF-") {
            return Ok(Self::Pdf);
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Ok(Self::Zip);
        }
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        Err(if text.contains("<svg") { FileProblem::Svg } else { FileProblem::UnknownType })
    }

    /// The type for browsers.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
        }
    }

    /// Whether it is a picture that browsers show.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::WebP)
    }

    /// The endings of names, the usual one first.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::WebP => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Zip => &["zip"],
        }
    }
}

/// Why a file is not accepted. Each message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Nothing was chosen.
    #[error("Choose a file")]
    Empty,
    /// It is larger than [`LARGEST_FILE`].
    #[error("This file is larger than 10 MB. Compress it, or link to it in a text")]
    TooLarge,
    /// A logo is larger than [`LARGEST_LOGO`].
    #[error("This picture is larger than 256 KB. Make it smaller")]
    LogoTooLarge,
    /// It can have scripts.
    #[error(
        "SVG files can contain scripts, so they are not accepted. Upload a PNG or WebP, or put the SVG into a ZIP file"
    )]
    Svg,
    /// It is none of the types.
    #[error("Upload a PNG, JPEG, WebP, PDF or ZIP file")]
    UnknownType,
    /// A logo is no picture.
    #[error("Upload a PNG, JPEG or WebP picture")]
    NoPicture,
    /// All files of the program together are larger than [`MOST_BYTES`].
    #[error("All files of a program can have 100 MB together. Delete one first")]
    NoSpace,
}

impl FileProblem {
    /// The problem of a file that is too large for its purpose.
    pub const fn too_large(purpose: FilePurpose) -> Self {
        match purpose {
            FilePurpose::Logo => Self::LogoTooLarge,
            FilePurpose::Resource => Self::TooLarge,
        }
    }
}

/// What a file is called: one line without separators of paths, which ends as its type demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The longest name, in characters.
    pub const LONGEST: usize = 100;

    /// The name of a file of a type, from what the browser says.
    pub fn new(given: &str, file_type: FileType) -> Self {
        let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
        let kept = |c: char| !c.is_control() && !"\"<>:|?*".contains(c) && !is_direction(c);
        let name: String = last.chars().filter(|c| kept(*c)).collect();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        let endings = file_type.endings();
        let fits = endings.contains(&ending.to_ascii_lowercase().as_str());
        let ending = if fits { ending.to_ascii_lowercase() } else { endings[0].to_owned() };
        let stem: String = stem.trim().trim_matches('.').chars().take(Self::LONGEST - 6).collect();
        let stem = if stem.trim().is_empty() { "file" } else { stem.trim() };
        Self(format!("{stem}.{ending}"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of `Content-Disposition` that saves a file under a name (RFC 6266): letters that are
    /// not ASCII are replaced for old browsers, and percent-encoded for all others.
    pub fn attachment(name: &str) -> String {
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' })
            .collect();
        let encoded: String = name
            .bytes()
            .map(|byte| {
                let is_plain = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
                if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            })
            .collect();
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    }
}

/// Characters that turn the direction of a text, and could hide the ending of a name.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_in_the_content() {
        for (head, file_type) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], FileType::Png),
            (&[0xff, 0xd8, 0xff, 0xe0], FileType::Jpeg),
            (b"RIFF\x10\0\0\0WEBPVP8 ", FileType::WebP),
            (b"%PDF-1.7", FileType::Pdf),
            (b"PK\x03\x04", FileType::Zip),
        ] {
            assert_eq!(FileType::of(head), Ok(file_type));
        }
        for (head, problem) in [
            (&b""[..], FileProblem::Empty),
            (b"<?xml version=\"1.0\"?><SVG onload=", FileProblem::Svg),
            (b"<!doctype html><script>", FileProblem::UnknownType),
            (b"GIF89a", FileProblem::UnknownType),
            (b"RIFF\x10\0\0\0WAVE", FileProblem::UnknownType),
            (b" %PDF-1.7", FileProblem::UnknownType),
            (b"MZ\x90", FileProblem::UnknownType),
        ] {
            assert_eq!(FileType::of(head), Err(problem));
        }
    }

    #[test]
    fn a_logo_is_a_picture() {
        assert_eq!(FilePurpose::Logo.check(FileType::WebP), Ok(()));
        assert_eq!(FilePurpose::Logo.check(FileType::Pdf), Err(FileProblem::NoPicture));
        assert_eq!(FilePurpose::Resource.check(FileType::Zip), Ok(()));
    }

    #[test]
    fn a_name_ends_as_its_type_demands() {
        for (given, file_type, name) in [
            ("banner.png", FileType::Png, "banner.png"),
            ("Banner 728×90.JPEG", FileType::Jpeg, "Banner 728×90.jpeg"),
            ("../../etc/page.html", FileType::Png, "page.png"),
            ("C:\\pictures\\a.png", FileType::Png, "a.png"),
            ("evil.pdf.exe", FileType::Pdf, "evil.pdf.pdf"),
            ("a\u{202e}gnp.exe", FileType::Zip, "agnp.zip"),
            ("", FileType::Zip, "file.zip"),
            (".png", FileType::Png, "file.png"),
            ("a\r\nb\".png", FileType::Png, "ab.png"),
        ] {
            assert_eq!(FileName::new(given, file_type).as_str(), name, "{given:?}");
        }
        let long = "x".repeat(500);
        assert!(FileName::new(&long, FileType::Jpeg).as_str().chars().count() <= FileName::LONGEST);
    }

    #[test]
    fn a_header_cannot_be_left() {
        let header = FileName::attachment("Ünï\"; x=1.png");
        assert_eq!(
            header,
            "attachment; filename=\"_n__; x=1.png\"; filename*=UTF-8''%C3%9Cn%C3%AF%22%3B%20x%3D1.png"
        );
        assert!(header.is_ascii());
    }
}
