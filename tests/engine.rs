//! The engine on the real Docker, with the practice server: each verb, and what happens behind its back.

mod support;

use mineclifford::model::{Order, State};
use support::Bed;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_created_commanded_stopped_and_deleted() {
    let bed = Bed::new("life").await;
    let id = bed.ready(bed.spec("a")).await;
    let server = bed.server(id);
    assert_eq!(server.players.as_ref().map(|players| players.online), Some(0));

    bed.handle
        .run(Order::Console { server: id, line: "say hello".into(), reply: false })
        .await
        .expect("sent");
    bed.line(id, "hello").await;

    bed.run(Order::Stop(id)).await.expect("stopped");
    assert_eq!(bed.server(id).state, State::Stopped);
    bed.run(Order::Start(id)).await.expect("started");
    bed.reaches(id, State::Ready).await;
    bed.run(Order::Delete { server: id, data: false, confirm: None }).await.expect("deleted");
    assert!(bed.handle.now().server(id).is_none());
}
