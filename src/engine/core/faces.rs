//! Who is attached, and by which ways they can come.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::Core;
use crate::{
    engine::fact::Fact,
    model::face::{Face, Look, Way},
};

/// Faces that are shown: far more than may be attached.
const SHOWN: usize = 1_000;

impl Core {
    /// Somebody came; they stay until `gone` is told or dropped.
    pub(super) fn came(&mut self, look: Look, gone: oneshot::Receiver<()>) {
        if self.faces.len() >= SHOWN {
            return;
        }
        self.face_count += 1;
        let id = self.face_count;
        self.faces.push(Arc::new(Face { id, look, since: Timestamp::now() }));
        // Commands come and go: together with the figures is soon enough.
        self.publisher.calmly();
        let (facts, stop) = (self.ways.facts.clone(), self.ways.stop.clone());
        self.ways.tasks.spawn(async move {
            let _ = stop.run_until_cancelled(gone).await;
            let _ = facts.send(Fact::Left(id)).await;
        });
    }

    /// Somebody went.
    pub(super) fn left(&mut self, id: u64) {
        self.faces.retain(|face| face.id != id);
        self.publisher.calmly();
    }

    /// A way in is open from now on.
    pub(super) fn way_open(&mut self, way: Way) {
        self.ways_in.retain(|one| one.kind != way.kind);
        self.ways_in.push(Arc::new(way));
        self.ways_in.sort_by_key(|way| way.kind);
        self.publisher.soon();
    }
}
