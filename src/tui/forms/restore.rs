//! The form in which one says what of a backup is restored, and where to.

use crate::model::{
    Backup, ServerId,
    backup::{Contents, Scope, Target},
    field as rule,
};

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
    server::{PORT_RULE, Taken},
};

/// What restoring a backup is looked at against.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The servers that can be restored into: the one that the backup was made of first, where it is there.
    pub servers: Vec<(ServerId, String)>,
    /// What servers have already, for a new one.
    pub taken: Taken,
}

/// Makes a [`Scope`] and a [`Target`] out of a form.
#[derive(Clone, Debug)]
pub struct Restoring {
    contents: Contents,
    /// What it is looked at against. Call [`Dialog::recheck`] after a change.
    pub places: Places,
}

/// The form in which one says what of a backup is restored, and where to.
pub type RestoreForm = Dialog<Restoring>;

const SCOPES: [(&str, &str); 5] = [
    ("everything", "everything that it holds"),
    ("world", "one world, with all its dimensions"),
    ("dimension", "one dimension of a world"),
    ("player", "what the game keeps of one player"),
    ("paths", "files and folders"),
];

impl RestoreForm {
    /// For a backup. `paths` are meant at first, where there are any; all of it where there are none.
    pub fn new(backup: &Backup, contents: Contents, places: Places, paths: &[String]) -> Self {
        let scope = if paths.is_empty() { "everything" } else { "paths" };
        // What is not there is not offered.
        let there = |value: &str| match value {
            "world" => !contents.worlds.is_empty(),
            "dimension" => contents.worlds.iter().any(|world| !world.dimensions.is_empty()),
            "player" => !contents.players.is_empty(),
            _ => true,
        };
        let scopes = SCOPES.into_iter().filter(|(value, _)| there(value));
        let worlds = contents.worlds.iter().map(|world| (world.folder.clone(), world.folder.clone()));
        let dimensions = dimensions(&contents).into_iter().enumerate();
        let dimensions =
            dimensions.map(|(at, (world, dimension))| (at.to_string(), format!("{dimension} of {world}")));
        let players = contents.players.iter().map(|name| (name.clone(), name.clone()));
        let mut fields = vec![
            Field::choice("scope", "What", scopes, scope)
                .section("What is restored")
                .help("Space opens the list; type to jump; Left and Right change it."),
            Field::choice("world", "World", worlds, "").section("What is restored"),
            Field::choice("dimension", "Dimension", dimensions, "").section("What is restored"),
            Field::choice("player", "Player", players, "").section("What is restored"),
            Field::lines("paths", "Paths", paths)
                .section("What is restored")
                .placeholder("world/level.dat")
                .help("One a line, as they are in the backup; a folder is meant with all that is in it."),
        ];
        fields.extend(target(backup, &places));
        let title = format!("Restore {}", backup.server_name);
        Self::with(Form::new(title, "Show what happens", fields), Restoring { contents, places })
    }
}

fn target(backup: &Backup, places: &Places) -> Vec<Field> {
    let same = places.servers.first().filter(|(id, _)| *id == backup.server);
    let mut targets: Vec<(String, String)> = places
        .servers
        .iter()
        .map(|(id, name)| {
            let own = if Some(*id) == same.map(|(id, _)| *id) { ", of which it was made" } else { "" };
            (id.to_string(), format!("the server {name}{own}"))
        })
        .collect();
    targets.push(("new".into(), "a new server".into()));
    let base = &backup.server_name;
    let mut names =
        (1..100).map(|n| if n == 1 { format!("{base}-restored") } else { format!("{base}-restored-{n}") });
    let name = names.find(|name| places.taken.name(name).is_none() && rule::name(name).is_ok());
    vec![
        Field::choice("target", "Into", targets, &backup.server.to_string()).section("Where to"),
        Field::text("name", "Name", &name.unwrap_or_default())
            .section("Where to")
            .help("Of the new server. Letters, digits, '.', '_' and '-'."),
        Field::number("port", "Port", "0")
            .section("Where to")
            .help("The host's port that players connect to; 0 takes a free one."),
    ]
}

/// Every dimension, with its world.
fn dimensions(contents: &Contents) -> Vec<(String, String)> {
    let of = |world: &crate::model::backup::WorldInside| {
        let folder = world.folder.clone();
        world.dimensions.clone().into_iter().map(move |dimension| (folder.clone(), dimension))
    };
    contents.worlds.iter().flat_map(of).collect()
}

impl Restoring {
    fn scope(&self, form: &Form) -> Result<Scope, BadField> {
        Ok(match form.value("scope").as_str() {
            "world" => Scope::World(form.value("world")),
            "dimension" => {
                let at = form.value("dimension").parse::<usize>().ok();
                let found = at.and_then(|at| dimensions(&self.contents).into_iter().nth(at));
                let none = || BadField::new("dimension", "choose one");
                let (world, dimension) = found.ok_or_else(none)?;
                Scope::Dimension { world, dimension }
            }
            "player" => Scope::Player(form.value("player")),
            "paths" => {
                let paths = form.lines("paths");
                if paths.is_empty() {
                    return Err(BadField::new("paths", "name at least one"));
                }
                Scope::Paths(paths)
            }
            _ => Scope::Everything,
        })
    }

    fn target(form: &Form) -> Result<Target, BadField> {
        let value = form.value("target");
        if let Ok(server) = value.parse::<ServerId>() {
            return Ok(Target::Server(server));
        }
        let name = form.value("name");
        rule::name(&name).map_err(|rule| BadField::new("name", rule))?;
        let port = form.value("port").parse().map_err(|_| BadField::new("port", PORT_RULE))?;
        Ok(Target::New { name, port })
    }
}

impl Content for Restoring {
    type Value = (Scope, Target);

    fn check(&self, form: &mut Form) {
        let scope = form.value("scope");
        for (id, of) in
            [("world", "world"), ("dimension", "dimension"), ("player", "player"), ("paths", "paths")]
        {
            form.show(id, scope == of);
        }
        let new = form.value("target") == "new";
        form.show("name", new);
        form.show("port", new);
        let (scope, target) = (self.scope(form).err(), Self::target(form).err());
        let (name, port) = (form.value("name"), form.value("port").parse::<u16>());
        for id in ["paths", "dimension", "name", "port"] {
            let bad = scope.iter().chain(&target).find(|bad| bad.field == id);
            form.set_error(id, bad.map(|bad| bad.rule.clone()));
        }
        form.set_warning("name", self.places.taken.name(&name));
        form.set_warning("port", port.ok().and_then(|port| self.places.taken.port(port)));
        let note = match new {
            true => "made with the settings that the backup's server had",
            false => "its data is kept until the restored one was seen to work",
        };
        form.set_note("target", Some(note.to_owned()));
    }

    fn value(&self, form: &Form) -> Result<(Scope, Target), BadField> {
        Ok((self.scope(form)?, Self::target(form)?))
    }
}
