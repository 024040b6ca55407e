//! Uploaded files, in words.

use domain::files::{FilePurpose, FileType};
use engine::programs::files::File;

/// "PNG, 48 KB"
pub fn file_note(file: &File) -> String {
    format!("{}, {}", type_name(file.file_type), size_text(file.size))
}

fn type_name(file_type: FileType) -> &'static str {
    match file_type {
        FileType::Png => "PNG",
        FileType::Jpeg => "JPEG",
        FileType::WebP => "WebP",
        FileType::Pdf => "PDF",
        FileType::Zip => "ZIP",
    }
}

/// A size in whole KB, or in MB with one digit.
fn size_text(bytes: i64) -> String {
    const KB: i64 = 1_024;
    const MB: i64 = KB * KB;
    match bytes {
        ..KB => format!("{bytes} bytes"),
        KB..MB => format!("{} KB", bytes / KB),
        _ => format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB),
    }
}

/// The endings that a browser offers to choose from.
pub const fn accepted(purpose: FilePurpose) -> &'static str {
    match purpose {
        FilePurpose::Logo => ".png,.jpg,.jpeg,.webp",
        FilePurpose::Resource => ".png,.jpg,.jpeg,.webp,.pdf,.zip",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [(12, "12 bytes"), (2_048, "2 KB"), (1_572_864, "1.5 MB"), (10 << 20, "10.0 MB")]
        {
            assert_eq!(size_text(bytes), text);
        }
    }
}
