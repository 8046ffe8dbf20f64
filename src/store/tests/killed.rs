//! A program that is killed while it writes leaves a file that opens, with every change that was answered.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::{super::*, *};

const PLACE: &str = "MINECLIFFORD_TEST_STORE";

/// What the child does: it writes, and says after each answer what is safe now.
#[tokio::test]
#[ignore = "runs as a child of the test below"]
async fn child() {
    let path = PathBuf::from(std::env::var_os(PLACE).expect("runs as a child of the test below"));
    let store = Store::open(&path).await.unwrap();
    let known = store.load().await.unwrap().servers.len();
    for number in known.. {
        let record = server(&format!("server-{number}"));
        let id = record.id;
        store.put_server(record).await.unwrap();
        println!("safe {number}");
        for line in 0..3 {
            store.type_line(id, format!("say {line}")).await.unwrap();
            store.audit(vec![audit_line(number)]).await.unwrap();
        }
    }
}

/// A child that writes to this place, and what it says.
fn spawn(path: &Path) -> (std::process::Child, impl Iterator<Item = usize>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::tests::killed::child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(PLACE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let numbers = lines.map_while(Result::ok).filter_map(|line| {
        // The harness writes the test's name without a line break before our first word.
        line.rsplit_once("safe ").and_then(|(_, number)| number.parse().ok())
    });
    (child, numbers)
}

#[tokio::test]
async fn in_the_middle_of_writing_again_and_again() {
    let place = place();
    let mut safe = 0;
    for round in 0..12 {
        let (mut child, mut said) = spawn(&place.path);
        // Later in each round, so that the kill falls upon different moments.
        let last = said.by_ref().nth(round * 2).expect("the child must write");
        child.kill().unwrap();
        // Words that were under way when it was killed count as well.
        let last = said.last().unwrap_or(last);
        child.wait().unwrap();
        assert!(last >= safe);
        safe = last;

        let store = Store::open(&place.path).await.unwrap();
        let loaded = store.load().await.unwrap();
        // One more may have been written than was said.
        assert!((safe + 1..=safe + 2).contains(&loaded.servers.len()), "{safe} {}", loaded.servers.len());
        for (number, server) in loaded.servers.iter().enumerate() {
            assert_eq!(server.spec.name, format!("server-{number}"));
            assert!(server.rcon_password.is_some(), "a record came without its password");
        }
        let complete = &loaded.servers[safe / 2];
        assert!(store.typed(complete.id).await.unwrap().len() <= 3);
        store.close().await;
    }
}

/// Killed while it makes the file for the first time: afterwards there is a whole one or none.
#[tokio::test]
async fn while_the_file_is_made() {
    for round in 0..20_u64 {
        let place = place();
        let (mut child, said) = spawn(&place.path);
        let folder = place.path.parent().unwrap();
        // Wait for the first sign of it, then a few spins more each round.
        while !folder.join("mineclifford.redb.lock").exists() {
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
            std::hint::spin_loop();
        }
        let from = std::time::Instant::now();
        while from.elapsed() < std::time::Duration::from_micros(round * 150) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        drop(said);
        child.wait().unwrap();
        let store = Store::open(&place.path).await.unwrap();
        store.put_server(server("after")).await.unwrap();
        store.close().await;
    }
}
