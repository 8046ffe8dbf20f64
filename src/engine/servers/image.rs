//! Which image a server is made from, and which containers are Minecraft servers at all.

use crate::{
    minecraft::version::{self, Version},
    model::Spec,
};

/// The image that servers are made from, without its tag.
pub const REPOSITORY: &str = "itzg/minecraft-server";

/// The image for a spec: the one it names, or the usual one with the Java that its version needs.
pub fn choose(spec: &Spec) -> String {
    spec.image.clone().unwrap_or_else(|| format!("{REPOSITORY}:{}", tag(&spec.version)))
}

fn tag(version: &str) -> &'static str {
    match version.parse::<Version>() {
        Ok(version) if !version.is_moving() => version::image_tag(version.java()),
        // The newest Minecraft wants the newest Java, and so does what nobody here knows yet.
        _ => "latest",
    }
}

/// Whether a container's image is the usual one, from whichever registry, tag or digest.
pub fn is_minecraft(image: &str) -> bool {
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rfind(':') {
        Some(colon) if !name[colon..].contains('/') => &name[..colon],
        _ => name,
    };
    name == REPOSITORY || name.ends_with("/itzg/minecraft-server")
}

/// Whether what stands for an image is only its id, and tells nothing of its name.
pub fn is_id(image: &str) -> bool {
    let id = image.strip_prefix("sha256:").unwrap_or(image);
    id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_no_names() {
        assert!(is_id("sha256:6a43fa2d0de16a43fa2d0de16a43fa2d0de16a43fa2d0de16a43fa2d0de16a43"));
        assert!(is_id("6a43fa2d0de1"));
        for name in ["cafe", "itzg/minecraft-server", "deadbeef0123:latest", "sha256:"] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn known_wherever_it_was_pulled_from() {
        for yes in [
            "itzg/minecraft-server",
            "itzg/minecraft-server:java21",
            "docker.io/itzg/minecraft-server:latest",
            "localhost:5000/itzg/minecraft-server@sha256:00",
        ] {
            assert!(is_minecraft(yes), "{yes}");
        }
        for no in [
            "nginx",
            "evil-itzg/minecraft-server-not",
            "notitzg/minecraft-server",
            "itzg/minecraft-server2:x",
        ] {
            assert!(!is_minecraft(no), "{no}");
        }
    }

    #[test]
    fn the_java_follows_from_the_version() {
        let spec = |version: &str| Spec { version: version.into(), ..Spec::default() };
        assert_eq!(choose(&spec("1.21.4")), "itzg/minecraft-server:java21");
        assert_eq!(choose(&spec("1.16.5")), "itzg/minecraft-server:java8");
        assert_eq!(choose(&spec("LATEST")), "itzg/minecraft-server:latest");
        assert_eq!(choose(&Spec { image: Some("a/b:c".into()), ..spec("1.16.5") }), "a/b:c");
    }
}
