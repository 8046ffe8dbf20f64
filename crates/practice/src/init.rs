//! The image's start script: what happens before the server process is there.

use crate::clock::civil;
use crate::disk::Disk;
use crate::faults::Faults;
use crate::flavour::{GameVersion, Kind};
use crate::log::{self, Level};
use crate::properties::Properties;
use crate::rng::Rng;
use crate::settings::Settings;
use crate::sim::{Context, list_json};

/// Counts the starts on a data volume, when `PRACTICE_FAIL_TIMES` wants them counted.
const STARTS: &str = ".practice-starts";

fn starts(disk: &dyn Disk) -> u32 {
    disk.read(STARTS)
        .ok()
        .and_then(|text| String::from_utf8(text).ok())
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

/// The faults of this start. `counted`: the start script has counted this start already.
#[must_use]
pub fn active_faults(settings: &Settings, disk: &dyn Disk, counted: bool) -> Faults {
    let faults = &settings.practice.faults;
    match faults.times {
        Some(times) if starts(disk).saturating_sub(u32::from(counted)) >= times => Faults::default(),
        _ => faults.clone(),
    }
}

fn fail(cx: &mut Context<'_>, message: &str, code: i32) -> Result<(), i32> {
    log::init_error(cx.out.stdout(), message);
    Err(code)
}

/// Checks the environment and writes the configuration files. `seed` makes the RCON password.
///
/// # Errors
/// The exit code of the container, after the reason was logged.
pub fn run(settings: &Settings, cx: &mut Context<'_>, seed: u64) -> Result<(), i32> {
    cx.disk.set_time(cx.now.unix_ms);
    let faults = active_faults(settings, cx.disk, false);
    log::init(
        cx.out.stdout(),
        &format!("Running as uid={} gid={} with /data as 'drwxrwxr-x'", settings.uid, settings.gid),
    );
    if let Some(name) = &settings.unknown_fault {
        return fail(cx, &format!("PRACTICE_FAIL: '{name}' is not known"), 1);
    }
    if settings.practice.faults.times.is_some() {
        let count = starts(cx.disk) + 1;
        let _ = cx.disk.write(STARTS, count.to_string().as_bytes());
    }
    check_eula(settings, cx, &faults)?;
    let (Some(kind), Some(version)) = (settings.kind, settings.version.as_ref()) else {
        return wrong_names(settings, cx);
    };
    install(settings, cx, &faults, kind, version)?;
    write_properties(settings, cx, &faults, seed)?;
    write_lists(settings, cx)?;
    if settings.setup_only {
        log::init(cx.out.stdout(), "SETUP_ONLY: exiting without starting the server");
        return Err(0);
    }
    log::init(
        cx.out.stdout(),
        &format!("Setting initial memory to {} and max to {}", settings.memory, settings.memory),
    );
    log::init(cx.out.stdout(), "Starting the Minecraft server...");
    Ok(())
}

/// Resolves type and version and puts the server's jar in place.
fn install(
    settings: &Settings,
    cx: &mut Context<'_>,
    faults: &Faults,
    kind: Kind,
    version: &GameVersion,
) -> Result<(), i32> {
    log::init(cx.out.stdout(), "Image info: buildtime=practice,version=java,revision=practice");
    log::init(cx.out.stdout(), &format!("Resolving type given {}", kind.name));
    if let Some(status) = faults.download {
        return download_fails(settings, cx, status);
    }
    log::init(
        cx.out.stdout(),
        &format!("Resolved version given {} into {}", settings.version_text, version.as_str()),
    );
    let jar = format!("{}-{}.jar", kind.name.to_ascii_lowercase(), version.as_str());
    let jar = if kind.name == "VANILLA" { format!("minecraft_server.{}.jar", version.as_str()) } else { jar };
    if !cx.disk.exists(&jar) {
        log::helper(
            cx.out.stdout(),
            cx.now.unix_ms,
            settings.zone,
            Level::Info,
            &format!("Downloaded /data/{jar}"),
        );
        write(cx, &jar, b"PK\x03\x04 a practice server needs no jar")?;
    }
    Ok(())
}

fn check_eula(settings: &Settings, cx: &mut Context<'_>, faults: &Faults) -> Result<(), i32> {
    if !faults.eula && (settings.eula || cx.disk.exists("eula.txt")) {
        if faults.permission {
            return fail(
                cx,
                "Unable to write eula to /data. Please make sure attached directory is writable by uid=1000",
                2,
            );
        }
        if settings.eula && cx.disk.write("eula.txt", b"# Generated via Docker\neula=true\n").is_err() {
            let message = format!(
                "Unable to write eula to /data. Please make sure attached directory is writable by uid={}",
                settings.uid
            );
            return fail(cx, &message, 2);
        }
        return Ok(());
    }
    log::init_error(cx.out.stdout(), "");
    log::init_error(cx.out.stdout(), "Please accept the Minecraft EULA at");
    log::init_error(cx.out.stdout(), "  https://account.mojang.com/documents/minecraft_eula");
    log::init_error(cx.out.stdout(), "by adding the following immediately after 'docker run':");
    log::init_error(cx.out.stdout(), "  -e EULA=TRUE");
    fail(cx, "or editing eula.txt to 'eula=true' in your server's data directory.", 1)
}

fn wrong_names(settings: &Settings, cx: &mut Context<'_>) -> Result<(), i32> {
    if settings.kind.is_none() {
        let message = format!("Invalid TYPE: '{}'", settings.kind_text);
        return fail(cx, &message, 1);
    }
    let message = format!("Version '{}' is not known", settings.version_text);
    log::helper(cx.out.stdout(), cx.now.unix_ms, settings.zone, Level::Error, &message);
    Err(2)
}

fn download_fails(settings: &Settings, cx: &mut Context<'_>, status: u16) -> Result<(), i32> {
    let reason = if status == 429 { "Too Many Requests" } else { "Not Found" };
    let message = format!(
        "'install' command failed. Version is 1.0.0\nFailedRequestException: HTTP request of \
         https://fill.papermc.io/v3/projects/paper/versions failed with {status}: {reason}"
    );
    log::helper(cx.out.stdout(), cx.now.unix_ms, settings.zone, Level::Error, &message.replace('\n', " "));
    fail(cx, "failed to download the server", 1)
}

fn write(cx: &mut Context<'_>, path: &str, bytes: &[u8]) -> Result<(), i32> {
    match cx.disk.write(path, bytes) {
        Ok(()) => Ok(()),
        Err(error) => {
            let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
            let reason = if denied { "Permission denied".to_owned() } else { error.to_string() };
            fail(cx, &format!("/data/{path}: {reason}"), 1)
        }
    }
}

fn write_properties(
    settings: &Settings,
    cx: &mut Context<'_>,
    faults: &Faults,
    seed: u64,
) -> Result<(), i32> {
    let old = cx.disk.read("server.properties").ok();
    let mut properties = match &old {
        Some(text) => Properties::parse(&String::from_utf8_lossy(text)),
        None => Properties::defaults(),
    };
    if settings.override_properties || old.is_none() {
        for (key, value) in &settings.properties {
            properties.set(key, value);
        }
        if !settings.whitelist.is_empty() {
            properties.set("white-list", "true");
        }
    }
    properties.set("enable-rcon", if settings.rcon { "true" } else { "false" });
    if settings.rcon {
        let mut rng = Rng::new(seed);
        let random = rng.alphanumeric(24);
        let password =
            if settings.rcon_password.is_empty() { random } else { settings.rcon_password.clone() };
        let real = if faults.stale_rcon { rng.alphanumeric(24) } else { password.clone() };
        properties.set("rcon.password", &real);
        properties.set("rcon.port", &settings.rcon_port.to_string());
        write(cx, ".rcon-cli.env", format!("password={password}\n").as_bytes())?;
        write(cx, ".rcon-cli.yaml", format!("password: \"{password}\"\n").as_bytes())?;
    }
    let time = civil(cx.now.unix_ms, 0);
    let date = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year, time.month, time.day, time.hour, time.minute, time.second
    );
    write(cx, "server.properties", properties.to_text(&date).as_bytes())
}

fn write_lists(settings: &Settings, cx: &mut Context<'_>) -> Result<(), i32> {
    let online = settings.properties.iter().all(|(key, value)| *key != "online-mode" || value != "false");
    if !settings.ops.is_empty() {
        let text = list_json(&settings.ops, online, ",\"level\":4,\"bypassesPlayerLimit\":false");
        write(cx, "ops.json", text.as_bytes())?;
    }
    if !settings.whitelist.is_empty() {
        write(cx, "whitelist.json", list_json(&settings.whitelist, online, "").as_bytes())?;
    }
    for path in ["ops.json", "whitelist.json", "banned-players.json", "banned-ips.json", "usercache.json"] {
        if !cx.disk.exists(path) {
            write(cx, path, b"[]")?;
        }
    }
    Ok(())
}
