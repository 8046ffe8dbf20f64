//! The ways in which the real server dies of itself.

use super::{Context, Phase, Server};
use crate::clock::civil;
use crate::log::{Level, MAIN};
use crate::output::Exit;

impl Server {
    /// An exception on the main thread: a crash report, the world is saved, and exit 0 unless another code is asked
    /// for.
    pub fn crash(&mut self, cx: &mut Context<'_>, cause: &str) {
        if matches!(self.phase, Phase::New | Phase::Stopping | Phase::Exited(_)) {
            return;
        }
        let trace = format!(
            "Encountered an unexpected exception\njava.lang.IllegalStateException: {cause}\n\tat \
             net.minecraft.server.MinecraftServer.tickServer(MinecraftServer.java:1234)\n\tat \
             java.base/java.lang.Thread.run(Thread.java:1583)"
        );
        let trace = if cause.starts_with("java.") {
            trace.replace("java.lang.IllegalStateException: ", "")
        } else {
            trace
        };
        self.log(cx, MAIN, Level::Error, &trace);
        self.crash_report(cx, cause);
        self.exit_code = self.faults.crash.map_or(0, |(_, code)| code);
        if self.exit_code == 0 {
            self.begin_stop(cx);
        } else {
            self.exit(cx, Exit { code: self.exit_code, out_of_memory: false });
        }
    }

    /// A tick that took a minute: a crash report, nothing is saved, exit 1.
    pub fn watchdog(&mut self, cx: &mut Context<'_>) {
        if matches!(self.phase, Phase::New | Phase::Exited(_)) {
            return;
        }
        let thread = "Server Watchdog";
        let seconds = self.properties.number("max-tick-time", 60_000_i64).max(0) / 1000;
        let line = format!("A single server tick took {seconds}.00 seconds (should be max 0.05)");
        self.log(cx, thread, Level::Fatal, &line);
        let line = "Considering it to be crashed, server will forcibly shutdown.";
        self.log(cx, thread, Level::Fatal, line);
        self.crash_report(cx, "Watching Server");
        self.exit(cx, Exit { code: 1, out_of_memory: false });
    }

    /// Memory without end.
    pub fn out_of_memory(&mut self, cx: &mut Context<'_>) {
        if !matches!(self.phase, Phase::New | Phase::Exited(_)) {
            self.exit(cx, Exit { code: 137, out_of_memory: true });
        }
    }

    fn crash_report(&mut self, cx: &mut Context<'_>, cause: &str) {
        let time = civil(cx.now.unix_ms, self.settings.zone);
        let stamp = format!(
            "{:04}-{:02}-{:02}_{:02}.{:02}.{:02}",
            time.year, time.month, time.day, time.hour, time.minute, time.second
        );
        let path = format!("crash-reports/crash-{stamp}-server.txt");
        let text = format!(
            "---- Minecraft Crash Report ----\n// Ooh. Shiny.\n\nTime: {stamp}\nDescription: {cause}\n\n-- System \
             Details --\nDetails:\n\tMinecraft Version: {}\n",
            self.version.as_str()
        );
        let thread = if cause == "Watching Server" { "Server Watchdog" } else { MAIN };
        match cx.disk.write(&path, text.as_bytes()) {
            Ok(()) => self.log(
                cx,
                thread,
                Level::Error,
                &format!("This crash report has been saved to: /data/./{path}"),
            ),
            Err(_) => self.log(cx, thread, Level::Error, "We were unable to save this crash report to disk."),
        }
    }
}
