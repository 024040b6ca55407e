//! What a new password must be.

use domain::fields::Problems;

/// OWASP ASVS 5.0, 6.2.1 and 6.2.9.
const SHORTEST: usize = 8;
const LONGEST: usize = 256;
/// The most common passwords of at least eight characters, as of public breach lists.
const COMMON: [&str; 20] = [
    "password",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyui",
    "qwerty123",
    "password1",
    "password123",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "passw0rd",
    "11111111",
    "00000000",
    "abcd1234",
    "letmein1",
];

/// Notes what is wrong with a new password. It is taken exactly as typed.
pub fn check(password: &str, own_words: &[&str], problems: &mut Problems) {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    if !(SHORTEST..=LONGEST).contains(&length) {
        problems.add("password", format!("Use {SHORTEST} to {LONGEST} characters; 15 or more are better"));
    } else if COMMON.contains(&lower.as_str()) {
        problems.add("password", "This password is among the most common ones. Choose another");
    } else if own_words.iter().any(|word| word.len() > 3 && lower == word.to_lowercase()) {
        problems.add("password", "Choose a password that is not your name or address");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_named() {
        for weak in ["short", "Password1", "mira@example.com", &"x".repeat(300)] {
            let mut problems = Problems::new();
            check(weak, &["mira@example.com"], &mut problems);
            assert_eq!(problems.0.len(), 1, "{weak}");
        }
        let mut problems = Problems::new();
        check("a good long one", &[], &mut problems);
        assert!(problems.is_empty());
    }
}
