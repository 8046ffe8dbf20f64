//! What comes in, and what is to be done outside.

use std::{path::PathBuf, sync::Arc};

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;
use ratatui::layout::Size;

use crate::{
    engine::From,
    model::{
        Answer, AuditEntry, BackupId, Event, Fault, History, Order, ServerId, Snapshot, Standing,
        backup::{Contents, FilePage, FileQuery, Kept, Opened, RestorePlan, Scope, Target},
        console::Batch,
    },
    tui::{
        input::{Keymap, Problem},
        outside::Saved,
        theme::Theme,
    },
};

/// Something that came in, and when.
#[derive(Clone, Debug)]
pub struct Input {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What came in.
#[derive(Clone, Debug)]
pub enum What {
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resize(Size),
    /// The world changed; this is how it was before.
    Changed(Arc<Snapshot>),
    /// Something happened.
    Event(Event),
    /// Lines of a console.
    Lines(ServerId, Batch),
    /// A console's lines have ended.
    LinesEnded(ServerId),
    /// What was measured of a server until now.
    History(ServerId, Box<History>),
    /// What was typed into a server's console until now.
    Typed(ServerId, Vec<String>),
    /// The last lines of the audit trail, oldest first.
    Audit(Result<Vec<AuditEntry>, Fault>),
    /// What the engine said to an order.
    Answered(Asked, Result<Answer, Fault>),
    /// What of a backup can be restored by itself; and the paths that were chosen already.
    Contents(BackupId, Vec<String>, Result<Contents, Fault>),
    /// What a restore would do.
    RestorePlan(Box<Restore>, Result<RestorePlan, Fault>),
    /// Which backups of a server a prune would remove.
    PrunePlan(ServerId, Result<Vec<Kept>, Fault>),
    /// A part of what a folder of a backup holds.
    Files {
        /// Of which backup.
        backup: BackupId,
        /// What was asked for.
        query: FileQuery,
        /// What it holds.
        page: Result<FilePage, Fault>,
    },
    /// Files of a backup were written into this folder of this machine, or could not be.
    Extracted(PathBuf, Result<Opened, Fault>),
    /// A text was given to the clipboard's program, or could not be.
    Copied {
        /// The text, where no program took it.
        refused: Option<String>,
        /// How many lines it has.
        lines: usize,
        /// Of how many, where those are not all.
        of: Option<usize>,
    },
    /// A log was saved, or could not be; the text comes back where a file is there already.
    Saved(Saved, String),
    /// A theme was read, with what is wrong in it.
    Theme(Box<Theme>, Vec<Problem>),
    /// A keymap was read, with what is wrong in it.
    Keymap(Box<Keymap>, Vec<Problem>),
    /// It cannot go to the background: nobody would bring it back.
    NoShell,
    /// The engine has ended.
    EngineGone,
    /// The dashboard stands to its engine in another way.
    Standing(Standing),
    /// The moment has come that was asked for.
    Tick,
}

/// What of a backup is to be restored, and where to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restore {
    /// Which.
    pub backup: BackupId,
    /// How much of it.
    pub scope: Scope,
    /// Where to.
    pub target: Target,
}

/// For what an order was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// To make a server, from the form.
    Create,
    /// To change one, from the form.
    Edit,
    /// To give one another name, from the form.
    Rename,
    /// To copy one, from the form.
    Clone,
    /// To make or change a schedule, from the form.
    Schedule,
    /// To make a backup, from the form.
    Backup,
    /// To restore one, from the form.
    Restore,
    /// To make a token, from the form.
    Token,
    /// To type a line.
    Console(ServerId),
    /// Something that needs no more than a word when it goes wrong.
    Other,
}

/// What is to be done outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Give an order to the engine.
    Order(Asked, Order),
    /// Watch this console instead of the one that is watched.
    Watch(ServerId, From),
    /// Watch none.
    Unwatch,
    /// Ask for what was measured.
    History(ServerId),
    /// Ask for what was typed.
    Typed(ServerId),
    /// Ask what of a backup can be restored by itself, so that one can choose; these paths were chosen already.
    Contents {
        /// Of which.
        backup: BackupId,
        /// What of it was chosen.
        paths: Vec<String>,
    },
    /// Ask what a restore would do.
    RestorePlan(Box<Restore>),
    /// Ask which backups of a server a prune would remove.
    PrunePlan(ServerId),
    /// Ask what a folder of a backup holds.
    Files {
        /// Of which backup.
        backup: BackupId,
        /// Which, and which part of it.
        query: FileQuery,
    },
    /// Write a file or folder of a backup into a folder of this machine.
    Extract {
        /// Of which backup.
        backup: BackupId,
        /// Which file or folder.
        path: String,
        /// The folder, as the person wrote it.
        folder: String,
    },
    /// Ask for the audit trail.
    Audit,
    /// Give a text to the clipboard.
    Copy {
        /// The text.
        text: String,
        /// How many lines it has.
        lines: usize,
        /// Of how many, where those are not all.
        of: Option<usize>,
    },
    /// Give a text to the terminal's clipboard.
    CopyByTerminal(String),
    /// Save a text.
    Save {
        /// The file, as the person wrote it.
        path: String,
        /// The text.
        text: String,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
    /// Read this theme, and draw with it.
    Theme(String),
    /// Read this keymap, and go by it.
    Keymap(String),
    /// Switch the terminal's mouse reports.
    Mouse(bool),
    /// Draw everything again.
    Redraw,
    /// Go to the background.
    Suspend,
    /// Leave.
    Quit,
}
