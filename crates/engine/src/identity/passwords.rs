//! What a new password must be.
//!
//! OWASP ASVS 5.0, chapter 6.2: any characters, taken exactly as typed; no rules about their
//! kinds; nothing common, and nothing that is easily guessed from what is known of the person.

use domain::fields::Problems;

/// ASVS 6.2.1 asks for 8 and recommends more.
pub const SHORTEST: usize = 10;
/// ASVS 6.2.9 asks for at least 64.
const LONGEST: usize = 256;
/// What can be guessed with fewer tries than 10 to this power is refused: with it, two words
/// that are known of the person are not enough.
const WEAKEST: f64 = 9.0;

/// Notes what is wrong with a new password, as a problem of the field `password`. `own_words`
/// are the person's name, address and company.
pub fn check(password: &str, own_words: &[&str], problems: &mut Problems) {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        problems.add("password", format!("Use {SHORTEST} to {LONGEST} characters. 15 or more are better"));
    } else if zxcvbn::zxcvbn(password, &guesses(own_words)).guesses_log10() < WEAKEST {
        problems.add("password", "This password is easy to guess. Use three or more unrelated words");
    }
}

/// The words that someone who knows the person would try first.
fn guesses<'a>(own_words: &[&'a str]) -> Vec<&'a str> {
    let parts = own_words.iter().flat_map(|word| word.split(|c: char| !c.is_alphanumeric()));
    let parts = parts.filter(|part| part.len() > 2);
    own_words.iter().copied().chain(parts).chain(["honeyguide", "affiliate"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(password: &str) -> Option<String> {
        let own_words = ["Mira Oksanen", "mira.oksanen@example.com", "Lumen Notes"];
        let mut problems = Problems::new();
        check(password, &own_words, &mut problems);
        assert!(problems.0.len() <= 1 && problems.0.iter().all(|problem| problem.field == "password"));
        problems.0.pop().map(|problem| problem.message)
    }

    #[test]
    fn length_is_counted_in_characters() {
        for wrong in ["kqzwvxjpf", &"xkq vz ".repeat(37)] {
            assert!(problem(wrong).is_some_and(|text| text.starts_with("Use 10 to 256")), "{wrong}");
        }
        assert_eq!(problem("žluťoučký kůň pěje"), None);
    }

    #[test]
    fn common_passwords_and_personal_details_are_refused() {
        for weak in [
            "1234567890",
            "qwertyuiop",
            "password123",
            "Password123!",
            "mira.oksanen@example.com",
            "miraoksanen1",
            "lumennotes2026",
            "honeyguide1",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijkl",
        ] {
            assert!(problem(weak).is_some_and(|text| text.contains("easy to guess")), "{weak}");
        }
    }

    #[test]
    fn any_long_phrase_is_accepted() {
        for good in ["correct horse battery staple", "another battery staple", "жёлтый кит поёт ночью"]
        {
            assert_eq!(problem(good), None, "{good}");
        }
    }
}
