//! The list itself.

use super::{Impact, Info, Place};

macro_rules! actions {
    ($($variant:ident $id:literal $title:literal $impact:ident [$($place:ident),+]
       $(@ $rank:literal $([$($shown:ident),+])?)? $about:literal;)+) => {
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
            rank: 0 $(+ $rank)?,
            shown: &[$($($(Place::$shown),+)?)?],
        }),+];
    };
}

// Variant, name in keymaps, title, impact, places; then, where the footer shows it, `@` its rank there (1 comes first)
// and, where these are not all of its places (for everywhere: all panels), where; last a sentence for help, palette and docs.
actions! {
    Quit "app.quit" "quit" Looks [Everywhere] @9 [Servers, Log, Gauges, Details, Jobs, Schedules, Backups, Access, Audit] "Leave the dashboard; servers go on running";
    Suspend "app.suspend" "suspend" Looks [Everywhere] "Put the dashboard into the background (fg brings it back)";
    Redraw "app.redraw" "redraw" Looks [Everywhere] "Draw the whole screen again";
    Help "app.help" "help" Looks [Everywhere] @1 "Show every key that is bound";
    Palette "app.palette" "commands" Looks [Everywhere] @6 "Find an action or a server by typing a part of its name";
    Messages "app.messages" "messages" Looks [Everywhere] "Show the messages of this session again";
    Mouse "app.mouse" "mouse" Looks [Everywhere] "Switch the mouse on or off, so that the terminal can select text";
    NextPanel "focus.next" "next panel" Looks [Everywhere] @7 "Move to the next panel";
    PreviousPanel "focus.previous" "previous panel" Looks [Everywhere] "Move to the previous panel";
    FocusServers "focus.servers" "servers" Looks [Everywhere] "Move to the server list";
    FocusConsole "focus.console" "console" Looks [Everywhere] "Move to the console";
    FocusGauges "focus.gauges" "gauges" Looks [Everywhere] "Move to the gauges";
    FocusDetails "focus.details" "details" Looks [Everywhere] "Move to the server's details";
    FocusJobs "focus.jobs" "jobs" Looks [Everywhere] "Move to the jobs";
    FocusSchedules "focus.schedules" "schedules" Looks [Everywhere] "Move to the schedules";
    FocusBackups "focus.backups" "backups" Looks [Everywhere] "Move to the backups";
    FocusAccess "focus.access" "access" Looks [Everywhere] "Move to who is attached, and the tokens";
    FocusAudit "focus.audit" "audit trail" Looks [Everywhere] "Move to the audit trail";
    Zoom "layout.zoom" "zoom" Looks [Everywhere] @8 [Log, Gauges, Details] "Give the whole screen to this panel, or take it back";
    Grow "layout.grow" "wider" Looks [Everywhere] "Make the server list larger";
    Shrink "layout.shrink" "narrower" Looks [Everywhere] "Make the server list smaller";
    Taller "layout.taller" "taller" Looks [Everywhere] "Make the gauges below the console taller";
    Lower "layout.lower" "lower" Looks [Everywhere] "Make the gauges below the console lower";

    Create "server.create" "new" Changes [Everywhere] @2 [Servers, Gauges] "Create a server";
    Open "server.open" "console" Looks [Servers] @3 "Open the selected server's console";
    Start "server.start" "start" Changes [Servers, Details] @3 "Start the selected server";
    Stop "server.stop" "stop" Changes [Servers, Details] @3 "Stop the selected server in peace: its world is saved";
    Restart "server.restart" "restart" Changes [Servers, Details] @3 [Servers] "Stop the selected server in peace and start it again";
    Kill "server.kill" "kill" Destroys [Servers, Details] "End the selected server at once; what was not saved is lost";
    Edit "server.edit" "edit" Changes [Servers, Details] @3 "Change the selected server's settings; its data is kept";
    Rename "server.rename" "rename" Changes [Servers, Details] "Give the selected server another name";
    Clone "server.clone" "clone" Changes [Servers, Details] "Make a copy of the selected server with its data";
    Delete "server.delete" "delete" Destroys [Servers, Details] @3 [Servers] "Remove the selected server's container; its world is kept";
    DeleteData "server.delete_data" "delete with world" Destroys [Servers, Details] "Remove the selected server and its world";
    Adopt "server.adopt" "adopt" Changes [Servers, Details] "Manage a container that somebody else made, as it is";
    Forget "server.forget" "forget" Changes [Servers, Details] "Forget a server whose container is gone; its data is kept";

    Up "move.up" "up" Looks [Servers, Log, Gauges, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Details, Dialog] "Move up by one";
    Down "move.down" "down" Looks [Servers, Log, Gauges, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Details, Dialog] "Move down by one";
    PageUp "move.page_up" "page up" Looks [Servers, Console, Log, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Console, Log, Dialog] "Move up by a page";
    PageDown "move.page_down" "page down" Looks [Servers, Console, Log, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Dialog] "Move down by a page";
    First "move.first" "first" Looks [Servers, Log, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Log] "Move to the first";
    Last "move.last" "last" Looks [Servers, Log, Details, Jobs, Schedules, Backups, Access, Audit, Dialog] @5 [Log] "Move to the last";
    Filter "list.filter" "filter" Looks [Servers, Jobs, Schedules, Backups, Access, Audit] @4 "Show only what contains a text";
    ClearFilter "list.clear_filter" "show all" Looks [Servers, Jobs, Schedules, Backups, Access, Audit] "Show everything again";
    Sort "list.sort" "sort" Looks [Servers] @4 "Sort by the next column";
    ReverseSort "list.reverse" "reverse" Looks [Servers] "Turn the order round";

    Send "console.send" "send" Changes [Console] @2 "Send the command to the server";
    Leave "console.leave" "read log" Looks [Console] @2 "Leave the command line to read the log; what was typed stays";
    Type "console.type" "type" Looks [Log] @2 "Go back to the command line";
    Recall "console.recall" "history" Looks [Console] @4 "Find a command that was typed before";
    Older "console.older" "older" Looks [Console] @3 "Bring back the command before";
    Newer "console.newer" "newer" Looks [Console] "Bring back the command after";
    ClearLog "console.clear" "clear" Looks [Console, Log] "Empty the log pane; the server's own log stays";
    Unclear "console.unclear" "bring back" Looks [Log] "Show again what was cleared away";
    LogUp "console.scroll_up" "scroll up" Looks [Console] "Scroll the log up by a line";
    LogDown "console.scroll_down" "scroll down" Looks [Console] "Scroll the log down by a line";
    LogTail "console.tail" "follow" Looks [Console, Log] "Follow the end of the log";
    LogLeft "console.left" "left" Looks [Log] "Scroll the log to the left, where lines are not wrapped";
    LogRight "console.right" "right" Looks [Log] "Scroll the log to the right, where lines are not wrapped";
    Pause "console.pause" "pause" Looks [Log] "Hold the log still, or follow its end again";
    Search "console.search" "search" Looks [Log] @3 "Look for a text in the log";
    NextMatch "console.next_match" "next found" Looks [Log] "Go down to the next line that was found";
    PreviousMatch "console.previous_match" "found before" Looks [Log] "Go up to the next line that was found";
    FilterLog "console.filter" "filter" Looks [Log] @3 "Show only lines that contain a text";
    Inverse "console.inverse" "inverse" Looks [Log, Filter] @3 [Filter] "Show only lines that do not contain the text, or those that do again";
    Expression "console.regex" "regex" Looks [Log, Filter] @3 [Filter] "Read the log's filter as a regular expression, or as plain text again";
    Level "console.level" "level" Looks [Log] @4 "Show only lines of info and up, warnings and up, errors, or all";
    Chat "console.chat" "chat" Looks [Log] @5 "Show only what players said, or all";
    Wrap "console.wrap" "wrap" Looks [Log] "Wrap long lines, or cut them off and scroll sideways";
    Times "console.times" "times" Looks [Log] "Put this machine's time before each line, the server's, or none";
    Select "console.select" "select" Looks [Log] @4 "Begin to select lines, or end it";
    Mark "console.mark" "mark" Looks [Log] "Mark a line, or take its mark away";
    NextMark "console.next_mark" "next mark" Looks [Log] "Go down to the next marked line";
    PreviousMark "console.previous_mark" "mark before" Looks [Log] "Go up to the next marked line";
    Copy "console.copy" "copy" Looks [Log] @4 "Copy the selected lines, the marked ones, what was found, or the last line";
    CopyLast "console.copy_last" "copy last lines" Looks [Log] "Copy as many of the last lines as one says";
    Save "console.save" "save" Looks [Log] @5 "Save the lines that show into a file";
    ResetLog "console.reset" "show all" Looks [Log] "End the selection, then the search, then the filters";

    CancelJob "job.cancel" "cancel job" Changes [Jobs] @2 "Cancel the selected job; what it had made is undone";
    ShowJob "job.show" "show" Looks [Jobs] @2 "Show what the selected job did, and why it failed";

    AddSchedule "schedule.add" "new" Changes [Schedules] @2 "Make a schedule";
    EditSchedule "schedule.edit" "edit" Changes [Schedules] @2 "Change the selected schedule";
    RunSchedule "schedule.run" "run now" Changes [Schedules] @2 "Do now what the selected schedule does; its next time stays";
    PauseSchedule "schedule.pause" "pause" Changes [Schedules] @2 "Let the selected schedule rest, or wake it";
    PauseSchedules "schedule.pause_all" "pause all" Changes [Schedules] @3 "Let all schedules rest, or wake them; each keeps its own rest";
    DeleteSchedule "schedule.delete" "delete" Destroys [Schedules] @3 "Forget the selected schedule";
    ShowSchedule "schedule.show" "show" Looks [Schedules] @2 "Show everything about the selected schedule";
    SpanSchedules "schedule.span" "day or week" Looks [Schedules] @4 "Let the timeline show the next 24 hours, or the next 7 days";

    OneGauge "gauges.one" "one or all" Looks [Gauges] @2 "Give the whole panel to the chart of the selected gauge, or show all again";
    LongerSpan "gauges.longer" "longer" Looks [Gauges] @2 "Show more of the past: up to 24 hours";
    ShorterSpan "gauges.shorter" "shorter" Looks [Gauges] @2 "Show less of the past, in finer steps: down to a minute";

    CreateBackup "backup.create" "back up" Changes [Servers, Details, Backups] @2 [Backups] "Back up the selected server; it goes on running";
    ShowBackup "backup.show" "show" Looks [Backups] @2 "Show everything about the selected backup";
    RestoreBackup "backup.restore" "restore" Destroys [Backups] @2 "Restore the selected backup or a part of it; what would happen is shown first";
    VerifyBackup "backup.verify" "verify" Changes [Backups] @3 "Read the selected backup again as a whole and compare it with its checksums";
    TestBackup "backup.test" "test" Changes [Backups] @3 "Boot the selected backup in a container that is thrown away, to prove it";
    BrowseBackup "backup.browse" "files" Looks [Backups] @3 "Look at the files of the selected backup, and take one out";
    LockBackup "backup.lock" "lock" Changes [Backups] @4 "Keep the selected backup from being removed, or let go of it";
    DeleteBackup "backup.delete" "delete" Destroys [Backups] @4 "Remove the selected backup and its file";
    PruneBackups "backup.prune" "prune" Destroys [Backups] @5 "Remove the backups that no rule keeps; which these are is shown first";
    AllBackups "backup.all" "all servers" Looks [Backups] @5 "Show the backups of all servers, or of the selected one";

    CreateToken "token.create" "new token" Changes [Access] @2 "Make a token that lets others use the API";
    RevokeToken "token.revoke" "revoke" Destroys [Access] @3 "Make the selected token worthless, and close what is open with it";
    ShowToken "token.show" "show" Looks [Access] @2 "Show everything about the selected token";
    ShowAudit "audit.show" "show" Looks [Audit] @2 "Show the selected line of the audit trail in full";

    Accept "dialog.accept" "ok" Looks [Filter, Dialog] @2 "Take what is chosen";
    Dismiss "dialog.cancel" "cancel" Looks [Filter, Dialog] @2 "Close without doing anything";
    NextField "dialog.next" "next field" Looks [Dialog] @3 "Go to the next field";
    PreviousField "dialog.previous" "previous field" Looks [Dialog] "Go to the previous field";
}
