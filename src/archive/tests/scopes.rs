//! What of a backup is meant by a scope, in each of the three layouts.

use super::*;

const ALEX: &str = "6ab43178-89fd-4905-97f6-0f67d9d76fd9";

fn server(paths: &[&str]) -> Vec<u8> {
    let list = format!(r#"[{{"name":"Alex","uuid":"{ALEX}","expiresOn":"2024-01-01 00:00:00 +0000"}}]"#);
    let mut tar = Tar::default().folder("data").file("data/usercache.json", list.as_bytes());
    for path in paths {
        tar = tar.file(&format!("data/{path}"), path.as_bytes());
    }
    tar.end()
}

async fn chosen(path: &Path, manifest: &Manifest, scope: Scope) -> Result<Vec<String>, String> {
    let selection = select(path, manifest, &scope).await.map_err(|error| error.to_string())?;
    Ok(selection.files.iter().map(|at| manifest.files[*at].path.to_string()).collect())
}

fn dimension(dimension: &str) -> Scope {
    Scope::Dimension { world: "world".into(), dimension: dimension.into() }
}

#[tokio::test]
async fn worlds_dimensions_and_players_of_the_old_layouts() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), Packing::Gzip);
    let path = plan.path.clone();
    let data = format!("world/playerdata/{ALEX}.dat");
    let stats = format!("world/stats/{ALEX}.json");
    let tar = server(&[
        "server.properties",
        "world/level.dat",
        "world/region/r.0.0.mca",
        "world/poi/r.0.0.mca",
        "world/data/raids.dat",
        &data,
        &stats,
        "world/playerdata/00000000-0000-0000-0000-000000000000.dat",
        "world_nether/level.dat",
        "world_nether/DIM-1/region/r.0.0.mca",
        "world_the_end/level.dat",
        "world_the_end/DIM1/region/r.0.0.mca",
        "creative/level.dat",
        "creative/DIM-1/region/r.0.0.mca",
        "creative/dimensions/sky/islands/region/r.0.0.mca",
    ]);
    let manifest = pack_tar(plan, &tar).await.unwrap();
    let get = |scope| chosen(&path, &manifest, scope);
    assert_eq!(get(Scope::Everything).await.unwrap().len(), 16);
    assert_eq!(
        get(Scope::World("world".into())).await.unwrap(),
        [
            "world/data/raids.dat",
            "world/level.dat",
            "world/playerdata/00000000-0000-0000-0000-000000000000.dat",
            &data,
            "world/poi/r.0.0.mca",
            "world/region/r.0.0.mca",
            &stats,
            "world_nether/DIM-1/region/r.0.0.mca",
            "world_nether/level.dat",
            "world_the_end/DIM1/region/r.0.0.mca",
            "world_the_end/level.dat",
        ]
    );
    assert_eq!(get(dimension("overworld")).await.unwrap(), ["world/poi/r.0.0.mca", "world/region/r.0.0.mca"]);
    assert_eq!(get(dimension("the_nether")).await.unwrap(), ["world_nether/DIM-1/region/r.0.0.mca"]);
    assert_eq!(get(dimension("minecraft:the_end")).await.unwrap(), ["world_the_end/DIM1/region/r.0.0.mca"]);
    let sky = Scope::Dimension { world: "creative".into(), dimension: "sky:islands".into() };
    assert_eq!(get(sky).await.unwrap(), ["creative/dimensions/sky/islands/region/r.0.0.mca"]);
    for who in ["Alex", "alex", ALEX, &ALEX.replace('-', "")] {
        assert_eq!(get(Scope::Player(who.into())).await.unwrap(), [data.as_str(), &stats], "{who}");
    }
    assert_eq!(
        get(Scope::Paths(vec!["/creative/".into(), "server.properties".into()])).await.unwrap().len(),
        4
    );
    for (scope, what) in [
        (Scope::World("nowhere".into()), "world nowhere"),
        (Scope::World("world_nether".into()), "world world_nether"),
        (dimension("moon"), "dimension moon in world world"),
        (Scope::Player("Nobody".into()), "player Nobody"),
        (Scope::Player("00000000-0000-0000-0000-000000000001".into()), "player 00000000"),
        (Scope::Paths(vec!["server.properties".into(), "worl".into()]), "file or folder worl"),
        (Scope::Paths(vec!["../etc".into()]), "file or folder ../etc"),
    ] {
        let told = get(scope).await.unwrap_err();
        assert!(told.starts_with(&format!("the backup holds no {what}")), "{told}");
    }
}

#[tokio::test]
async fn worlds_dimensions_and_players_from_26_1_on() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), Packing::Zstd);
    let path = plan.path.clone();
    let data = format!("world/players/data/{ALEX}.dat");
    let tar = server(&[
        "world/level.dat",
        "world/dimensions/minecraft/overworld/region/r.0.0.mca",
        "world/dimensions/minecraft/overworld/data/raids.dat",
        "world/dimensions/minecraft/the_nether/region/r.0.0.mca",
        &data,
    ]);
    let manifest = pack_tar(plan, &tar).await.unwrap();
    let get = |scope| chosen(&path, &manifest, scope);
    assert_eq!(
        get(dimension("overworld")).await.unwrap(),
        [
            "world/dimensions/minecraft/overworld/data/raids.dat",
            "world/dimensions/minecraft/overworld/region/r.0.0.mca"
        ]
    );
    assert_eq!(get(Scope::Player("Alex".into())).await.unwrap(), [data]);
    assert_eq!(get(Scope::World("world".into())).await.unwrap().len(), 5);
}
