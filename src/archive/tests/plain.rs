//! What this program packs is opened by plain `tar`, `gzip` and `zstd`.

use std::process::Command;

use super::*;

fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[tokio::test]
async fn tar_and_zstd_open_it() {
    for (packing, test) in [(Packing::Gzip, "gzip"), (Packing::Zstd, "zstd")] {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(folder.path(), packing);
        let path = plan.path.clone();
        let long = format!("deep/{}/{}", "d".repeat(200), "f".repeat(200));
        let mut builder = tar::Builder::new(world().0);
        let mut header = Header::new_gnu();
        header.set_size(4);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        builder.append_data(&mut header, format!("data/{long}"), &b"long"[..]).unwrap();
        let tar = builder.into_inner().unwrap();
        let mut packer = Packer::begin(plan, Meter::new()).await.unwrap();
        packer.take("data", pieces(&tar)).await.unwrap();
        let again = Tar::default().file("level.dat", b"the last one counts").end();
        packer.again("world/level.dat", pieces(&again)).await.unwrap();
        let manifest = packer.finish(about(), Vec::new()).await.unwrap();

        run(Command::new(test).arg("--test").arg(&path));
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        // Read through the packer's own program, as every tar can, old ones too.
        let unpacker = format!("--use-compress-program={test} -d");
        run(Command::new("tar").arg(&unpacker).arg("-xf").arg(&path).arg("-C").arg(&out));
        for file in &manifest.files {
            let content = fs::read(out.join(&*file.path)).unwrap();
            assert_eq!(sha(&content), file.sha256, "{}", file.path);
        }
        assert_eq!(fs::read(out.join("world/level.dat")).unwrap(), b"the last one counts");
        assert_eq!(fs::read(out.join(&long)).unwrap(), b"long");
        assert_eq!(fs::read_link(out.join("world/datapacks")).unwrap(), Path::new("../shared"));
        let inside: Manifest = serde_json::from_slice(&fs::read(out.join(INSIDE)).unwrap()).unwrap();
        assert_eq!(inside.files, manifest.files);
        assert_eq!(inside.archive, None);
    }
}
