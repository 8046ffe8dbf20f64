//! A miniature Minecraft server.
