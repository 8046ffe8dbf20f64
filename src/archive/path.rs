//! Which paths and links an archive may hold: those that stay below the folder it is unpacked to, whatever else is in it.

use super::error::Refusal;

/// Most bytes of a path (Linux `PATH_MAX`, less the NUL).
pub const LONGEST: usize = 4095;
/// Most bytes of one name in it (`NAME_MAX`).
const LONGEST_NAME: usize = 255;
/// Most folders that one lies in.
const DEEPEST: usize = 256;

/// A path as an archive holds it: relative, plain, UTF-8, no `..`. A slash at the end, which folders have in tar, is not
/// part of it.
///
/// # Errors
/// Why it is none.
pub fn check(name: &[u8]) -> Result<&str, Refusal> {
    let name = match name {
        [start @ .., b'/'] if !start.is_empty() => start,
        all => all,
    };
    if name.is_empty() {
        return Err(Refusal::NoName);
    }
    if name[0] == b'/' {
        return Err(Refusal::Absolute);
    }
    let text = std::str::from_utf8(name).map_err(|_| Refusal::NotText)?;
    if text.len() > LONGEST || text.split('/').count() > DEEPEST {
        return Err(Refusal::TooLong);
    }
    for part in text.split('/') {
        match part {
            ".." => return Err(Refusal::Leaves),
            "" | "." => return Err(Refusal::NotPlain),
            _ if part.contains('\0') => return Err(Refusal::NotPlain),
            _ if part.len() > LONGEST_NAME => return Err(Refusal::TooLong),
            _ => {}
        }
    }
    Ok(text)
}

/// A symbolic link's target that stays below the folder: relative, with `..` at its start alone and no more of them than
/// the link lies deep. A `..` further on could follow another link up and out.
///
/// # Errors
/// [`Refusal::LinkLeaves`], or that the target is no text.
pub fn check_link<'a>(path: &str, target: &'a [u8]) -> Result<&'a str, Refusal> {
    let target = std::str::from_utf8(target).map_err(|_| Refusal::NotText)?;
    if target.is_empty() || target.starts_with('/') || target.contains('\0') {
        return Err(Refusal::LinkLeaves);
    }
    if target.len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let parts = || target.split('/').filter(|part| !matches!(*part, "" | "."));
    let up = parts().take_while(|part| *part == "..").count();
    let depth = path.matches('/').count();
    if up > depth || parts().skip(up).any(|part| part == "..") {
        return Err(Refusal::LinkLeaves);
    }
    Ok(target)
}

/// The folders that a path lies in, the outermost first: of `a/b/c` they are `a` and `a/b`.
pub fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default())
}

/// Whether a path is a folder's own or lies somewhere in it.
pub fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_that_leave_are_refused_with_their_reason() {
        for (path, why) in [
            (&b""[..], Refusal::NoName),
            (b"/", Refusal::Absolute),
            (b"/etc/passwd", Refusal::Absolute),
            (b"..", Refusal::Leaves),
            (b"../world", Refusal::Leaves),
            (b"world/../../x", Refusal::Leaves),
            (b"world/..", Refusal::Leaves),
            (b"world/.", Refusal::NotPlain),
            (b"./world", Refusal::NotPlain),
            (b"world//level.dat", Refusal::NotPlain),
            (b"a\0b", Refusal::NotPlain),
            (b"world/\xff", Refusal::NotText),
        ] {
            assert_eq!(check(path), Err(why), "{}", String::from_utf8_lossy(path));
        }
        assert_eq!(check(&b"a/".repeat(300)), Err(Refusal::TooLong));
        assert_eq!(check(&b"a".repeat(256)), Err(Refusal::TooLong));
        assert_eq!(check(b"world/"), Ok("world"));
        assert_eq!(check("welt/größe \u{202e}.dat".as_bytes()), Ok("welt/größe \u{202e}.dat"));
        assert_eq!(check(b"..."), Ok("..."));
    }

    #[test]
    fn links_stay_inside() {
        for (path, target) in [
            ("a", "b"),
            ("world/datapacks", "../shared"),
            ("a/b/c", "../../d/e"),
            ("a", "./b//c/"),
            ("a/b", ".."),
        ] {
            assert!(check_link(path, target.as_bytes()).is_ok(), "{path} -> {target}");
        }
        for (path, target) in [
            ("a", ".."),
            ("a", "/etc"),
            ("a/b", "../../c"),
            // Through a link `b/c` to `../..` this would be one above the folder.
            ("a", "b/c/.."),
            ("a/b", "./../../x"),
            ("a", ""),
        ] {
            assert_eq!(check_link(path, target.as_bytes()), Err(Refusal::LinkLeaves), "{path} -> {target}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_stays_below(path in "[a.]{0,3}(/[a.]{0,3}){0,4}") {
            if let Ok(path) = check(path.as_bytes()) {
                let joined = std::path::Path::new("/base").join(path);
                prop_assert!(joined.starts_with("/base"));
                prop_assert!(joined.components().all(|part| part != std::path::Component::ParentDir));
            }
        }

        #[test]
        fn what_a_link_resolves_to_stays_below(path in "[ab](/[ab]){0,3}", target in "(\\.\\./|[ab]/|\\./){0,5}[ab]?") {
            if check_link(&path, target.as_bytes()).is_ok() {
                let mut depth = i32::try_from(path.matches('/').count()).unwrap();
                for part in target.split('/') {
                    match part {
                        ".." => depth -= 1,
                        "" | "." => {}
                        _ => depth += 1,
                    }
                    prop_assert!(depth >= 0);
                }
            }
        }
    }

    #[test]
    fn parents_are_outermost_first() {
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(parents("a").count(), 0);
        assert!(is_in("a/b", "a") && is_in("a", "a") && !is_in("ab", "a"));
    }
}
