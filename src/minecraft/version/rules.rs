//! What a version needs and can do.

use super::Version;

/// Releases to the Java version that runs them, newest first.
const JAVA: &[([u16; 3], u8)] =
    &[([26, 1, 0], 25), ([1, 20, 5], 21), ([1, 18, 0], 17), ([1, 17, 0], 16), ([0, 0, 0], 8)];

/// The image's tag with this Java version; the newest for one that has none of its own.
pub fn image_tag(java: u8) -> &'static str {
    match java {
        ..=8 => "java8",
        9..=11 => "java11",
        12..=16 => "java16",
        17 => "java17",
        18..=21 => "java21",
        _ => "java25",
    }
}

impl Version {
    /// The Java version that runs it.
    pub fn java(&self) -> u8 {
        JAVA.iter().find(|(from, _)| self.reaches(*from)).map_or(8, |(_, java)| *java)
    }

    /// Whether `tick query` tells how fast it ticks (1.20.3).
    pub fn has_tick_query(&self) -> bool {
        self.reaches([1, 20, 3])
    }

    /// Whether all dimensions are kept within one world folder, on every kind of server (26.1). The way there is
    /// one-way, so a backup belongs before it.
    pub fn has_new_world_layout(&self) -> bool {
        self.reaches([26, 1, 0])
    }

    /// Whether the log has `System chat: ` before joins, leaves, deaths and command feedback (26.3).
    pub fn has_system_chat_prefix(&self) -> bool {
        self.reaches([26, 3, 0])
    }

    /// Whether the server stands still by itself while nobody is online (1.21.2).
    pub fn pauses_when_empty(&self) -> bool {
        self.reaches([1, 21, 2])
    }

    /// Whether it speaks the management protocol (1.21.9).
    pub fn has_management_protocol(&self) -> bool {
        self.reaches([1, 21, 9])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_and_tags() {
        let cases = [
            ("1.7.10", 8),
            ("1.16.5", 8),
            ("1.17", 16),
            ("1.17.1", 16),
            ("1.18", 17),
            ("1.20.4", 17),
            ("1.20.5", 21),
            ("24w14a", 21),
            ("1.21.11", 21),
            ("26.1-snapshot-1", 25),
            ("26.1", 25),
            ("LATEST", 25),
        ];
        for (version, java) in cases {
            assert_eq!(version.parse::<Version>().unwrap().java(), java, "{version}");
        }
        assert_eq!([8, 16, 17, 21, 25].map(image_tag), ["java8", "java16", "java17", "java21", "java25"]);
    }

    #[test]
    fn features() {
        let v = |text: &str| text.parse::<Version>().unwrap();
        assert!(
            !v("1.20.2").has_tick_query() && v("1.20.3").has_tick_query() && v("LATEST").has_tick_query()
        );
        assert!(!v("1.21.11").has_new_world_layout() && v("26.1").has_new_world_layout());
        assert!(!v("26.2.1").has_system_chat_prefix() && v("26.3").has_system_chat_prefix());
        assert!(!v("1.21.1").pauses_when_empty() && v("1.21.2").pauses_when_empty());
        assert!(!v("1.21.8").has_management_protocol() && v("1.21.9").has_management_protocol());
    }
}
