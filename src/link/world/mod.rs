//! The world as it travels: for each list what changed since the last one, then what holds for the whole.
//!
//! A new list of the [`Snapshot`], or a new value in it, is one more line in `world!` below; a list's items say in
//! an [`Item`] what they are known by.

mod list;
mod server;

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use self::list::{Item, Making, StepOf, steps};
use super::{
    frame::{self, Down},
    protocol::{Error, FRAME_AIM},
};
use crate::model::{
    Backup, BackupId, Disk, DiskOf, Face, Host, HostId, Job, JobId, Schedule, ScheduleId, Server, Snapshot,
    Token, TokenId, Way, face::WayKind,
};

/// Most items of one list: far more than an engine holds, so that nobody can fill a face's memory.
const ITEMS_MAX: usize = 200_000;

macro_rules! world {
    (values { $($value:ident: $type:ty),+ $(,)? } lists { $($list:ident $List:ident: $item:ty),+ $(,)? }) => {
        /// What holds for the whole world.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub struct Values { $($value: $type),+ }

        /// A part of what the world has become.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub enum Part {
            $(#[allow(missing_docs)] $List(Vec<StepOf<$item>>)),+
        }

        /// What changed from `old` to `new`.
        fn parts(old: &Snapshot, new: &Snapshot) -> (Vec<Part>, Values) {
            // All of it is named, so that the compiler asks for what is new.
            let Snapshot { $($value,)+ $($list: _),+ } = new;
            let mut parts = Vec::new();
            $(parts.extend(steps(&old.$list, &new.$list).map(Part::$List));)+
            (parts, Values { $($value: $value.clone()),+ })
        }

        impl Part {
            /// The same in pieces: many steps are not one frame.
            fn split(self) -> Vec<Self> {
                match self {
                    $(Self::$List(steps) => pieces(steps).into_iter().map(Self::$List).collect()),+
                }
            }
        }

        /// The world as a face knows it, and the next one as far as it has come.
        #[derive(Debug, Default)]
        pub struct Mirror {
            now: Arc<Snapshot>,
            $($list: Option<Making<$item>>),+
        }

        impl Mirror {
            fn take_part(&mut self, part: Part) -> Option<()> {
                match part {
                    $(Part::$List(steps) => {
                        self.$list.get_or_insert_default().take(&self.now.$list, steps, ITEMS_MAX)
                    })+
                }
            }

            fn finish(&mut self, values: Values) -> Arc<Snapshot> {
                let Values { $($value),+ } = values;
                $(let $list = match self.$list.take() {
                    Some(making) => making.done(),
                    None => self.now.$list.clone(),
                };)+
                self.now = Arc::new(Snapshot { $($value,)+ $($list),+ });
                self.now.clone()
            }
        }
    };
}

world! {
    values {
        sequence: u64,
        settled: bool,
        read_only: bool,
        schedules_paused: bool,
    }
    lists {
        hosts Hosts: Host,
        disks Disks: Disk,
        servers Servers: Server,
        jobs Jobs: Job,
        backups Backups: Backup,
        schedules Schedules: Schedule,
        tokens Tokens: Token,
        faces Faces: Face,
        ways Ways: Way,
    }
}

macro_rules! items {
    ($($item:ty: $id:ty = $field:ident),+ $(,)?) => {
        $(impl Item for $item {
            type Id = $id;
            type Patch = ();
            fn id(&self) -> $id {
                self.$field.clone()
            }
        })+
    };
}

items! {
    Host: HostId = id,
    Disk: DiskOf = of,
    Job: JobId = id,
    Backup: BackupId = id,
    Schedule: ScheduleId = id,
    Token: TokenId = id,
    Face: u64 = id,
    Way: WayKind = kind,
}

/// A piece of what the world has become, as a frame holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Piece {
    parts: Vec<Part>,
    /// With the last piece: from here on the new world holds.
    values: Option<Values>,
}

/// Steps in pieces of about [`FRAME_AIM`] bytes.
fn pieces<T: Serialize>(steps: Vec<T>) -> Vec<Vec<T>> {
    let mut pieces = vec![Vec::new()];
    let mut size = 0;
    for step in steps {
        // What cannot be measured cannot be sent either, and is told then.
        let more = postcard::experimental::serialized_size(&step).unwrap_or(FRAME_AIM);
        if size > 0 && size + more > FRAME_AIM {
            pieces.push(Vec::new());
            size = 0;
        }
        size += more;
        if let Some(piece) = pieces.last_mut() {
            piece.push(step);
        }
    }
    pieces
}

/// What the engine's side has told one face of the world.
#[derive(Debug, Default)]
pub struct Told {
    last: Arc<Snapshot>,
}

impl Told {
    /// The frames that make `new` of what was told last.
    ///
    /// # Errors
    /// That something in it is larger than a frame may be.
    pub fn tell(&mut self, new: &Snapshot) -> Result<Vec<Bytes>, Error> {
        let new = server::rounded(new, &self.last);
        let (parts, values) = parts(&self.last, &new);
        let mut small = Vec::new();
        let mut frames = Vec::new();
        for part in parts {
            let mut pieces = part.split();
            small.extend(pieces.pop());
            for piece in pieces {
                frames.push(frame::encode(&Down::World(Piece { parts: vec![piece], values: None }))?);
            }
            if small.len() > 1 {
                let part = small.remove(0);
                frames.push(frame::encode(&Down::World(Piece { parts: vec![part], values: None }))?);
            }
        }
        frames.push(frame::encode(&Down::World(Piece { parts: small, values: Some(values) }))?);
        self.last = Arc::new(new);
        Ok(frames)
    }
}

impl Mirror {
    /// Takes a piece; with the last one of a world, that world.
    ///
    /// # Errors
    /// That it does not fit to what came before.
    pub fn take(&mut self, piece: Piece) -> Result<Option<Arc<Snapshot>>, Error> {
        for part in piece.parts {
            self.take_part(part).ok_or_else(|| Error::Nonsense("the world does not fit together".into()))?;
        }
        Ok(piece.values.map(|values| self.finish(values)))
    }
}

#[cfg(test)]
mod tests;
