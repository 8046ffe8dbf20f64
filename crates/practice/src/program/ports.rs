//! The ports that the server has, from server.properties.

use practice::properties::Properties;

fn properties() -> Properties {
    let text = std::fs::read(super::data().join("server.properties")).unwrap_or_default();
    Properties::parse(&String::from_utf8_lossy(&text))
}

/// The game's port.
pub fn game() -> u16 {
    properties().number("server-port", 25565)
}

/// The RCON port.
pub fn rcon() -> u16 {
    properties().number("rcon.port", 25575)
}
