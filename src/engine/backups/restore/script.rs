//! What the throw-away container does to a server's data: the script, its steps, and what they tell.

use std::borrow::Cow;

/// The script. Its head says what it works on.
pub const SCRIPT: &str = include_str!("script.sh");
/// What the script is called in the list of processes. The demo knows it by this name.
pub const NAME: &str = "mineclifford-restore";

/// The end of each page of [`Verb::List`].
pub const PAGE_END: &[u8] = b".\0";

/// A step of the script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Says who owns the data, and how much space is free.
    Look,
    /// Makes the folder that is staged in.
    Prepare,
    /// Lists what is in the worlds that are there and not in what is staged for them.
    List,
    /// Gives one page of that list.
    Page(u32),
    /// Takes over what the backup does not hold, and does all that takes space.
    Ready,
    /// Moves the old away and the new into its place; goes on where an earlier one was interrupted.
    Swap,
    /// Moves everything back, from wherever a swap was interrupted, or when it was whole.
    Undo,
    /// Removes what was staged and what was moved away.
    Drop,
    /// The same after an undo; refuses where something that was moved away is not back.
    DropUndone,
}

impl Verb {
    /// As the script reads it.
    pub fn word(self) -> Cow<'static, str> {
        let word = match self {
            Self::Look => "look",
            Self::Prepare => "prepare",
            Self::List => "list",
            Self::Page(number) => return format!("page-{number}").into(),
            Self::Ready => "ready",
            Self::Swap => "swap",
            Self::Undo => "undo",
            Self::Drop => "drop",
            Self::DropUndone => "drop-undone",
        };
        word.into()
    }
}

/// The command for one step on the data at `root`. `job` names the folder that is staged in.
pub fn command<'a>(root: &'a str, verb: &'a str, job: &'a str) -> [&'a str; 7] {
    ["sh", "-c", SCRIPT, NAME, root, verb, job]
}

/// What [`Verb::Look`] tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ground {
    /// Who owns the data folder.
    pub uid: u32,
    /// And its group.
    pub gid: u32,
    /// Free bytes on its disk; 0 where that is not known.
    pub free: u64,
}

/// Reads what [`Verb::Look`] printed.
pub fn ground(text: &str) -> Option<Ground> {
    let (uid, gid) = after(text, "owner ")?.split_once(':')?;
    let free = after(text, "free ")?.parse().ok()?;
    Some(Ground { uid: uid.parse().ok()?, gid: gid.parse().ok()?, free })
}

/// How long the renames took, in milliseconds, from what [`Verb::Swap`] printed. The clock ticks every 10 ms.
pub fn moved(text: &str) -> Option<u64> {
    let (began, ended) = after(text, "moved ")?.split_once(' ')?;
    let took = ended.parse::<f64>().ok()? - began.parse::<f64>().ok()?;
    Some((took.max(0.0) * 1000.0).round() as u64)
}

/// How many pages there are, from what [`Verb::List`] printed.
pub fn pages(text: &str) -> Option<u32> {
    after(text, "pages ")?.parse().ok()
}

fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(word)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_steps_print_is_read() {
        let told = ground("owner 1000:1001\nfree 123456789012\n");
        assert_eq!(told, Some(Ground { uid: 1000, gid: 1001, free: 123_456_789_012 }));
        for senseless in ["", "owner 1000\nfree 1", "owner a:b\nfree 1", "owner 1:2\nfree many"] {
            assert_eq!(ground(senseless), None, "{senseless}");
        }
        assert_eq!(moved("moved 12345.67 12345.72\n"), Some(50));
        assert_eq!(moved("moved 5 4"), Some(0));
        assert_eq!(moved("moved"), None);
        assert_eq!((pages("pages 3\n"), pages("pages")), (Some(3), None));
    }
}
