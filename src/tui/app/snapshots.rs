//! Pictures of every panel and overlay at four sizes.

use std::sync::Arc;

use super::testkit::*;
use crate::{
    model::{HostState, Severity},
    tui::{theme, widgets::sgr::ColourDepth},
};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];

/// Pictures of a scene at every size, one under the other.
fn pictures(name: &str, scene: impl Fn(&mut Rig)) {
    for (width, height) in SIZES {
        let mut rig = Rig::new(width, height, world()).with_log();
        for second in 1..=40 {
            rig.change(|snapshot| {
                let server = Arc::make_mut(&mut snapshot.servers[0]);
                server.sample = Some(sample(second, (second * 37 % 300) as f32));
            });
        }
        scene(&mut rig);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), rig.screen());
    }
}

#[test]
fn panels() {
    pictures("servers", |_| {});
    pictures("console", |rig| _ = rig.keys("2").text("say hello"));
    pictures("gauges", |rig| _ = rig.keys("3"));
    pictures("details", |rig| _ = rig.keys("down 4"));
    pictures("jobs", |rig| _ = rig.keys("5"));
    pictures("zoomed", |rig| _ = rig.keys("z"));
    pictures("filtered", |rig| _ = rig.keys("/").text("crea"));
}

#[test]
fn overlays() {
    pictures("help", |rig| _ = rig.keys("?"));
    pictures("palette", |rig| _ = rig.keys(":").text("st"));
    pictures("confirm", |rig| _ = rig.keys("K"));
    pictures("confirm_name", |rig| _ = rig.keys("D").text("alp"));
    pictures("which_key", |rig| _ = rig.keys("g"));
    pictures("message", |rig| _ = rig.keys("5 down enter"));
    pictures("create", |rig| _ = rig.keys("n").text("survival"));
    pictures("rename", |rig| _ = rig.keys("R").text("!"));
    pictures("toasts", |rig| {
        rig.app.toasts.show(NOW, Severity::Success, "creative is ready.", "");
        rig.app.toasts.fault(NOW, &fault());
    });
}

#[test]
fn where_there_is_nothing_it_says_what_to_do() {
    pictures("empty", |rig| {
        rig.change(|snapshot| {
            snapshot.servers.clear();
            snapshot.jobs.clear();
        });
    });
    pictures("no_docker", |rig| {
        rig.change(|snapshot| {
            snapshot.servers.clear();
            snapshot.jobs.clear();
            snapshot.hosts = vec![host(HostState::Down(Box::new(fault())))];
        });
    });
    pictures("read_only", |rig| rig.change(|snapshot| snapshot.read_only = true));
}

#[test]
fn without_a_font_and_without_colour() {
    for (width, height) in SIZES {
        let mut rig = Rig::new(width, height, world()).with_log();
        (rig.theme, _) = theme::load(Some("mono"), None, ColourDepth::Mono, true);
        let screen = rig.screen();
        assert!(screen.is_ascii(), "{screen}");
        insta::assert_snapshot!(format!("ascii_{width}x{height}"), screen);
        for keys in ["?", "esc :", "esc K", "esc n", "esc 5 enter", "esc 3", "4"] {
            let screen = rig.keys(keys).screen();
            assert!(screen.is_ascii(), "{keys}: {screen}");
        }
    }
}
