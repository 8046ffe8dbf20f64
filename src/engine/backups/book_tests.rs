use std::collections::HashSet;

use super::*;
fn backup(server: ServerId, second: i64) -> Backup {
    Backup { server_name: "alpha".into(), ..Backup::example(server, Timestamp::from_second(second).unwrap()) }
}

fn seen(looked_for: &[&Backup], there: &[&Backup], new: &[&Backup]) -> Seen {
    let paths = |of: &[&Backup]| of.iter().map(|backup| PathBuf::from(&backup.path)).collect::<Vec<_>>();
    Seen {
        looked_for: paths(looked_for).into_iter().collect::<HashSet<_>>(),
        there: paths(there),
        new: new.iter().copied().cloned().collect(),
        ..Seen::default()
    }
}

#[test]
fn the_newest_comes_first_and_each_server_has_its_own() {
    let (a, b) = (ServerId::new(), ServerId::new());
    let mut book = Book::new(vec![backup(a, 1), backup(b, 3), backup(a, 2)], vec![]);
    let seconds: Vec<i64> = book.all().iter().map(|backup| backup.created_at.as_second()).collect();
    assert_eq!(seconds, [3, 2, 1]);
    assert_eq!(book.of(a).len(), 2);
    let id = book.of(b)[0].id;
    assert_eq!(book.change(id, Change::Gone), Some(None));
    assert!(book.of(b).is_empty());
    assert!(book.change(id, Change::Missing).is_none(), "what is gone does not change any more");
}

#[test]
fn a_file_that_is_gone_is_missing_until_it_is_back() {
    let one = backup(ServerId::new(), 1);
    let mut book = Book::new(vec![one.clone()], vec![]);
    let [(id, change)] = book.changes(seen(&[&one], &[], &[])).try_into().unwrap();
    assert_eq!((id, &change), (one.id, &Change::Missing));
    book.change(id, change);
    assert_eq!(book.get(id).unwrap().state, BackupState::Missing);
    assert!(book.usable(id).is_err());
    assert!(book.changes(seen(&[&one], &[], &[])).is_empty(), "that is known already");

    let [(id, change)] = book.changes(seen(&[&one], &[&one], &[])).try_into().unwrap();
    book.change(id, change);
    assert_eq!(**book.usable(id).unwrap(), one);
    // Made while the folder was being looked at: it was not looked for.
    assert!(book.changes(seen(&[], &[], &[])).is_empty());
}

#[test]
fn a_damaged_one_stays_so_though_its_file_is_there() {
    let one = backup(ServerId::new(), 1);
    let mut book = Book::new(vec![one.clone()], vec![]);
    let fault = Fault::new(FaultKind::Failed, "Its checksum is another.", "", "");
    book.change(one.id, Change::Damaged(Box::new(fault)));
    assert!(book.changes(seen(&[&one], &[&one], &[])).is_empty());
    assert_eq!(book.usable(one.id).unwrap_err().chain, ["Its checksum is another."]);
    // Read again, and found whole after all.
    book.change(one.id, Change::Verified(Timestamp::UNIX_EPOCH));
    assert_eq!(book.usable(one.id).unwrap().verified_at, Some(Timestamp::UNIX_EPOCH));
}

#[test]
fn what_nobody_knew_is_taken_in_and_a_copy_is_not() {
    let (one, stray) = (backup(ServerId::new(), 1), backup(ServerId::new(), 2));
    let mut book = Book::new(vec![one.clone()], vec![]);
    let copy = Backup { path: "/backups/backup_copy_1.tar.gz".into(), ..one.clone() };
    let changes = book.changes(seen(&[&one], &[&one, &copy, &stray], &[&copy, &stray]));
    assert_eq!(changes, [(stray.id, Change::There(Box::new(stray.clone())))]);
    // Renamed by hand: the same backup at another place, with all that is known of it.
    book.change(one.id, Change::Locked(true));
    let [(id, change)] = book.changes(seen(&[&one], &[&copy], &[&copy])).try_into().unwrap();
    book.change(id, change);
    let moved = book.get(one.id).unwrap();
    assert_eq!((moved.path.as_str(), moved.locked, moved.is_good()), (copy.path.as_str(), true, true));
}

#[test]
fn one_is_in_use_as_long_as_a_job_works_on_it() {
    let one = backup(ServerId::new(), 1);
    let (mut book, job) = (Book::new(vec![one.clone()], vec![]), JobId::new());
    book.begin_use(job, one.id);
    assert!(book.is_used(one.id));
    assert!(book.changes(seen(&[&one], &[], &[])).is_empty(), "what a job works on is its own to judge");
    book.end_use(job);
    assert!(!book.is_used(one.id));
}
