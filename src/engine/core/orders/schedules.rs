//! What is asked of schedules: passed on to the scheduler, and its answers passed back when the world shows them.

use tokio::sync::oneshot;

use super::busy;
use crate::{
    engine::{
        core::Core,
        schedules::{Ask, Told},
    },
    model::{Answer, Event, Fault, Order, Origin},
};

/// Whether an order is the scheduler's.
pub(super) fn is_one(order: &Order) -> bool {
    matches!(
        order,
        Order::AddSchedule(_)
            | Order::EditSchedule(..)
            | Order::DeleteSchedule(_)
            | Order::RunSchedule(_)
            | Order::PauseSchedule(..)
            | Order::PauseSchedules(_)
    )
}

impl Core {
    pub(super) fn ask_scheduler(
        &mut self,
        origin: Origin,
        order: Order,
        reply: oneshot::Sender<Result<Answer, Fault>>,
    ) {
        if let Err(refused) = self.ways.asks.try_send(Ask { origin, order, reply }) {
            let _ = refused.into_inner().reply.send(Err(busy("other orders about schedules")));
        }
    }

    /// The scheduler has news.
    pub(in crate::engine::core) fn scheduled(&mut self, told: Told) {
        let Told { schedules, paused, answered, notices } = told;
        (self.schedules, self.schedules_paused) = (schedules, paused);
        self.publisher.soon();
        self.publish();
        for notice in notices {
            // Nobody may be listening.
            let _ = self.ways.events.send(Event::Notice(notice));
        }
        if let Some((ask, answer)) = answered {
            self.audit_answer(&ask.origin, &ask.order, &answer);
            let _ = ask.reply.send(answer);
        }
    }
}
