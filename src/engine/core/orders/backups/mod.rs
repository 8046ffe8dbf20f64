//! What is asked of backups.

mod keep;
mod make;
mod restore;

pub use restore::NewServer;
pub(in crate::engine::core) use restore::half_restored;

use crate::{
    engine::core::Core,
    model::{Answer, Fault, Order, Origin, backup::Target},
};

impl Core {
    pub(super) fn order_backup(&mut self, origin: Origin, order: Order) -> Result<Answer, Fault> {
        match order {
            Order::Backup(server, wish) => self.back_up(origin, server, wish),
            Order::SetPatterns(server, patterns) => self.set_patterns(server, patterns),
            Order::Restore { backup, target: Target::Server(server), scope } => {
                self.restore_backup(origin, backup, server, scope)
            }
            Order::TestRestore(backup) => self.test_restore(origin, backup),
            Order::Verify(backup) => self.verify_backup(origin, backup),
            Order::Lock(backup, locked) => self.lock_backup(backup, locked),
            Order::DeleteBackup(backup) => self.delete_backup(origin, backup),
            Order::Prune(server) => self.prune(origin, server),
            // No other order comes here.
            _ => Ok(Answer::Done),
        }
    }
}
