//! How well a text fits what somebody typed a part of.

/// A score, higher is better; `None` when the letters of `wanted` are not in `text` in their order. Case does not
/// matter, spaces in `wanted` neither. Letters that follow each other, begin a word or come early count for more.
pub fn score(wanted: &str, text: &str) -> Option<i32> {
    let mut letters = wanted.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).peekable();
    let (mut score, mut run, mut before) = (0, 0, ' ');
    for (at, c) in text.chars().flat_map(char::to_lowercase).enumerate() {
        match letters.peek() {
            Some(letter) if *letter == c => {
                letters.next();
                run += 1;
                let begins = if before.is_alphanumeric() { 0 } else { 8 };
                score += 2 + 4 * (run - 1).min(4) + begins - i32::try_from(at.min(20)).unwrap_or(20) / 4;
            }
            Some(_) => run = 0,
            None => break,
        }
        before = c;
    }
    letters.peek().is_none().then_some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_fit_and_the_better_fit_wins() {
        assert!(score("crs", "Create a server").is_some());
        assert_eq!(score("srv", "vrs"), None);
        assert_eq!(score("", "anything"), Some(0));
        assert!(score("sto", "Stop the server") > score("sto", "Show the console"));
        assert!(score("re st", "Restart") > score("rest", "remove a short text"));
        assert!(score("ÜB", "über").is_some());
    }
}
