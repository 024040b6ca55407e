//! Cells and lines of a file that people open in spreadsheets.

use domain::clock::Timestamp;

/// One line. A cell that a spreadsheet would run as a formula gets a leading apostrophe
/// (OWASP: CSV injection); amounts are not cells of text and keep their minus.
pub fn line(cells: Vec<String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| if is_formula(&cell) { format!("'{cell}") } else { cell });
    if writer.write_record(cells).is_err() {
        return Vec::new();
    }
    writer.into_inner().unwrap_or_default()
}

fn is_formula(cell: &str) -> bool {
    let number =
        cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// `2026-11-21T09:41:00Z`
pub fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| String::new(), |at| at.strftime("%FT%TZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_escaped_and_numbers_kept() {
        let cells = ["=1+1", "-5.00", "-cmd", "@x", "plain, quoted", "a\"b"].map(str::to_owned).to_vec();
        let text = String::from_utf8(line(cells)).unwrap();
        assert_eq!(text, "'=1+1,-5.00,'-cmd,'@x,\"plain, quoted\",\"a\"\"b\"\n");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(Timestamp(1_795_000_000_000)), "2026-11-18T11:06:40Z");
    }
}
