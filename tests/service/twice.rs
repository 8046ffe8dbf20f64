//! Two services at once on one data folder.

use crate::{
    program::{finish, until},
    stage::Stage,
};

#[test]
fn of_two_that_start_at_once_one_serves_and_the_other_says_why_not() {
    let stage = Stage::new("twice");
    let command = || stage.program.command(&["serve", "--listen", "127.0.0.1:0"]);
    // The one that loses ends by itself; the one that wins is told to.
    let both: Vec<_> = (0..2)
        .map(|_| {
            std::thread::spawn({
                let command = command();
                move || finish(command, "")
            })
        })
        .collect();
    until("one of them to lose", || both.iter().any(|one| one.is_finished()));
    stage.program.run(&["server", "list"]).ends(0);
    let lock = stage.program.folder.path().join("data/mineclifford.redb.lock");
    let winner = std::fs::read_to_string(lock).unwrap();
    let sent = std::process::Command::new("kill").arg(winner.trim()).status();
    assert!(sent.unwrap().success());
    let mut ends: Vec<_> = both.into_iter().map(|one| one.join().unwrap()).collect();
    ends.sort_by_key(|ran| ran.code);
    let [won, lost] = &ends[..] else { panic!("{ends:?}") };
    assert_eq!((won.code, lost.code), (Some(0), Some(4)), "{ends:#?}");
    assert!(won.out.contains("ended; servers go on running"), "{won:#?}");
    assert!(lost.err.contains(winner.trim()) || lost.err.contains("already"), "{lost:#?}");
    // What the loser left behind keeps nobody out.
    let third = stage.serve(&["--listen", "127.0.0.1:0"]);
    stage.program.run(&["server", "list"]).ends(0);
    third.signal("TERM");
    assert_eq!(third.ended().code, Some(0));
}
