//! TLS, with curl and openssl at the other end.

use std::process::{Command, Stdio};

use crate::{program::finish, stage::Stage};

fn curl(arguments: &[&str]) -> crate::program::Ran {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20"]).args(arguments);
    finish(command, "")
}

#[test]
fn a_certificate_that_signs_itself_is_made_and_shown() {
    let stage = Stage::new("selfsigned");
    let going = stage.serve(&["--listen", "127.0.0.1:0", "--self-signed"]);
    let folder = stage.program.folder.path().join("data");
    let post: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("run/api.json")).unwrap()).unwrap();
    let url = post["url"].as_str().unwrap();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let certificate = folder.join("tls/certificate.pem");
    let certificate = certificate.to_str().unwrap();
    let health = format!("{url}/api/health");
    let ran = curl(&["--include", "--cacert", certificate, &health]).ends(0);
    assert!(ran.out.contains("strict-transport-security"), "{ran:#?}");
    assert_ne!(curl(&[&health]).code, Some(0), "nobody trusts it by itself");
    // The command line finds it and trusts it.
    stage.program.run(&["api", "GET", "/api/servers/"]).ends(0);
    let address = url.trim_start_matches("https://");
    for (version, works) in [("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false)] {
        let mut command = Command::new("openssl");
        command.args([
            "s_client",
            "-connect",
            address,
            "-CAfile",
            certificate,
            "-verify_return_error",
            version,
        ]);
        command.stdin(Stdio::null());
        let ran = finish(command, "Q\n");
        assert_eq!(
            ran.code == Some(0) && ran.out.contains("Verify return code: 0"),
            works,
            "{version}: {ran:#?}"
        );
    }
    // Whoever speaks plainly is not understood, and nobody hangs.
    let plain = curl(&[&health.replace("https", "http")]);
    assert_ne!(plain.code, Some(0), "{plain:#?}");
    going.signal("TERM");
    assert_eq!(going.ended().code, Some(0));
}

#[test]
fn ones_own_certificate_is_used_and_read_again() {
    let stage = Stage::new("ownpem");
    let folder = stage.program.folder.path().to_owned();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let make = |name: &str| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        command.args([
            "-days",
            "2",
            "-subj",
            &format!("/CN={name}"),
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ]);
        command.args(["-keyout", &path("key.pem"), "-out", &path("chain.pem")]);
        finish(command, "").ends(0);
    };
    make("first");
    let config = path("my.toml");
    std::fs::write(
        &config,
        format!("[api]\ncertificate = \"{}\"\nkey = \"{}\"\n", path("chain.pem"), path("key.pem")),
    )
    .unwrap();
    let going = stage.serve(&["--listen", "127.0.0.1:0", "--config", &config]);
    let post: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("data/run/api.json")).unwrap()).unwrap();
    let health = format!("{}/api/health", post["url"].as_str().unwrap());
    curl(&["--cacert", &path("chain.pem"), &health]).ends(0);
    std::fs::copy(path("chain.pem"), path("old.pem")).unwrap();
    make("second");
    going.signal("HUP");
    going.says("read again");
    curl(&["--cacert", &path("chain.pem"), &health]).ends(0);
    assert_ne!(curl(&["--cacert", &path("old.pem"), &health]).code, Some(0), "the old one is shown");
    // One that is broken leaves what held.
    std::fs::write(path("chain.pem"), "no certificate").unwrap();
    going.signal("HUP");
    going.says("goes on with what held before");
    curl(&["--insecure", &health]).ends(0);
}
