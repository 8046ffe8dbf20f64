//! Archives that a disk or a copy has damaged: refused before anything is unpacked, wherever the damage is.

use super::{meter::Stop, verify::whole, *};

/// A server small enough that each of its archive's bits can be tried.
fn tiny() -> Vec<u8> {
    Tar::default().folder("data").folder("data/world").file("data/world/level.dat", &content(1, 60)).end()
}

async fn small(folder: &Path, packing: Packing) -> PathBuf {
    let plan = plan(folder, packing);
    let path = plan.path.clone();
    pack_tar(plan, &tiny()).await.unwrap();
    path
}

#[tokio::test]
async fn every_bit_that_flips_is_seen() {
    for packing in [Packing::Gzip, Packing::Zstd] {
        let folder = tempfile::tempdir().unwrap();
        let path = small(folder.path(), packing).await;
        let good = fs::read(&path).unwrap();
        let manifest = read_manifest(&path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &bad).unwrap();
            // With one thread, for there are many bits.
            let error = whole(&path, &manifest, 1, &Meter::new(), &Stop::default()).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "bit {bit}: {error}");
        }
        fs::write(&path, &good).unwrap();
        verify(&path, &Meter::new()).await.unwrap();
    }
}

#[tokio::test]
async fn every_place_where_it_ends_too_early_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = packed(folder.path(), Packing::Gzip).await;
    let good = fs::read(&path).unwrap();
    let ends = (0..good.len()).step_by(512).chain([good.len() - 1]);
    for end in ends {
        fs::write(&path, &good[..end]).unwrap();
        let error = verify(&path, &Meter::new()).await.unwrap_err();
        let told = matches!(error, Error::Damaged { damage: Damage::Length { found, .. }, .. } if found == end as u64);
        assert!(told, "{error}");
    }
    let mut longer = good.clone();
    longer.push(0);
    fs::write(&path, &longer).unwrap();
    assert!(matches!(verify(&path, &Meter::new()).await, Err(Error::Damaged { .. })));
}

#[tokio::test]
async fn a_stream_out_of_a_damaged_archive_ends_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (path, manifest) = packed(folder.path(), Packing::Zstd).await;
    let mut bad = fs::read(&path).unwrap();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&path, &bad).unwrap();
    let selection = Selection::of(&manifest, |_| true);
    let owner = Owner { uid: 1, gid: 1 };
    let out = unpack(&path, manifest.clone(), selection, owner, str::to_owned, &Meter::new());
    let error = collect(out).await.unwrap_err();
    assert!(error.to_string().contains("is damaged"), "{error}");
    // What lies in another piece can still be read.
    let at = manifest.find("world/playerdata/6ab43178-89fd-4905-97f6-0f67d9d76fd9.dat").unwrap();
    let one = read_file(&path, manifest, at).map(|piece| piece.map_err(std::io::Error::other));
    assert!(collect(one).await.is_ok());
}

#[tokio::test]
async fn what_is_listed_and_not_there_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, manifest) = packed(folder.path(), Packing::Gzip).await;
    let mut more = (*manifest).clone();
    let mut file = more.files[0].clone();
    file.path = "zz".into();
    more.files.push(file);
    fs::write(sidecar(&path), serde_json::to_vec(&more).unwrap()).unwrap();
    let error = verify(&path, &Meter::new()).await.unwrap_err();
    assert!(
        matches!(&error, Error::Damaged { damage: Damage::Missing(name), .. } if name == "zz"),
        "{error}"
    );
    let mut other = (*manifest).clone();
    other.files[0].sha256 = sha(b"other");
    fs::write(sidecar(&path), serde_json::to_vec(&other).unwrap()).unwrap();
    let error = verify(&path, &Meter::new()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { damage: Damage::Content(_), .. }), "{error}");
}
