//! Logs, input, statistics, commands and archives.

use std::io::Read;

use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncWriteExt;

use super::*;

fn text(pieces: &[LogPiece]) -> String {
    pieces.iter().map(|piece| String::from_utf8_lossy(&piece.data)).collect()
}

async fn all(docker: &Docker, id: &str, query: LogQuery) -> Vec<LogPiece> {
    let pieces: Vec<_> = limited(docker.logs(id, query).collect()).await;
    pieces.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_flood_arrives_whole_and_in_order_and_can_be_resumed() {
    const LINES: usize = 60_000;
    let (_demo, docker) = empty().await;
    let mut flood = plan("flood", &[("PRACTICE_FLOOD", &LINES.to_string())]);
    flood.restart = false;
    let id = docker.create(&flood).await.unwrap();
    docker.start(&id).await.unwrap();
    let end = format!("flood line {LINES} of {LINES}");
    let pieces = until_line(&docker, &id, &end).await;
    let numbers: Vec<usize> = text(&pieces)
        .lines()
        .filter_map(|line| line.split_once("flood line ")?.1.split(' ').next()?.parse().ok())
        .collect();
    assert!(numbers.iter().copied().eq(1..=LINES), "{} of {LINES}", numbers.len());
    assert!(pieces.windows(2).all(|pair| pair[0].at < pair[1].at));
    // Resumed from a line in the middle: that one and all after it, none twice, none missing.
    let from = &pieces[pieces.len() - 1000];
    let resumed = all(&docker, &id, LogQuery { since: Some(from.at), ..LogQuery::default() }).await;
    assert_eq!(resumed[..1000], pieces[pieces.len() - 1000..]);
    let tail = all(&docker, &id, LogQuery { tail: Some(5), ..LogQuery::default() }).await;
    assert_eq!(tail, resumed[resumed.len() - 5..]);
}

#[tokio::test]
async fn a_log_that_is_followed_ends_with_the_container() {
    let (_demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let following = all(&docker, &id, LogQuery { follow: true, ..LogQuery::default() });
    let (pieces, stopped) = tokio::join!(following, docker.stop(&id, Duration::from_secs(20)));
    stopped.unwrap();
    assert!(text(&pieces).ends_with("mc-server-runner\tDone\n"));
    // What was not seen is there after the next start too, and follows the old log.
    docker.start(&id).await.unwrap();
    settled(&docker, &id, |detail| detail.health.is_some()).await;
    docker.kill(&id).await.unwrap();
    let both = all(&docker, &id, LogQuery::default()).await;
    assert!(both.len() > pieces.len() && both.starts_with(&pieces));
}

#[tokio::test]
async fn what_is_typed_comes_back_in_the_log() {
    let (_demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let mut stdin = docker.stdin(&id).await.unwrap();
    stdin.write_all(b"say hel").await.unwrap();
    stdin.write_all(b"lo\n").await.unwrap();
    until_line(&docker, &id, "[Server] hello").await;
    let mut other = docker.stdin(&id).await.unwrap();
    other.write_all(b"stop\n").await.unwrap();
    // An in-game stop: the policy starts it again, and the connections end.
    limited(stdin.closed()).await;
    limited(other.closed()).await;
    settled(&docker, &id, |detail| detail.restart_count == 1).await;
}

#[tokio::test]
async fn a_terminal_has_one_stream_and_its_own_line_ends() {
    let demo = Demo::start(Options::default());
    let docker = dial(&demo).await;
    let detail = docker.inspect("friends-mc-1").await.unwrap();
    assert!(detail.tty && detail.open_stdin);
    let pieces = all(&docker, "friends-mc-1", LogQuery { tty: true, ..LogQuery::default() }).await;
    assert!(pieces.len() > 20 && pieces.iter().all(|piece| piece.data.ends_with(b"\r\n")));
    let mut stdin = docker.stdin("friends-mc-1").await.unwrap();
    stdin.write_all(b"say from the terminal\n").await.unwrap();
    let query = LogQuery { tty: true, follow: true, ..LogQuery::default() };
    let mut log = std::pin::pin!(docker.logs("friends-mc-1", query));
    let mut seen = String::new();
    limited(async {
        while !seen.contains("[Server] from the terminal\r\n") {
            seen.push_str(&String::from_utf8_lossy(&log.next().await.unwrap().unwrap().data));
        }
    })
    .await;
    assert!(seen.contains("\nsay from the terminal\r\n"), "no echo");
}

#[tokio::test]
async fn statistics_stay_within_the_limits() {
    let (_demo, docker) = empty().await;
    let mut small = plan("small", &[("MEMORY", "1G")]);
    small.nano_cpus = Some(500_000_000);
    let id = ready(&docker, &small).await;
    let mut stats = std::pin::pin!(docker.stats(&id));
    let mut last = None;
    for _ in 0..2 {
        let sample = limited(stats.next()).await.unwrap().unwrap();
        assert!(sample.cpu_percent > 0.0 && sample.cpu_percent <= 51.0, "{}", sample.cpu_percent);
        assert!(sample.memory_bytes > 10 << 20 && sample.memory_bytes < sample.memory_limit_bytes);
        assert_eq!(sample.memory_limit_bytes, 1 << 30);
        assert!(sample.pids > 0 && sample.block_read_bytes > 0);
        assert!(last.is_none_or(|before| sample.at > before));
        last = Some(sample.at);
    }
    docker.kill(&id).await.unwrap();
    assert!(limited(stats.next()).await.is_none());
}

#[tokio::test]
async fn commands_run_inside() {
    let (_demo, docker) = empty().await;
    let id = ready(&docker, &plan("one", &[])).await;
    let run = |command: &'static [&'static str], user: Option<&'static str>| {
        let (docker, id) = (docker.clone(), id.clone());
        async move { docker.exec(&id, command, user, LIMIT).await.unwrap() }
    };
    let list = run(&["rcon-cli", "list"], None).await;
    assert_eq!((list.code, &list.stdout[..]), (0, &b"There are 0 of a max of 20 players online: \n"[..]));
    let health = run(&["mc-health"], None).await;
    assert!(health.code == 0 && health.stdout.starts_with(b"localhost:25565 : version=1.21.4"));
    assert_eq!(run(&["mc-send-to-console", "say", "x"], None).await.code, 2);
    assert_eq!(run(&["mc-send-to-console", "say", "piped"], Some("1000")).await.code, 0);
    until_line(&docker, &id, "[Server] piped").await;
    assert_eq!(run(&["mc-practice", "join", "Noor"], None).await.code, 0);
    until_line(&docker, &id, "Noor joined the game").await;
    let eula = run(&["cat", "/data/eula.txt"], None).await;
    assert!(eula.code == 0 && String::from_utf8_lossy(&eula.stdout).contains("eula=true"));
    let none = run(&["cat", "/data/nothing"], None).await;
    assert_eq!((none.code, &none.stderr[..]), (1, &b"cat: /data/nothing: No such file or directory\n"[..]));
    let unknown = run(&["bash"], None).await;
    assert!(
        unknown.code == 126 && String::from_utf8_lossy(&unknown.stdout).contains("executable file not found")
    );
    docker.pause(&id).await.unwrap();
    assert!(matches!(docker.exec(&id, &["mc-health"], None, LIMIT).await, Err(Error::Conflict { .. })));
    // A command that waits for a server that hangs ends with the server.
    docker.unpause(&id).await.unwrap();
    run(&["mc-practice", "hang"], None).await;
    let waiting = docker.exec(&id, &["rcon-cli", "list"], None, LIMIT);
    let (waited, killed) = tokio::join!(waiting, async {
        tokio::task::yield_now().await;
        docker.kill(&id).await
    });
    killed.unwrap();
    assert!(waited.map_or_else(|error| matches!(error, Error::Conflict { .. }), |output| output.code == 137));
}

fn pack(files: &[(&str, &[u8], u64)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content, owner) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o640);
        header.set_uid(*owner);
        header.set_gid(*owner + 1);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, path, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

async fn fetch(docker: &Docker, id: &str, path: &str) -> Vec<(String, Vec<u8>, u64, u64)> {
    let chunks: Vec<_> = docker.archive_get(id, path).await.unwrap().collect().await;
    let bytes: Vec<u8> = chunks.into_iter().flat_map(Result::unwrap).collect();
    let mut archive = tar::Archive::new(&bytes[..]);
    let entries = archive.entries().unwrap().map(|file| {
        let mut file = file.unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let header = file.header();
        let (uid, gid) = (header.uid().unwrap(), header.gid().unwrap());
        (file.path().unwrap().to_string_lossy().into_owned(), content, uid, gid)
    });
    entries.collect()
}

#[tokio::test]
async fn files_go_in_and_out_with_their_owners() {
    let (_demo, docker) = empty().await;
    let id = docker.create(&plan("one", &[("RCON_PASSWORD_FILE", "/mineclifford/secret")])).await.unwrap();
    let large: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let long = format!("world/datapacks/{}/pack.mcmeta", "deep".repeat(40));
    let files: [(&str, &[u8], u64); 3] =
        [("eula.txt", b"eula=true\n", 1000), ("backup/large.bin", &large, 7), (&long, b"{}", 0)];
    let tar = pack(&files);
    // In pieces of an odd size, into a container that was never started.
    let pieces: Vec<_> = tar.chunks(777).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    docker.archive_put(&id, "/data", stream::iter(pieces)).await.unwrap();
    for (path, content, owner) in files {
        let found = fetch(&docker, &id, &format!("/data/{path}")).await;
        let name = path.rsplit('/').next().unwrap().to_owned();
        assert_eq!(found, [(name, content.to_vec(), owner, owner + 1)], "{path}");
    }
    let folder = fetch(&docker, &id, "/data/backup").await;
    let names: Vec<_> = folder.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(names, ["backup/", "backup/large.bin"]);
    let stat = docker.archive_stat(&id, "/data/backup/large.bin").await.unwrap().unwrap();
    assert_eq!((stat.name.as_str(), stat.size, stat.mode), ("large.bin", 1_200_000, 0o640));
    assert_eq!(stat.mtime.unwrap().as_second(), 1_700_000_000);
    assert!(docker.archive_stat(&id, "/data").await.unwrap().unwrap().is_dir());
    assert!(docker.archive_stat(&id, "/data/none").await.unwrap().is_none());
    assert!(docker.archive_get(&id, "/data/none").await.is_err_and(|error| error.is_gone()));
    let nowhere = docker.archive_put(&id, "/data/none", stream::iter([Ok(Bytes::from(pack(&[])))])).await;
    assert!(nowhere.unwrap_err().is_gone());
    let garbage = docker.archive_put(&id, "/data", stream::iter([Ok(Bytes::from_static(&[7; 2000]))])).await;
    assert!(matches!(garbage, Err(Error::Api { status: 500, .. })));
    // A secret outside the data, which the server reads at its start.
    let secret = pack(&[("mineclifford/secret", b"0nceUponATime\n", 1000)]);
    docker.archive_put(&id, "/", stream::iter([Ok(Bytes::from(secret))])).await.unwrap();
    docker.start(&id).await.unwrap();
    until_line(&docker, &id, "For help").await;
    let env = docker.exec(&id, &["cat", "/data/.rcon-cli.env"], None, LIMIT).await.unwrap();
    assert_eq!(env.stdout, b"password=0nceUponATime\n");
    // The whole world, while it runs; and it is the same from the stopped server.
    docker.stop(&id, Duration::from_secs(20)).await.unwrap();
    let world = fetch(&docker, &id, "/data").await;
    assert!(world.iter().any(|(path, content, ..)| path == "data/world/level.dat" && !content.is_empty()));
    assert!(
        world
            .iter()
            .any(|(path, content, uid, _)| path.ends_with(".mca") && content.len() >= 8192 && *uid == 1000)
    );
}
