//! The fields of a server: what a form shows for each, and what a form's values mean.

use std::str::FromStr;

use crate::model::{
    Memory, ServerType, Spec,
    field::{self, HostLimits, Verdict},
    spec::{Difficulty, Mode},
};

use super::{dialog::BadField, field::Field, form::Form};

/// What other servers have already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Their names.
    pub names: Vec<String>,
    /// Their ports, and whose each is.
    pub ports: Vec<(u16, String)>,
}

impl Taken {
    /// What to say of a name.
    pub fn name(&self, name: &str) -> Option<String> {
        self.names
            .iter()
            .any(|taken| taken == name)
            .then(|| format!("There is a server called {name} already."))
    }

    /// What to say of a port. 0 is never taken.
    pub fn port(&self, port: u16) -> Option<String> {
        let (_, whose) = self.ports.iter().find(|(taken, _)| port != 0 && *taken == port)?;
        Some(format!("{whose} has port {port}. Choose another, or 0 for a free one."))
    }
}

/// What a server's values are looked at against.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What the host has.
    pub limits: HostLimits,
    /// What other servers have; without the one that is edited.
    pub taken: Taken,
    /// The image that will be used for a server whose spec names none.
    pub image_for: fn(&Spec) -> String,
}

/// Where Minecraft's licence is, and that it is the person who agrees.
const EULA_STATEMENT: &str = "Read it at https://aka.ms/MinecraftEULA. By ticking this box you yourself accept \
    Minecraft's End User Licence Agreement; this program never does it for you.";

fn or_empty<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

/// Every field of a server, filled in from a spec.
pub(super) fn fields(spec: &Spec) -> Vec<Field> {
    let mut fields = basics(spec);
    fields.extend(world(spec));
    fields.extend(players(spec));
    fields.extend(machine(spec));
    fields
}

fn basics(spec: &Spec) -> Vec<Field> {
    let types = ServerType::ALL.iter().map(|kind| (kind.as_str(), kind.title()));
    vec![
        Field::text("name", "Name", &spec.name)
            .section("Basics")
            .placeholder("a name, such as survival")
            .help("Letters, digits, '.', '_' and '-'. Also the container's name."),
        Field::choice("type", "Type", types, spec.server_type.as_str())
            .section("Basics")
            .help("Space opens the list; type to jump; Left and Right change it."),
        Field::text("version", "Version", &spec.version)
            .section("Basics")
            .placeholder("LATEST")
            .help("LATEST, SNAPSHOT, or a version such as 1.21.4."),
        Field::toggle("eula", "EULA", spec.eula).section("Basics").statement(EULA_STATEMENT),
    ]
}

fn world(spec: &Spec) -> Vec<Field> {
    let own = ("", "as the server has it");
    let modes = Mode::ALL.iter().map(|mode| (mode.as_str(), mode.as_str()));
    let difficulties = Difficulty::ALL.iter().map(|difficulty| (difficulty.as_str(), difficulty.as_str()));
    let (mode, difficulty) = (or_empty(&spec.mode), or_empty(&spec.difficulty));
    vec![
        Field::text("motd", "Message", spec.motd.as_deref().unwrap_or_default())
            .section("World")
            .placeholder("A Minecraft Server")
            .help("What the list of servers shows (MOTD)."),
        Field::choice("mode", "Game mode", std::iter::once(own).chain(modes), &mode).section("World"),
        Field::choice("difficulty", "Difficulty", std::iter::once(own).chain(difficulties), &difficulty)
            .section("World"),
        Field::text("seed", "Seed", spec.seed.as_deref().unwrap_or_default())
            .section("World")
            .placeholder("random")
            .help("What the world grows from. It cannot be changed later."),
        Field::number("view_distance", "View distance", &or_empty(&spec.view_distance))
            .section("World")
            .placeholder("as the server has it")
            .help("How far players see, in chunks. More costs memory and CPU."),
    ]
}

fn players(spec: &Spec) -> Vec<Field> {
    vec![
        Field::number("max_players", "Most players", &or_empty(&spec.max_players))
            .section("Players")
            .placeholder("as the server has it"),
        Field::list("ops", "Operators", &spec.ops)
            .section("Players")
            .placeholder("nobody")
            .help("Names or UUIDs, separated by commas. They may do everything."),
        Field::list("whitelist", "Whitelist", &spec.whitelist)
            .section("Players")
            .placeholder("everybody may join")
            .help("Names or UUIDs, separated by commas. Only they may join."),
    ]
}

fn machine(spec: &Spec) -> Vec<Field> {
    vec![
        Field::number("memory", "Memory", &spec.memory.to_string())
            .section("Resources")
            .placeholder("2G")
            .help("The Java heap, such as 2G or 1536M. The container gets more."),
        Field::number("cpus", "CPU cores", &or_empty(&spec.cpus))
            .section("Resources")
            .placeholder("all")
            .help("At most so many, such as 1.5."),
        Field::number("pids_limit", "Processes", &or_empty(&spec.pids_limit))
            .section("Resources")
            .placeholder("no limit")
            .help("At most so many processes and threads."),
        Field::number("port", "Port", &spec.port.to_string())
            .section("Network")
            .help("The host's port that players connect to; 0 takes a free one."),
        Field::text("bind", "Address", &or_empty(&spec.bind))
            .section("Network")
            .placeholder("every address of the host")
            .help("127.0.0.1 lets only this machine connect."),
        Field::text("time_zone", "Time zone", spec.time_zone.as_deref().unwrap_or_default())
            .section("Advanced")
            .placeholder("UTC")
            .help("Of the server's log, such as Europe/Berlin."),
        Field::text("image", "Image", spec.image.as_deref().unwrap_or_default()).section("Advanced"),
        Field::pairs("env", "Variables", &spec.env)
            .section("Advanced")
            .placeholder("NAME=value")
            .help("More variables for the image, one NAME=value a line."),
    ]
}

/// A number or nothing. What is no number breaks the same rule as one that is out of range.
fn number<T: FromStr + Copy>(
    text: &str,
    out_of_range: T,
    rule: impl Fn(Option<T>) -> Verdict,
) -> Result<Option<T>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(value) => rule(Some(value)).map(|()| Some(value)),
        Err(_) => rule(Some(out_of_range)).and(Err("must be a number".into())),
    }
}

/// Text or nothing.
fn text(text: String, rule: impl Fn(&str) -> Verdict) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    rule(&text).map(|()| Some(text))
}

fn word<T: FromStr<Err = String>>(word: &str) -> Result<Option<T>, String> {
    if word.is_empty() { Ok(None) } else { word.parse().map(Some) }
}

/// Sets what one field of the form means in a spec, or says which rule it breaks.
fn apply(id: &str, form: &Form, limits: HostLimits, spec: &mut Spec) -> Verdict {
    let value = form.value(id);
    match id {
        "name" => {
            field::name(&value)?;
            spec.name = value;
        }
        "type" => spec.server_type = value.parse()?,
        "version" => {
            field::version(&value)?;
            spec.version = value;
        }
        "eula" => spec.eula = value == "true",
        // Spaces in front centre it in the list of servers.
        "motd" => spec.motd = text(form.value_as_typed(id), field::motd)?,
        "mode" => spec.mode = word(&value)?,
        "difficulty" => spec.difficulty = word(&value)?,
        "seed" => spec.seed = text(value, field::seed)?,
        "view_distance" => spec.view_distance = number(&value, u8::MAX, field::view_distance)?,
        "max_players" => spec.max_players = number(&value, u32::MAX, field::max_players)?,
        "ops" => {
            spec.ops = form.values(id);
            field::players(&spec.ops)?;
        }
        "whitelist" => {
            spec.whitelist = form.values(id);
            field::players(&spec.whitelist)?;
        }
        "memory" => {
            spec.memory = value.parse()?;
            field::memory(spec.memory, limits.memory_bytes)?;
        }
        "cpus" => spec.cpus = number(&value, f64::NAN, |cpus| field::cpus(cpus, limits.cpus))?,
        "pids_limit" => spec.pids_limit = number(&value, u32::MAX, field::pids_limit)?,
        "port" => spec.port = value.parse().map_err(|_| PORT_RULE.to_owned())?,
        "bind" if value.is_empty() => spec.bind = None,
        "bind" => spec.bind = Some(value.parse().map_err(|_| BIND_RULE.to_owned())?),
        "time_zone" => spec.time_zone = text(value, field::time_zone)?,
        "image" => spec.image = text(value, field::image)?,
        "env" => {
            spec.env = form.pairs(id).map_or(Ok(Default::default()), |pairs| pairs.read())?;
            field::env(&spec.env)?;
        }
        _ => {}
    }
    Ok(())
}

/// What the types `u16` and `IpAddr` can hold; the model has no narrower rule.
pub(super) const PORT_RULE: &str = "must be a port from 1 to 65535, or 0 for a free one";
const BIND_RULE: &str = "must be an address of the host such as 127.0.0.1, or empty for every address";

/// What the form means: `base`, with every value that the person has changed.
///
/// # Errors
/// The first field whose value breaks its rule, in the form's order.
pub(super) fn read(form: &Form, base: &Spec, limits: HostLimits) -> Result<Spec, BadField> {
    let mut spec = base.clone();
    for field in form.fields.iter().filter(|field| field.takes_focus()) {
        let mut with_it = spec.clone();
        apply(field.id, form, limits, &mut with_it).map_err(|rule| BadField::new(field.id, rule))?;
        // What nobody touched stays exactly as it was, even where a line of text cannot show all of it.
        if field.is_dirty() {
            spec = with_it;
        }
    }
    field::check(&spec, limits).map_err(BadField::from_fault)?;
    Ok(spec)
}

/// Says on the form which rules are broken, what is taken, and what follows from the values.
pub(super) fn check(form: &mut Form, base: &Spec, around: &Surroundings) {
    let mut spec = base.clone();
    let ids: Vec<_> = form.ids().collect();
    for id in ids {
        let verdict = apply(id, form, around.limits, &mut spec);
        form.set_error(id, verdict.err());
    }
    let (name, port) = (around.taken.name(&form.value("name")), around.taken.port(spec.port));
    form.set_warning("name", name);
    form.set_warning("port", port);
    form.set_note("port", (form.value("port") == "0").then(|| "Docker takes a free one".to_owned()));
    let heap = form.value("memory").parse().ok().filter(|&heap| field::memory(heap, None).is_ok());
    form.set_note("memory", heap.map(|heap| memory_note(heap, around.limits)));
    form.set_note("cpus", around.limits.cpus.map(|cpus| format!("the host has {cpus}")));
    form.set_note("env", kept_note(form));
    let image = (around.image_for)(&Spec { image: None, ..spec });
    form.set_placeholder("image", image);
}

/// The container's limit that follows from the heap.
fn memory_note(heap: Memory, limits: HostLimits) -> String {
    let size = |bytes| humansize::format_size(bytes, humansize::BINARY);
    let limit = size(heap.limit_for_heap().as_bytes());
    match limits.memory_bytes {
        Some(host) => format!("container limit {limit} of {}", size(host)),
        None => format!("container limit {limit}"),
    }
}

fn kept_note(form: &Form) -> Option<String> {
    let kept = form.pairs("env")?.kept();
    (kept > 0).then(|| format!("{kept} more with line breaks or control characters are kept as they are"))
}
