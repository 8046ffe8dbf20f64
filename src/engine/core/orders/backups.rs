//! What is asked of backups.

use crate::{
    engine::core::Core,
    model::{Answer, Fault, FaultKind, Order, Origin},
};

impl Core {
    pub(super) fn order_backup(&mut self, _origin: Origin, _order: Order) -> Result<Answer, Fault> {
        Err(Fault::new(FaultKind::Failed, "Backups are not built yet.", "Nothing was done.", ""))
    }
}
