//! Reading the small files that a person may give: keymaps, themes, what was remembered.

use std::{fs::File, io::Read, path::Path};

/// The text of a file of at most so many bytes.
///
/// # Errors
/// A sentence for the person.
pub fn read(path: &Path, max_bytes: usize) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}; it is not used");
    let mut text = String::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(max_bytes as u64 + 1).read_to_string(&mut text).map_err(cannot)?;
    if text.len() > max_bytes {
        return Err(format!("it has more than {max_bytes} bytes; it is not used"));
    }
    Ok(text)
}
