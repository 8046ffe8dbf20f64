//! Forms as overlays: for making, changing, renaming and copying a server, for schedules, backups and restores.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    widgets::{Clear, Widget},
};

use super::Outcome;
use crate::{
    engine::servers::image,
    model::{
        Backup, Fault, Order, Schedule, Server, ServerId, Snapshot, Spec, State, backup::Contents,
        field::HostLimits,
    },
    tui::{
        action::Action,
        app::{Asked, Effect, Restore},
        forms::{
            self, FormStyles, Surroundings, Taken,
            backup::BackupForm,
            clone::CloneForm,
            create::CreateForm,
            dialog::{Content, Dialog},
            edit::EditForm,
            rename::RenameForm,
            restore::{Places, RestoreForm},
            schedule::{Around, ScheduleForm},
            token::{MakeToken, TokenForm},
        },
        theme::Theme,
    },
};

/// Rows of a form with two fields.
const SMALL: u16 = 11;
/// Rows of the form for a token, with four.
const TOKEN: u16 = 15;

/// A form, whatever it is for.
trait Filling: fmt::Debug + Send {
    fn key(&mut self, key: KeyEvent) -> Outcome;
    fn paste(&mut self, text: &str);
    fn click(&mut self, area: Rect, place: Position) -> Outcome;
    fn refuse(&mut self, fault: &Fault);
    fn refresh(&mut self, snapshot: &Snapshot, now: Timestamp);
    fn next_change(&self) -> Option<Timestamp>;
    fn view(&self, area: Rect, buf: &mut Buffer, styles: &FormStyles) -> Option<Position>;
}

/// Tells a form of the world as it is now, and of the time.
type News<C> = Box<dyn Fn(&mut C, &Snapshot, Timestamp) + Send>;

/// A form with what it leads to.
struct Filled<C: Content> {
    dialog: Dialog<C>,
    /// What comes of its value.
    done: Box<dyn Fn(C::Value) -> Outcome + Send>,
    /// The world or the time changed.
    news: News<C>,
    /// When what it tells changes by itself.
    moment: fn(&Dialog<C>) -> Option<Timestamp>,
}

impl<C: Content> Filled<C> {
    fn after(&self, outcome: forms::Outcome<C::Value>) -> Outcome {
        match outcome {
            forms::Outcome::Editing => Outcome::Stay,
            forms::Outcome::Cancelled => Outcome::Close,
            forms::Outcome::Submitted(value) => (self.done)(value),
        }
    }
}

impl<C: Content> fmt::Debug for Filled<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled").field("form", self.dialog.form()).finish_non_exhaustive()
    }
}

impl<C: Content + Send> Filling for Filled<C> {
    fn key(&mut self, key: KeyEvent) -> Outcome {
        let outcome = self.dialog.key(key);
        self.after(outcome)
    }

    fn paste(&mut self, text: &str) {
        // A paste never submits.
        let _ = self.dialog.paste(text);
    }

    fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let outcome = self.dialog.click(area, place);
        self.after(outcome)
    }

    fn refuse(&mut self, fault: &Fault) {
        self.dialog.refuse(fault);
    }

    fn refresh(&mut self, snapshot: &Snapshot, now: Timestamp) {
        (self.news)(self.dialog.content_mut(), snapshot, now);
        self.dialog.recheck();
    }

    fn next_change(&self) -> Option<Timestamp> {
        (self.moment)(&self.dialog)
    }

    fn view(&self, area: Rect, buf: &mut Buffer, styles: &FormStyles) -> Option<Position> {
        self.dialog.view(area, buf, styles)
    }
}

/// A form that is filled in, or waits for the engine's word.
#[derive(Debug)]
pub struct Form {
    filling: Box<dyn Filling>,
    asked: Asked,
    /// The rows that it takes; all that there are where it has many fields.
    rows: Option<u16>,
}

impl Form {
    fn new<C: Content + Send + 'static>(
        dialog: Dialog<C>,
        asked: Asked,
        order: impl Fn(C::Value) -> Option<Order> + Send + 'static,
        news: impl Fn(&mut C, &Snapshot, Timestamp) + Send + 'static,
    ) -> Self {
        let wants = asked.clone();
        let done = Box::new(move |value| match order(value) {
            Some(order) => Outcome::Ask(Effect::Order(wants.clone(), order)),
            // Nothing to change is nothing to do.
            None => Outcome::Close,
        });
        let filled = Filled { dialog, done, news: Box::new(news), moment: |_| None };
        Self { filling: Box::new(filled), asked, rows: None }
    }

    fn small(self) -> Self {
        Self { rows: Some(SMALL), ..self }
    }

    /// For a new server.
    pub fn create(defaults: &Spec, snapshot: &Snapshot) -> Self {
        let mut spec = defaults.clone();
        let taken = taken(snapshot, None);
        // The usual port where it is free; where it is not, one that Docker chooses.
        if taken.port(spec.port).is_some() {
            spec.port = 0;
        }
        let form = CreateForm::new(&spec, surroundings(snapshot, &spec, taken));
        let order = |spec| Some(Order::Create(Box::new(spec)));
        Self::new(form, Asked::Create, order, |form, world, _| {
            form.surroundings.taken = self::taken(world, None);
        })
    }

    /// To change a server.
    pub fn edit(server: &Server, snapshot: &Snapshot) -> Self {
        let (id, spec) = (server.id(), &server.about.spec);
        let form = EditForm::new(spec, surroundings(snapshot, spec, taken(snapshot, Some(id))));
        let order = move |changes: crate::model::Changes| {
            (!changes.is_empty()).then(|| Order::Edit(id, Box::new(changes)))
        };
        Self::new(form, Asked::Edit, order, move |form, world, _| {
            form.surroundings.taken = taken(world, Some(id));
        })
    }

    /// To give a server another name.
    pub fn rename(server: &Server, snapshot: &Snapshot) -> Self {
        let id = server.id();
        let form = RenameForm::new(server.name(), taken(snapshot, Some(id)));
        let order = move |name| Some(Order::Rename(id, name));
        Self::new(form, Asked::Rename, order, move |form, world, _| form.taken = taken(world, Some(id)))
            .small()
    }

    /// To copy a server.
    pub fn copy(server: &Server, snapshot: &Snapshot) -> Self {
        let id = server.id();
        let form = CloneForm::new(server.name(), taken(snapshot, None));
        let order = move |copy: forms::clone::CopyOf| {
            Some(Order::Clone { server: id, name: copy.name, port: copy.port })
        };
        Self::new(form, Asked::Clone, order, |form, world, _| form.taken = taken(world, None)).small()
    }

    /// For a new token.
    pub fn token(snapshot: &Snapshot, now: Timestamp) -> Self {
        let form = TokenForm::new(MakeToken { servers: names(snapshot), now });
        let order = |plan| Some(Order::CreateToken(Box::new(plan)));
        let form = Self::new(form, Asked::Token, order, |form: &mut MakeToken, world, now| {
            (form.servers, form.now) = (names(world), now);
        });
        Self { rows: Some(TOKEN), ..form }
    }

    /// For a schedule: a new one, or the one that is given. `zone` is this machine's time zone.
    pub fn schedule(old: Option<&Schedule>, snapshot: &Snapshot, now: Timestamp, zone: &str) -> Self {
        let id = old.map(|old| old.id);
        let zone = zone.to_owned();
        let around = move |world: &Snapshot| Around {
            zone: zone.clone(),
            names: world
                .schedules
                .iter()
                .filter(|other| Some(other.id) != id)
                .map(|other| other.plan.name.clone())
                .collect(),
            servers: world.servers.iter().map(|server| (server.id(), server.name().to_owned())).collect(),
        };
        let form = match old {
            Some(old) => ScheduleForm::edit(old, around(snapshot), now),
            None => ScheduleForm::add(around(snapshot), now),
        };
        let before = old.map(|old| old.plan.clone());
        let done = Box::new(move |plan| match id {
            Some(_) if before.as_ref() == Some(&plan) => Outcome::Close,
            Some(id) => Outcome::Ask(Effect::Order(Asked::Schedule, Order::EditSchedule(id, Box::new(plan)))),
            None => Outcome::Ask(Effect::Order(Asked::Schedule, Order::AddSchedule(Box::new(plan)))),
        });
        let news = Box::new(move |form: &mut forms::schedule::Planned, world: &Snapshot, now| {
            form.around = around(world);
            form.now = now;
        });
        let moment = ScheduleForm::next_change;
        Self {
            filling: Box::new(Filled { dialog: form, done, news, moment }),
            asked: Asked::Schedule,
            rows: None,
        }
    }

    /// For a new backup of a server.
    pub fn backup(server: &Server) -> Self {
        let id = server.id();
        let order = move |wish| Some(Order::Backup(id, wish));
        Self::new(BackupForm::new(server.name()), Asked::Backup, order, |_, _, _| {}).small()
    }

    /// To say what of a backup is restored, and where to. What would happen is asked for before anything is done.
    pub fn restore(backup: &Backup, contents: Contents, paths: &[String], snapshot: &Snapshot) -> Self {
        let (id, of) = (backup.id, backup.server);
        let places = move |world: &Snapshot| {
            let managed = world
                .servers
                .iter()
                .filter(|server| server.about.ownership.is_managed() && server.state != State::Missing);
            let mut servers: Vec<_> = managed.map(|server| (server.id(), server.name().to_owned())).collect();
            servers.sort_by_key(|(server, _)| *server != of);
            Places { servers, taken: taken(world, None) }
        };
        let form = RestoreForm::new(backup, contents, places(snapshot), paths);
        let done = Box::new(move |(scope, target)| {
            Outcome::Ask(Effect::RestorePlan(Box::new(Restore { backup: id, scope, target })))
        });
        let news = Box::new(move |form: &mut forms::restore::Restoring, world: &Snapshot, _| {
            form.places = places(world);
        });
        let filled = Filled { dialog: form, done, news, moment: |_| None };
        Self { filling: Box::new(filled), asked: Asked::Restore, rows: None }
    }

    /// What its order is for.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// An action of the keymap, as the key that forms know for it.
    pub fn act(&mut self, action: Action) -> Outcome {
        let code = match action {
            Action::Accept => KeyCode::Enter,
            Action::Dismiss => KeyCode::Esc,
            Action::NextField => KeyCode::Tab,
            Action::PreviousField => KeyCode::BackTab,
            Action::Up => KeyCode::Up,
            Action::Down => KeyCode::Down,
            Action::PageUp => KeyCode::PageUp,
            Action::PageDown => KeyCode::PageDown,
            _ => return Outcome::Stay,
        };
        self.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    /// A key.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        self.filling.key(key)
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        self.filling.paste(text);
    }

    /// A click, where it was drawn into `area`.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let area = self.place(area);
        self.filling.click(area, place)
    }

    /// Shows what the engine says against it.
    pub fn refuse(&mut self, fault: &Fault) {
        self.filling.refuse(fault);
    }

    /// The world, or the time, changed: what others have is looked at anew.
    pub fn refresh(&mut self, snapshot: &Snapshot, now: Timestamp) {
        self.filling.refresh(snapshot, now);
    }

    /// When what it tells changes by itself.
    pub fn next_change(&self) -> Option<Timestamp> {
        self.filling.next_change()
    }

    /// The part of an area that it takes: all of it, or the middle where it has few fields.
    fn place(&self, area: Rect) -> Rect {
        let Some(rows) = self.rows else { return area };
        let (width, height) = (area.width.min(76), area.height.min(rows));
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let area = self.place(area).intersection(buf.area);
        Clear.render(area, buf);
        self.filling.view(area, buf, &theme.form())
    }
}

/// What servers have, but for one of them.
fn names(snapshot: &Snapshot) -> Vec<(String, ServerId)> {
    snapshot.servers.iter().map(|server| (server.name().to_owned(), server.id())).collect()
}

fn taken(snapshot: &Snapshot, but: Option<ServerId>) -> Taken {
    let others = || snapshot.servers.iter().filter(|server| Some(server.id()) != but);
    Taken {
        names: others().map(|server| server.name().to_owned()).collect(),
        ports: others().filter_map(|server| Some((server.about.port?, server.name().to_owned()))).collect(),
    }
}

fn surroundings(snapshot: &Snapshot, spec: &Spec, taken: Taken) -> Surroundings {
    let host = snapshot.hosts.iter().find(|host| host.id == spec.host);
    let limits = HostLimits {
        memory_bytes: host.map(|host| host.memory_bytes).filter(|bytes| *bytes > 0),
        cpus: host.map(|host| host.cpus).filter(|cpus| *cpus > 0),
    };
    Surroundings { limits, taken, image_for: image::choose }
}
