//! The forms for making, changing, renaming and copying a server, as overlays.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    widgets::{Clear, Widget},
};

use super::Outcome;
use crate::{
    engine::servers::image,
    model::{Changes, Fault, Order, Server, ServerId, Snapshot, Spec, field::HostLimits},
    tui::{
        action::Action,
        app::{Asked, Effect},
        forms::{
            self, Surroundings, Taken, clone::CloneForm, create::CreateForm, edit::EditForm,
            rename::RenameForm,
        },
        theme::Theme,
    },
};

/// A form, and what it is for.
#[derive(Debug)]
enum Kind {
    Create(Box<CreateForm>),
    Edit(ServerId, Box<EditForm>),
    Rename(ServerId, Box<RenameForm>),
    Clone(ServerId, Box<CloneForm>),
}

/// A form that is filled in, or waits for the engine's word.
#[derive(Debug)]
pub struct Form {
    kind: Kind,
}

impl Form {
    /// For a new server.
    pub fn create(defaults: &Spec, snapshot: &Snapshot) -> Self {
        let mut spec = defaults.clone();
        let taken = taken(snapshot, None);
        // The usual port where it is free; where it is not, one that Docker chooses.
        if taken.port(spec.port).is_some() {
            spec.port = 0;
        }
        let around = surroundings(snapshot, &spec, taken);
        Self { kind: Kind::Create(Box::new(CreateForm::new(&spec, around))) }
    }

    /// To change a server.
    pub fn edit(server: &Server, snapshot: &Snapshot) -> Self {
        let spec = &server.about.spec;
        let around = surroundings(snapshot, spec, taken(snapshot, Some(server.id())));
        Self { kind: Kind::Edit(server.id(), Box::new(EditForm::new(spec, around))) }
    }

    /// To give a server another name.
    pub fn rename(server: &Server, snapshot: &Snapshot) -> Self {
        let form = RenameForm::new(server.name(), taken(snapshot, Some(server.id())));
        Self { kind: Kind::Rename(server.id(), Box::new(form)) }
    }

    /// To copy a server.
    pub fn copy(server: &Server, snapshot: &Snapshot) -> Self {
        let form = CloneForm::new(server.name(), taken(snapshot, None));
        Self { kind: Kind::Clone(server.id(), Box::new(form)) }
    }

    /// What its order is for.
    pub fn asked(&self) -> Asked {
        match self.kind {
            Kind::Create(_) => Asked::Create,
            Kind::Edit(..) => Asked::Edit,
            Kind::Rename(..) => Asked::Rename,
            Kind::Clone(..) => Asked::Clone,
        }
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
        match &mut self.kind {
            Kind::Create(form) => {
                let outcome = form.key(key);
                after(outcome, Asked::Create, |spec| Order::Create(Box::new(spec)))
            }
            Kind::Edit(id, form) => edited(*id, form.key(key)),
            Kind::Rename(id, form) => {
                let outcome = form.key(key);
                after(outcome, Asked::Rename, |name| Order::Rename(*id, name))
            }
            Kind::Clone(id, form) => {
                let outcome = form.key(key);
                after(outcome, Asked::Clone, |copy| Order::Clone {
                    server: *id,
                    name: copy.name,
                    port: copy.port,
                })
            }
        }
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) {
        match &mut self.kind {
            Kind::Create(form) => _ = form.paste(text),
            Kind::Edit(_, form) => _ = form.paste(text),
            Kind::Rename(_, form) => _ = form.paste(text),
            Kind::Clone(_, form) => _ = form.paste(text),
        }
    }

    /// A click, where it was drawn into `area`.
    pub fn click(&mut self, area: Rect, place: Position) -> Outcome {
        let area = self.place(area);
        match &mut self.kind {
            Kind::Create(form) => {
                let outcome = form.click(area, place);
                after(outcome, Asked::Create, |spec| Order::Create(Box::new(spec)))
            }
            Kind::Edit(id, form) => edited(*id, form.click(area, place)),
            Kind::Rename(id, form) => {
                let outcome = form.click(area, place);
                after(outcome, Asked::Rename, |name| Order::Rename(*id, name))
            }
            Kind::Clone(id, form) => {
                let outcome = form.click(area, place);
                after(outcome, Asked::Clone, |copy| Order::Clone {
                    server: *id,
                    name: copy.name,
                    port: copy.port,
                })
            }
        }
    }

    /// Shows what the engine says against it.
    pub fn refuse(&mut self, fault: &Fault) {
        match &mut self.kind {
            Kind::Create(form) => form.refuse(fault),
            Kind::Edit(_, form) => form.refuse(fault),
            Kind::Rename(_, form) => form.refuse(fault),
            Kind::Clone(_, form) => form.refuse(fault),
        }
    }

    /// The world changed: what other servers have is looked at anew.
    pub fn refresh(&mut self, snapshot: &Snapshot) {
        match &mut self.kind {
            Kind::Create(form) => {
                form.content_mut().surroundings.taken = taken(snapshot, None);
                form.recheck();
            }
            Kind::Edit(id, form) => {
                form.content_mut().surroundings.taken = taken(snapshot, Some(*id));
                form.recheck();
            }
            Kind::Rename(id, form) => {
                form.content_mut().taken = taken(snapshot, Some(*id));
                form.recheck();
            }
            Kind::Clone(_, form) => {
                form.content_mut().taken = taken(snapshot, None);
                form.recheck();
            }
        }
    }

    /// The part of an area that it takes: all of it, or the middle where it has few fields.
    fn place(&self, area: Rect) -> Rect {
        match self.kind {
            Kind::Create(_) | Kind::Edit(..) => area,
            Kind::Rename(..) | Kind::Clone(..) => {
                let (width, height) = (area.width.min(76), area.height.min(11));
                Rect {
                    x: area.x + (area.width - width) / 2,
                    y: area.y + (area.height - height) / 2,
                    width,
                    height,
                }
            }
        }
    }

    /// Draws it; gives the cursor's place.
    pub fn view(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> Option<Position> {
        let area = self.place(area).intersection(buf.area);
        Clear.render(area, buf);
        let styles = theme.form();
        match &self.kind {
            Kind::Create(form) => form.view(area, buf, &styles),
            Kind::Edit(_, form) => form.view(area, buf, &styles),
            Kind::Rename(_, form) => form.view(area, buf, &styles),
            Kind::Clone(_, form) => form.view(area, buf, &styles),
        }
    }
}

fn edited(server: ServerId, outcome: forms::Outcome<Changes>) -> Outcome {
    match outcome {
        // Nothing to change is nothing to do.
        forms::Outcome::Submitted(changes) if changes.is_empty() => Outcome::Close,
        outcome => after(outcome, Asked::Edit, |changes| Order::Edit(server, Box::new(changes))),
    }
}

fn after<T>(outcome: forms::Outcome<T>, asked: Asked, order: impl FnOnce(T) -> Order) -> Outcome {
    match outcome {
        forms::Outcome::Editing => Outcome::Stay,
        forms::Outcome::Cancelled => Outcome::Close,
        forms::Outcome::Submitted(value) => Outcome::Ask(Effect::Order(asked, order(value))),
    }
}

/// What servers have, but for one of them.
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
