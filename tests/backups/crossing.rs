//! Several things are asked for at once.

use mineclifford::{
    engine::Handle,
    model::{
        Answer, BackupId, BackupWish, Fault, FaultKind, Order, ServerId, Spec,
        backup::{Reason, Scope, Target},
    },
};

use crate::{
    support::{Bed, docker, job_of, within},
    world::{tree, write},
};

/// A server that runs, with enough in its world that no job on it ends at once.
async fn bed(name: &str) -> (Bed, ServerId) {
    let bed = Bed::new(name).await;
    let id = bed.ready(Spec { version: "1.21.4".into(), ..bed.spec("a") }).await;
    let mut noise = vec![0_u8; 4 << 20];
    let mut state = 1_u64;
    for byte in &mut noise {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    write(bed.server(id).name(), [("world/region/r.20.20.mca", noise.as_slice())]);
    (bed, id)
}

async fn back_up(bed: &Bed, id: ServerId) -> BackupId {
    bed.run(Order::Backup(id, BackupWish::default())).await.expect("a backup");
    bed.handle.now().backups.iter().find(|one| one.server == id).expect("it is listed").id
}

fn restore(backup: BackupId, server: ServerId) -> Order {
    Order::Restore { backup, target: Target::Server(server), scope: Scope::Everything }
}

#[track_caller]
fn is_refused(answer: Result<Answer, Fault>) {
    let fault = answer.expect_err("it is refused");
    assert_eq!(fault.kind, FaultKind::Conflict, "{fault}");
}

async fn ends(handle: &Handle, answer: &Answer) {
    within("the job", handle.job_end(job_of(answer))).await.expect("it is done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_restore_goes_on_nothing_else_touches_the_server_or_the_backup() {
    let (bed, id) = bed("cross").await;
    let backup = back_up(&bed, id).await;
    let first = bed.handle.run(restore(backup, id)).await.expect("it is begun");
    is_refused(bed.handle.run(restore(backup, id)).await);
    is_refused(bed.handle.run(Order::Backup(id, BackupWish::default())).await);
    for order in
        [Order::Start(id), Order::Stop(id), Order::Restart(id), Order::Kill(id), Order::DeleteBackup(backup)]
    {
        is_refused(bed.handle.run(order).await);
    }
    is_refused(bed.handle.run(Order::Delete { server: id, data: false, confirm: None }).await);
    // Into another server it is restored at the same time.
    let new = Target::New { name: format!("{}-b", bed.prefix), port: crate::support::port() };
    let second = bed.handle.run(Order::Restore { backup, target: new, scope: Scope::Everything }).await;
    let second = second.expect("it is begun");
    ends(&bed.handle, &first).await;
    ends(&bed.handle, &second).await;
    let Answer::Started { server: other, .. } = second else { panic!("{second:?}") };
    bed.reaches(id, mineclifford::model::State::Ready).await;
    bed.reaches(other, mineclifford::model::State::Ready).await;
    let names = [id, other].map(|id| bed.server(id).name().to_owned());
    let noise = names.map(|name| tree(&name)["world/region/r.20.20.mca"].clone());
    assert_eq!(noise[0], noise[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_removed_while_another_is_made_and_a_restore_during_a_backup_is_refused() {
    let (bed, id) = bed("during").await;
    let old = back_up(&bed, id).await;
    let going = bed.handle.run(Order::Backup(id, BackupWish::default())).await.expect("it is begun");
    is_refused(bed.handle.run(restore(old, id)).await);
    is_refused(
        bed.handle
            .run(Order::Delete { server: id, data: true, confirm: Some(bed.server(id).name().into()) })
            .await,
    );
    let removed = bed.run(Order::DeleteBackup(old)).await;
    removed.expect("nobody reads it");
    ends(&bed.handle, &going).await;
    let world = bed.handle.now();
    let its: Vec<_> = world.backups.iter().filter(|one| one.server == id).collect();
    assert_eq!(its.len(), 1);
    assert!(its[0].is_good() && its[0].reason == Reason::Asked && its[0].id != old);
    bed.run(Order::Verify(its[0].id)).await.expect("it is whole");
    let saving = docker(&["exec", bed.server(id).name(), "rcon-cli", "save-on"]);
    assert!(saving.contains("already turned on"), "{saving}");
}
