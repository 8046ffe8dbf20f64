//! Containers that somebody else made.

use mineclifford::model::{Changes, FaultKind, Order, Ownership, State, Via};

use crate::support::{Bed, docker, port};

fn run_by_hand(bed: &Bed, name: &str, more: &[&str]) -> String {
    run_of(bed, name, more, "itzg/minecraft-server:practice")
}

fn run_of(bed: &Bed, name: &str, more: &[&str], image: &str) -> String {
    let name = format!("{}-{name}", bed.prefix);
    let publish = format!("127.0.0.1:{}:25565", port());
    let mut arguments =
        vec!["run", "-d", "--name", &name, "-p", &publish, "-e", "EULA=TRUE", "-e", "TYPE=PAPER"];
    arguments.extend(more);
    arguments.push(image);
    docker(&arguments);
    name
}

async fn find(bed: &Bed, name: &str) -> mineclifford::model::ServerId {
    let found = bed.handle.wait(|snapshot| snapshot.find(name).ok().map(|server| server.id()));
    crate::support::within("the container", found).await.expect("an engine")
}

#[tokio::test(flavor = "multi_thread")]
async fn seen_adopted_managed_and_never_made_anew() {
    let mut bed = Bed::new("adopt").await;
    let name = run_by_hand(&bed, "hand", &["-e", "MEMORY=512M"]);
    let id = find(&bed, &name).await;
    bed.reaches(id, State::Ready).await;
    let server = bed.server(id);
    assert_eq!(server.about.ownership, Ownership::Found);
    assert_eq!(server.about.spec.server_type.as_str(), "PAPER");
    let fault = bed.run(Order::Stop(id)).await.expect_err("only seen");
    assert!(fault.next.contains("Adopt"), "{fault}");

    let container = bed.container(id);
    bed.run(Order::Adopt(id)).await.expect("adopted");
    bed.run(Order::Stop(id)).await.expect("stopped");
    bed.run(Order::Start(id)).await.expect("started");
    bed.reaches(id, State::Ready).await;
    assert_eq!(bed.container(id), container, "the same container");
    let changes = Changes { motd: Some(Some("no".into())), ..Changes::default() };
    assert_eq!(
        bed.run(Order::Edit(id, Box::new(changes))).await.expect_err("not ours").kind,
        FaultKind::Conflict
    );

    // Its standard input is closed: commands go by RCON, with the password that the image made for itself.
    assert_eq!(bed.server(id).via, Some(Via::Rcon));
    let order = Order::Console { server: id, line: "say by rcon".into(), reply: true };
    let answer = bed.run(order).await.expect("sent");
    assert!(matches!(answer, mineclifford::model::Answer::Sent { via: Via::Rcon, .. }), "{answer:?}");
    bed.line(id, "by rcon").await;

    bed.again().await;
    assert_eq!(bed.server(id).about.ownership, Ownership::Adopted, "remembered");
    // Made anew by somebody else under the same name, as compose does: it is still that server.
    docker(&["rm", "-f", "-v", &container]);
    bed.reaches(id, State::Missing).await;
    let again = run_by_hand(&bed, "hand", &[]);
    assert_eq!(again, name);
    bed.reaches(id, State::Ready).await;
    assert_eq!(bed.server(id).about.ownership, Ownership::Adopted);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_rcon_is_off_and_stdin_closed_rcon_cli_is_the_last_to_fail() {
    let bed = Bed::new("deafmute").await;
    let name = run_by_hand(&bed, "hand", &["-e", "ENABLE_RCON=false"]);
    let id = find(&bed, &name).await;
    bed.reaches(id, State::Ready).await;
    bed.run(Order::Adopt(id)).await.expect("adopted");
    assert_eq!(bed.server(id).via, Some(Via::RconCli));
    let fault =
        bed.run(Order::Console { server: id, line: "list".into(), reply: true }).await.expect_err("no way");
    assert!(fault.chain.iter().any(|cause| cause.starts_with("rcon-cli")), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_and_an_open_stdin_are_no_obstacle() {
    let bed = Bed::new("tty").await;
    let name = run_by_hand(&bed, "hand", &["-i", "-t"]);
    let id = find(&bed, &name).await;
    bed.reaches(id, State::Ready).await;
    bed.run(Order::Adopt(id)).await.expect("adopted");
    assert_eq!(bed.server(id).via, Some(Via::Stdin));
    bed.handle
        .run(Order::Console { server: id, line: "say through a tty".into(), reply: false })
        .await
        .expect("sent");
    let line = bed.line(id, "[Server] through a tty").await;
    assert!(!line.contains(['\r', '\u{7}']), "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_containers_are_nobodys_business() {
    let bed = Bed::new("other").await;
    let name = format!("{}-other", bed.prefix);
    docker(&["tag", "itzg/minecraft-server:practice", &format!("{}:1", bed.prefix)]);
    docker(&["run", "-d", "--name", &name, "-e", "EULA=TRUE", &format!("{}:1", bed.prefix)]);
    let seen = bed.handle.state(bed.ready(bed.spec("a")).await, |state| state == State::Ready).await;
    assert!(seen.is_ok() && bed.handle.now().find(&name).is_err());
    docker(&["rm", "-f", "-v", &name]);
    docker(&["rmi", &format!("{}:1", bed.prefix)]);
}

/// A pull of a newer image takes the name away from the one that a container was made from.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_still_one_when_its_images_name_has_moved_on() {
    let mut bed = Bed::new("moved").await;
    let image = format!("itzg/minecraft-server:{}", bed.prefix);
    docker(&["tag", "itzg/minecraft-server:practice", &image]);
    let name = run_of(&bed, "hand", &[], &image);
    let id = find(&bed, &name).await;
    bed.reaches(id, State::Ready).await;
    bed.run(Order::Adopt(id)).await.expect("adopted");
    docker(&["commit", &name, &image]);
    let listed = docker(&["ps", "--filter", &format!("name={name}"), "--format", "{{.Image}}"]);
    bed.again().await;
    docker(&["image", "rm", &image]);
    assert!(!listed.contains("minecraft-server"), "the list has lost the name: {listed}");
    bed.reaches(id, State::Ready).await;
    assert_eq!(bed.server(id).about.ownership, Ownership::Adopted);
    let other = Bed::new("stranger").await;
    let seen = find(&other, &name).await;
    other.reaches(seen, State::Ready).await;
    assert_eq!(other.server(seen).about.ownership, Ownership::Found);
}
