//! This machine's time zone, for the times beside a console's lines.

use std::{
    env,
    fs::{self, File},
    io::Read,
    path::Path,
};

use jiff::tz::TimeZone;

/// Where a machine says in which zone it is: a link into the folder of zones (man 5 localtime).
const LOCALTIME: &str = "/etc/localtime";
/// Bytes of the longest zone that is read; those there are have less than 4 KiB.
const LONGEST: u64 = 1 << 20;

/// The zone, where the machine says which it is. The library that knows of zones would first look through the folder of
/// all of them, which on a slow disk is most of what a start takes.
pub fn local() -> Option<TimeZone> {
    if env::var_os("TZ").is_some() {
        return TimeZone::try_system().ok();
    }
    read(Path::new(LOCALTIME))
}

fn read(path: &Path) -> Option<TimeZone> {
    let mut zone = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut zone).ok()?;
    let link = fs::read_link(path).unwrap_or_default();
    let name = link.to_str().and_then(|link| link.split_once("zoneinfo/")).map_or("local", |(_, name)| name);
    TimeZone::tzif(name, &zone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_zone_and_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zoneinfo/Europe");
        fs::create_dir_all(&zones).unwrap();
        // A zone an hour east of Greenwich (RFC 8536, version 1).
        let mut zone = b"TZif\0".to_vec();
        zone.extend([0; 15]);
        for count in [0_u32, 0, 0, 0, 1, 4] {
            zone.extend(count.to_be_bytes());
        }
        zone.extend(3600_i32.to_be_bytes());
        zone.extend([0, 0]);
        zone.extend(b"CET\0");
        fs::write(zones.join("Berlin"), &zone).unwrap();
        let link = folder.path().join("localtime");
        std::os::unix::fs::symlink(zones.join("Berlin"), &link).unwrap();
        let found = read(&link).unwrap();
        assert_eq!(found.iana_name(), Some("Europe/Berlin"));
        let noon = jiff::Timestamp::from_second(12 * 3600).unwrap();
        assert_eq!(noon.to_zoned(found).hour(), 13);
        assert!(read(&folder.path().join("nothing")).is_none());
        fs::write(zones.join("Berlin"), b"no zone").unwrap();
        assert!(read(&link).is_none());
    }
}
