//! Which variables are not for everybody's eyes.

/// What is shown in place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// Whether a variable's name says that its value is not for everybody's eyes.
pub fn sounds_secret(variable: &str) -> bool {
    let name = variable.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "WEBHOOK"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_sound_secret_are() {
        for name in ["CF_API_KEY", "discord_webhook_url", "DB_PASSWORD", "GH_TOKEN"] {
            assert!(sounds_secret(name), "{name}");
        }
        assert!(!sounds_secret("USE_AIKAR_FLAGS"));
    }
}
