//! What is asked of schedules.

use crate::{
    engine::core::Core,
    model::{Answer, Fault, FaultKind, Order, Origin},
};

impl Core {
    pub(super) fn order_schedule(&mut self, _origin: Origin, _order: Order) -> Result<Answer, Fault> {
        Err(Fault::new(FaultKind::Failed, "Schedules are not built yet.", "Nothing was done.", ""))
    }
}
