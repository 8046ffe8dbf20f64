//! Draws who is attached and the tokens.

use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::Access;
use crate::{
    model::{
        Caller, Face, Origin, Snapshot, Token,
        face::{Look, WayKind},
    },
    tui::{
        paint,
        panels::Context,
        safe,
        theme::{Role, Theme},
    },
};

/// Rows of the ways in, and the heading of those who are attached.
const WAYS: u16 = 3;
/// The least rows for tokens, with their heading.
const TOKENS_MIN: u16 = 4;
/// Cells before the words of a way.
const LABEL: u16 = 10;

/// Rows above the tokens, with the rule below them, and rows of the tokens themselves, below their heading.
pub fn split(height: u16, snapshot: &Snapshot) -> (u16, u16) {
    let faces = u16::try_from(snapshot.faces.len()).unwrap_or(u16::MAX);
    let wanted = WAYS.saturating_add(faces).saturating_add(1);
    let above = wanted.min(height.saturating_sub(TOKENS_MIN)).max(WAYS.min(height));
    (above, height.saturating_sub(above + 1))
}

/// Draws the ways in, those who came by them, and the tokens. Gives the cursor's place while the filter is typed.
pub fn view(access: &Access, area: Rect, buf: &mut Buffer, context: &Context<'_>) -> Option<Position> {
    let Context { snapshot, theme, .. } = *context;
    let title = format!("Access ({} attached, {} tokens) ", snapshot.faces.len(), snapshot.tokens.len());
    let inner = context.frame(area, buf, title);
    let (inner, typed) = access.filter.view(inner, buf, theme);
    let (above, rows) = split(inner.height, snapshot);
    let top = Rect { height: above.min(inner.height), ..inner };
    ways(top, buf, snapshot, theme);
    faces(top, buf, context);
    let below = Rect { y: inner.y + top.height, height: inner.height - top.height, ..inner };
    if below.height > 0 {
        tokens(access, rows, below, buf, context);
    }
    typed
}

fn ways(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
    let all = [
        (WayKind::Api, "API", "off; `mineclifford serve` has it"),
        (WayKind::Socket, "Socket", "none; nobody else can attach"),
    ];
    for (y, (kind, label, none)) in (0..area.height).zip(all) {
        paint::text(buf, area, 0, y, label, theme.style(Role::Header));
        let (text, role) = match snapshot.ways.iter().find(|way| way.kind == kind) {
            Some(way) => {
                let how = match (kind, way.private) {
                    (WayKind::Socket, _) => "",
                    (_, true) if way.address.starts_with("https") => ", encrypted",
                    (_, true) => ", this machine only",
                    (_, false) => ", NOT encrypted: whoever listens in can read tokens",
                };
                let role = if way.private { Role::Good } else { Role::Warning };
                (format!("{}{how}", safe::line(&way.address)), role)
            }
            None => (none.to_owned(), Role::Muted),
        };
        let wide = area.width.saturating_sub(LABEL);
        let line = Rect { y: area.y + y, height: 1, ..area };
        paint::column(buf, line, LABEL, wide, &text, theme.style(role), theme);
    }
}

fn faces(area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { snapshot, theme, now, .. } = *context;
    if area.height < WAYS {
        return;
    }
    paint::text(buf, area, 0, WAYS - 1, "Attached", theme.style(Role::Header));
    // One row stays for the rule, and one for those that there is no room for.
    let room = usize::from(area.height.saturating_sub(WAYS + 1));
    let all = &snapshot.faces;
    if all.is_empty() {
        paint::text(buf, area, LABEL, WAYS - 1, "nobody else", theme.style(Role::Muted));
    }
    let fits = if all.len() > room { room.saturating_sub(1) } else { room };
    for (y, face) in (WAYS..).zip(all.iter().take(fits)) {
        let line = Rect { y: area.y + y, height: 1, ..area };
        let (what, who) = words(face, snapshot);
        let text = theme.style(Role::Text);
        let wide = (line.width / 3).clamp(12, 36);
        paint::column(buf, line, 2, wide, &what, text, theme);
        paint::column(buf, line, 3 + wide, line.width.saturating_sub(wide + 12), &who, text, theme);
        paint::text_right(buf, line, 0, &age(face.since, now), theme.style(Role::Muted));
    }
    if all.len() > fits && room > 0 {
        let more = format!("and {} more", all.len() - fits);
        paint::text(buf, area, 2, WAYS + fits as u16, &more, theme.style(Role::Muted));
    }
}

fn age(since: Timestamp, now: Timestamp) -> String {
    paint::duration(u64::try_from(now.as_second() - since.as_second()).unwrap_or_default())
}

/// What somebody looks at, and who it is.
fn words(face: &Face, snapshot: &Snapshot) -> (String, String) {
    match &face.look {
        Look::Attached { origin, uid, pid } => {
            let what = match origin {
                Some(Origin::Dashboard) => "dashboard",
                Some(Origin::CommandLine) => "command",
                _ => "program",
            };
            let pid = pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
            (what.to_owned(), format!("user {uid}{pid}"))
        }
        Look::Console { caller, server } => {
            let name = snapshot.server(*server).map(|server| safe::line(server.name()).into_owned());
            (format!("console of {}", name.unwrap_or_else(|| "(gone)".into())), who(caller))
        }
        Look::Events { caller } => ("events".to_owned(), who(caller)),
    }
}

fn who(caller: &Caller) -> String {
    let note = match caller.token {
        Some(_) => format!("\"{}\"", safe::line(&caller.note)),
        None => "this machine's user".to_owned(),
    };
    match caller.address {
        Some(address) => format!("{note} from {address}"),
        None => note,
    }
}

/// Where the columns of the tokens are.
struct Columns {
    note: u16,
    role: u16,
    expires: u16,
    servers: u16,
}

const ROLE: u16 = 9;
const EXPIRES: u16 = 12;

impl Columns {
    fn of(width: u16) -> Self {
        let note = (width / 3).clamp(8, 40);
        let role = 2 + note + 1;
        let expires = role + ROLE + 1;
        Self { note, role, expires, servers: expires + EXPIRES + 1 }
    }
}

fn tokens(access: &Access, rows: u16, area: Rect, buf: &mut Buffer, context: &Context<'_>) {
    let Context { snapshot, theme, now, .. } = *context;
    let columns = Columns::of(area.width);
    let style = theme.style(Role::Header);
    let mut put = |x: u16, wide: u16, text: &str| paint::column(buf, area, x, wide, text, style, theme);
    put(2, columns.note, "Token");
    put(columns.role, ROLE, "Role");
    put(columns.expires, EXPIRES, "Expires");
    put(columns.servers, area.width.saturating_sub(columns.servers), "Servers");
    let all: Vec<_> = access.rows(snapshot).collect();
    if all.is_empty() {
        let text = match access.filter.is_on() {
            true => "None of them contains this.",
            false => "There are none: nobody can use the API from elsewhere.",
        };
        paint::text(buf, area, 2, 1, text, theme.style(Role::Muted));
        return;
    }
    let cursor = access.cursor(snapshot);
    let shown = all.into_iter().enumerate().skip(access.choice.offset()).take(usize::from(rows));
    for (at, token) in shown {
        let line = Rect { y: area.y + 1 + (at - access.choice.offset()) as u16, height: 1, ..area };
        let over = context.chosen(at == cursor, line, buf);
        let text = theme.style(Role::Text).patch(over);
        paint::column(buf, line, 2, columns.note, &safe::line(&token.plan.note), text, theme);
        paint::column(buf, line, columns.role, ROLE, token.plan.role.as_str(), text, theme);
        let (expires, role) = expires(token, now);
        let style = theme.style(role).patch(over);
        paint::column(buf, line, columns.expires, EXPIRES, &expires, style, theme);
        let wide = line.width.saturating_sub(columns.servers);
        paint::column(buf, line, columns.servers, wide, &servers(token, snapshot), text, theme);
    }
}

fn expires(token: &Token, now: Timestamp) -> (String, Role) {
    match token.plan.expires_at {
        None => ("never".into(), Role::Text),
        Some(at) if at <= now => ("expired".into(), Role::Error),
        Some(at) => {
            let left = u64::try_from(at.as_second() - now.as_second()).unwrap_or_default();
            let role = if left < 86_400 { Role::Warning } else { Role::Text };
            (format!("in {}", paint::duration(left)), role)
        }
    }
}

fn servers(token: &Token, snapshot: &Snapshot) -> String {
    let Some(servers) = &token.plan.servers else { return "all".into() };
    let name =
        |id| snapshot.server(id).map_or("(gone)".into(), |server| safe::line(server.name()).into_owned());
    servers.iter().map(|id| name(*id)).collect::<Vec<String>>().join(", ")
}

/// Everything there is to say about a token. Harmless to draw.
pub fn describe(token: &Token, snapshot: &Snapshot, now: Timestamp) -> Vec<(Role, String)> {
    let time = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let may = match token.plan.role.as_str() {
        "viewer" => "look at everything but secrets, tokens and the audit trail",
        "operator" => "also run servers, type into consoles, make and restore backups, run schedules",
        _ => "do everything",
    };
    let (left, role) = expires(token, now);
    let until = token.plan.expires_at.map(|at| format!(" ({})", time(at))).unwrap_or_default();
    vec![
        (Role::Text, safe::line(&token.plan.note).into_owned()),
        (Role::Text, format!("Its holder may {may}: {}.", token.plan.role)),
        (Role::Text, format!("Servers: {}", servers(token, snapshot))),
        (role, format!("Expires: {left}{until}")),
        (Role::Muted, format!("Made {}; its id is {}.", time(token.created_at), token.id)),
        (Role::Muted, "Its secret is known to its holder only; whoever lost it makes another.".into()),
    ]
}
