//! The registry of everything that a person can do. Keys, footer, help and palette are made from it.

use std::fmt;

/// Where an action, or a key, applies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// Everywhere.
    Everywhere,
    /// The server list.
    Servers,
    /// The console, while its command line takes what is typed.
    Console,
    /// The console, while its log is read.
    Log,
    /// The gauges.
    Gauges,
    /// The details of a server.
    Details,
    /// The jobs.
    Jobs,
    /// A filter's line.
    Filter,
    /// Everything that lies over the panels: help, palette, confirmations, forms.
    Dialog,
}

impl Place {
    /// Every place, in the order that help lists them.
    pub const ALL: [Self; 9] = [
        Self::Everywhere,
        Self::Servers,
        Self::Console,
        Self::Log,
        Self::Gauges,
        Self::Details,
        Self::Jobs,
        Self::Filter,
        Self::Dialog,
    ];

    /// As `when` in a keymap names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Servers => "servers",
            Self::Console => "console",
            Self::Log => "log",
            Self::Gauges => "gauges",
            Self::Details => "details",
            Self::Jobs => "jobs",
            Self::Filter => "filter",
            Self::Dialog => "dialog",
        }
    }

    /// The place that a keymap names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.word() == word)
    }

    /// Whether printable keys are text here, so that none of them can be bound.
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Console | Self::Filter | Self::Dialog)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What an action does to the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Impact {
    /// Only what is on the screen.
    Looks,
    /// A server or job: not in read-only mode.
    Changes,
    /// It can lose something: asks first, and keys for it are held to stricter rules.
    Destroys,
}

/// An entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The action.
    pub action: Action,
    /// Its name in keymaps.
    pub id: &'static str,
    /// One or two words, for the footer.
    pub title: &'static str,
    /// A sentence, for help and palette.
    pub about: &'static str,
    /// Where it applies. The panels' shared movements apply in several places.
    pub places: &'static [Place],
    /// What it does to the world.
    pub impact: Impact,
}

macro_rules! actions {
    ($($variant:ident $id:literal $title:literal $impact:ident [$($place:ident),+] $about:literal;)+) => {
        /// Something that a person can do.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Action { $($variant),+ }

        /// Every action, in the order that help lists them.
        pub const ALL: &[Info] = &[$(Info {
            action: Action::$variant,
            id: $id,
            title: $title,
            about: $about,
            places: &[$(Place::$place),+],
            impact: Impact::$impact,
        }),+];
    };
}

actions! {
    Quit "app.quit" "quit" Looks [Everywhere] "Leave the dashboard; servers go on running";
    Suspend "app.suspend" "suspend" Looks [Everywhere] "Put the dashboard into the background (fg brings it back)";
    Redraw "app.redraw" "redraw" Looks [Everywhere] "Draw the whole screen again";
    Help "app.help" "help" Looks [Everywhere] "Show every key that is bound";
    Palette "app.palette" "commands" Looks [Everywhere] "Find an action or a server by typing a part of its name";
    Messages "app.messages" "messages" Looks [Everywhere] "Show the messages of this session again";
    Mouse "app.mouse" "mouse" Looks [Everywhere] "Switch the mouse on or off, so that the terminal can select text";
    NextPanel "focus.next" "next panel" Looks [Everywhere] "Move to the next panel";
    PreviousPanel "focus.previous" "previous panel" Looks [Everywhere] "Move to the previous panel";
    FocusServers "focus.servers" "servers" Looks [Everywhere] "Move to the server list";
    FocusConsole "focus.console" "console" Looks [Everywhere] "Move to the console";
    FocusGauges "focus.gauges" "gauges" Looks [Everywhere] "Move to the gauges";
    FocusDetails "focus.details" "details" Looks [Everywhere] "Move to the server's details";
    FocusJobs "focus.jobs" "jobs" Looks [Everywhere] "Move to the jobs";
    Zoom "layout.zoom" "zoom" Looks [Everywhere] "Give the whole screen to this panel, or take it back";
    Grow "layout.grow" "wider" Looks [Everywhere] "Make the server list larger";
    Shrink "layout.shrink" "narrower" Looks [Everywhere] "Make the server list smaller";

    Create "server.create" "new" Changes [Everywhere] "Create a server";
    Open "server.open" "console" Looks [Servers] "Open the selected server's console";
    Start "server.start" "start" Changes [Servers, Details] "Start the selected server";
    Stop "server.stop" "stop" Changes [Servers, Details] "Stop the selected server in peace: its world is saved";
    Restart "server.restart" "restart" Changes [Servers, Details] "Stop the selected server in peace and start it again";
    Kill "server.kill" "kill" Destroys [Servers, Details] "End the selected server at once; what was not saved is lost";
    Edit "server.edit" "edit" Changes [Servers, Details] "Change the selected server's settings; its data is kept";
    Rename "server.rename" "rename" Changes [Servers, Details] "Give the selected server another name";
    Clone "server.clone" "clone" Changes [Servers, Details] "Make a copy of the selected server with its data";
    Delete "server.delete" "delete" Destroys [Servers, Details] "Remove the selected server's container; its world is kept";
    DeleteData "server.delete_data" "delete with world" Destroys [Servers, Details] "Remove the selected server and its world";
    Adopt "server.adopt" "adopt" Changes [Servers, Details] "Manage a container that somebody else made, as it is";
    Forget "server.forget" "forget" Changes [Servers, Details] "Forget a server whose container is gone; its data is kept";

    Up "move.up" "up" Looks [Servers, Log, Details, Jobs, Dialog] "Move up by one";
    Down "move.down" "down" Looks [Servers, Log, Details, Jobs, Dialog] "Move down by one";
    PageUp "move.page_up" "page up" Looks [Servers, Console, Log, Details, Jobs, Dialog] "Move up by a page";
    PageDown "move.page_down" "page down" Looks [Servers, Console, Log, Details, Jobs, Dialog] "Move down by a page";
    First "move.first" "first" Looks [Servers, Log, Details, Jobs, Dialog] "Move to the first";
    Last "move.last" "last" Looks [Servers, Log, Details, Jobs, Dialog] "Move to the last";
    Filter "list.filter" "filter" Looks [Servers] "Show only the servers that contain a text";
    ClearFilter "list.clear_filter" "show all" Looks [Servers] "Show every server again";
    Sort "list.sort" "sort" Looks [Servers] "Sort by the next column";
    ReverseSort "list.reverse" "reverse" Looks [Servers] "Turn the order round";

    Send "console.send" "send" Changes [Console] "Send the command to the server";
    Leave "console.leave" "read log" Looks [Console] "Leave the command line to read the log; what was typed stays";
    Type "console.type" "type" Looks [Log] "Go back to the command line";
    Older "console.older" "older" Looks [Console] "Bring back the command before";
    Newer "console.newer" "newer" Looks [Console] "Bring back the command after";
    ClearLog "console.clear" "clear" Looks [Console, Log] "Empty the log pane; the server's own log stays";
    LogUp "console.scroll_up" "scroll up" Looks [Console] "Scroll the log up by a line";
    LogDown "console.scroll_down" "scroll down" Looks [Console] "Scroll the log down by a line";
    LogTail "console.tail" "follow" Looks [Console, Log] "Follow the end of the log";

    CancelJob "job.cancel" "cancel job" Changes [Jobs] "Cancel the selected job; what it had made is undone";
    ShowJob "job.show" "show" Looks [Jobs] "Show what the selected job did, and why it failed";

    Accept "dialog.accept" "ok" Looks [Filter, Dialog] "Take what is chosen";
    Dismiss "dialog.cancel" "cancel" Looks [Filter, Dialog] "Close without doing anything";
    NextField "dialog.next" "next field" Looks [Dialog] "Go to the next field";
    PreviousField "dialog.previous" "previous field" Looks [Dialog] "Go to the previous field";
}

impl Action {
    /// Its entry.
    pub fn info(self) -> &'static Info {
        &ALL[self as usize]
    }

    /// The action that a keymap names.
    pub fn named(id: &str) -> Option<Self> {
        ALL.iter().find(|info| info.id == id).map(|info| info.action)
    }

    /// Whether it applies in a place.
    pub fn applies_in(self, place: Place) -> bool {
        let places = self.info().places;
        places.contains(&place) || places.contains(&Place::Everywhere)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_stands_at_its_own_place_and_has_words() {
        for (index, info) in ALL.iter().enumerate() {
            assert_eq!(info.action as usize, index);
            assert_eq!(Action::named(info.id), Some(info.action), "{} is there twice", info.id);
            assert!(!info.title.is_empty() && info.about.len() > info.title.len(), "{}", info.id);
        }
    }

    #[test]
    fn an_unknown_name_is_no_action() {
        assert_eq!(Action::named("server.explode"), None);
        assert_eq!(Place::named("nowhere"), None);
    }
}
