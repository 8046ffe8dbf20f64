//! Makes text from outside harmless, and turns byte chunks into lines.
//!
//! * [`console_line`] keeps colours (SGR) and nothing else that a terminal would act on.
//! * [`plain`] is for names and messages of the day: no colours either.
//! * [`LineAssembler`] turns arbitrary chunks into whole lines in bounded memory.

mod assemble;
mod chars;
mod escape;
mod sanitize;
mod section;

pub use assemble::{LineAssembler, MAX_RAW_LINE, RawLine, Stream};
pub use chars::is_harmless;
pub use sanitize::{MAX_LINE, console_line, console_line_cut, plain, strip_sgr};
pub use section::{section_to_sgr, strip_section};
