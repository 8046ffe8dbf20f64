//! Pictures of every panel and overlay at four sizes, in 24 bits, 16 colours, without colour and in ASCII.

use std::sync::Arc;

use super::{gallery::picture, testkit::*};
use crate::model::{HostState, Severity, Ticks};

/// Pictures of a scene in the usual world, in which two minutes have passed.
fn scene(name: &str, play: impl Fn(&mut Rig)) {
    picture(name, |width, height| {
        let mut rig = Rig::new(width, height, world()).with_log();
        for second in 1..=120 {
            rig.change(|snapshot| {
                let server = Arc::make_mut(&mut snapshot.servers[0]);
                server.sample = Some(sample(second, (second * 37 % 300) as f32));
                server.ticks = Some(Ticks { took: Some((8 + second % 30) as f32), rate: None });
            });
        }
        play(&mut rig);
        rig
    });
}

#[test]
fn panels() {
    scene("servers", |_| {});
    scene("console", |rig| _ = rig.keys("2").text("say hello"));
    scene("log", |rig| _ = rig.keys("2 esc / s e r enter v up"));
    scene("gauges", |rig| _ = rig.keys("3"));
    scene("gauges_zoomed", |rig| _ = rig.keys("3 z"));
    scene("gauge_alone", |rig| _ = rig.keys("3 z down enter ["));
    scene("details", |rig| _ = rig.keys("down 4"));
    scene("jobs", |rig| _ = rig.keys("5"));
    scene("zoomed", |rig| _ = rig.keys("z"));
    scene("filtered", |rig| _ = rig.keys("/").text("crea"));
}

#[test]
fn overlays() {
    scene("help", |rig| _ = rig.keys("?"));
    scene("palette", |rig| _ = rig.keys(":").text("st"));
    scene("confirm", |rig| _ = rig.keys("K"));
    scene("confirm_name", |rig| _ = rig.keys("D").text("alp"));
    scene("which_key", |rig| _ = rig.keys("g"));
    scene("message", |rig| _ = rig.keys("5 down enter"));
    scene("messages_filtered", |rig| {
        for n in 0..30 {
            rig.app.toasts.show(NOW, Severity::Info, &format!("Message {n} of many."), "It says no more.");
        }
        rig.app.toasts.fault(NOW, &fault());
        rig.keys("m / d o c k");
    });
    scene("recall", |rig| {
        let server = rig.app.console.server.expect("a console");
        let typed = ["list", "say hi", "whitelist add Alex"].map(str::to_owned).to_vec();
        rig.give(super::What::Typed(server, typed));
        rig.keys("2 ctrl-r").text("s");
    });
    scene("save_log", |rig| _ = rig.keys("2 esc S"));
    scene("ask", |rig| _ = rig.keys("2 esc Y"));
    scene("toasts", |rig| {
        rig.app.toasts.show(NOW, Severity::Success, "creative is ready.", "");
        rig.app.toasts.fault(NOW, &fault());
    });
}

#[test]
fn forms() {
    scene("create", |rig| _ = rig.keys("n").text("survival"));
    scene("create_mistakes", |rig| _ = rig.keys("n").text("bad name").keys("tab"));
    scene("create_types", |rig| _ = rig.keys("n").text("survival").keys("tab space"));
    scene("edit", |rig| _ = rig.keys("e"));
    scene("clone", |rig| _ = rig.keys("c"));
    scene("rename", |rig| _ = rig.keys("R").text("!"));
}

#[test]
fn where_there_is_nothing_it_says_what_to_do() {
    scene("empty", |rig| {
        rig.change(|snapshot| {
            snapshot.servers.clear();
            snapshot.jobs.clear();
        });
    });
    scene("no_docker", |rig| {
        rig.change(|snapshot| {
            snapshot.servers.clear();
            snapshot.jobs.clear();
            snapshot.hosts = vec![host(HostState::Down(Box::new(fault())))];
        });
    });
    scene("read_only", |rig| rig.change(|snapshot| snapshot.read_only = true));
}
