//! From the first line to `Done`.

use std::sync::Arc;
use std::time::Duration;

use super::{Context, Phase, Server, Timer};
use crate::faults::Faults;
use crate::flavour::Family;
use crate::init;
use crate::log::{Level, MAIN};
use crate::output::{Exit, Port};
use crate::properties::Properties;
use crate::rng::hash;
use crate::world::{Layout, OpenError, World};

/// The steps of a start; they are spread evenly over its time.
const STEPS: u8 = 8;

const DIFFICULTIES: [&str; 4] = ["peaceful", "easy", "normal", "hard"];

impl Server {
    pub(super) fn begin(&mut self, cx: &mut Context<'_>) {
        self.phase = Phase::Loading;
        self.started = cx.now.elapsed;
        self.faults = init::active_faults(&self.settings, cx.disk, true);
        let text = cx.disk.read("server.properties").unwrap_or_default();
        self.properties = Properties::parse(&String::from_utf8_lossy(&text));
        let difficulty = self.properties.get("difficulty").to_ascii_lowercase();
        self.difficulty = DIFFICULTIES.iter().position(|name| *name == difficulty).unwrap_or(1);
        let whole = self.settings.practice.start;
        for step in 0..STEPS {
            let when = whole.mul_f64(f64::from(step) / f64::from(STEPS - 1));
            self.at(cx.now.elapsed + when, Timer::Boot(step));
        }
        self.plan_faults(cx.now.elapsed);
        self.wake(cx);
    }

    /// Faults with a time count from the start of the process.
    fn plan_faults(&mut self, now: Duration) {
        let Faults { crash, watchdog, oom, hang, lag, .. } = self.faults;
        let planned = [
            (crash.map(|(after, _)| after), Timer::Crash),
            (watchdog, Timer::Watchdog),
            (oom, Timer::Oom),
            (hang, Timer::Hang),
            (lag, Timer::Lag),
        ];
        for (after, timer) in planned {
            if let Some(after) = after {
                self.at(now + after, timer);
            }
        }
    }

    pub(super) fn boot(&mut self, cx: &mut Context<'_>, step: u8) {
        match step {
            0 => self.boot_process(cx),
            1 => self.boot_data(cx),
            2 => self.boot_network(cx),
            3 => self.boot_level(cx),
            4..=6 => self.boot_progress(cx, step),
            _ => self.boot_done(cx),
        }
    }

    fn boot_process(&mut self, cx: &mut Context<'_>) {
        if let Some(class) = self.faults.wrong_java {
            let text = format!(
                "Error: LinkageError occurred while loading main class net.minecraft.bundler.Main\n\
                 \tjava.lang.UnsupportedClassVersionError: net/minecraft/bundler/Main has been compiled by a more \
                 recent version of the Java Runtime (class file version {class}.0), this version of the Java Runtime \
                 only recognizes class file versions up to {}.0\n",
                class.saturating_sub(4)
            );
            cx.out.stderr().extend_from_slice(text.as_bytes());
            return self.exit(cx, Exit { code: 1, out_of_memory: false });
        }
        if self.faults.jvm_memory {
            let text = "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x0000000700000000, 4294967296, 0) \
                        failed; error='Not enough space' (errno=12)\n#\n# There is insufficient memory for the Java \
                        Runtime Environment to continue.\n# Native memory allocation (mmap) failed to map 4294967296 \
                        bytes. Error detail: committing reserved memory.\n";
            cx.out.stdout().extend_from_slice(text.as_bytes());
            return self.exit(cx, Exit { code: 1, out_of_memory: false });
        }
        if self.kind.family == Family::Bukkit {
            cx.out.stdout().extend_from_slice(b"Starting org.bukkit.craftbukkit.Main\n");
        }
        let line = "Environment: Environment[sessionHost=https://sessionserver.mojang.com, \
                    servicesHost=https://api.minecraftservices.com, name=PROD]";
        self.log(cx, "ServerMain", Level::Info, line);
        let eula = cx.disk.read("eula.txt").unwrap_or_default();
        if !String::from_utf8_lossy(&eula).to_ascii_lowercase().contains("eula=true") {
            let line =
                "You need to agree to the EULA in order to run the server. Go to eula.txt for more info.";
            self.log(cx, "ServerMain", Level::Info, line);
            self.exit(cx, Exit { code: 0, out_of_memory: false });
        }
    }

    fn boot_data(&mut self, cx: &mut Context<'_>) {
        let level = self.properties.get("level-name").to_owned();
        if self.faults.locked {
            return self.refuse_world(cx, OpenError::Locked(format!("{level}/session.lock")));
        }
        if !cx.disk.exists(&format!("{level}/level.dat")) {
            self.log(cx, "ServerMain", Level::Info, "No existing world data, creating new world");
        }
        let seed_text = self.properties.get("level-seed");
        let seed = seed_text.parse::<i64>().map_or_else(
            |_| hash(if seed_text.is_empty() { level.as_bytes() } else { seed_text.as_bytes() }),
            i64::cast_unsigned,
        );
        let place = (Layout::of(self.kind.family, &self.version), level.as_str());
        let size = self.settings.practice.world_mb;
        match World::open(cx.disk, cx.now, place, seed, &self.version, size) {
            Ok(world) => self.world = Some(world),
            Err(error) => return self.refuse_world(cx, error),
        }
        self.log(cx, "ServerMain", Level::Info, "Loaded 1370 recipes");
        self.log(cx, "ServerMain", Level::Info, "Loaded 1481 advancements");
        self.load_lists(cx);
    }

    fn refuse_world(&mut self, cx: &mut Context<'_>, error: OpenError) {
        let cause = match error {
            OpenError::Locked(path) => format!(
                "net.minecraft.util.DirectoryLock$LockException: /data/./{path}: already locked (possibly by other \
                 Minecraft instance?)\n\tat net.minecraft.util.DirectoryLock$LockException.alreadyLocked(SourceFile:100)"
            ),
            OpenError::Leftover(path) => {
                format!(
                    "java.lang.IllegalStateException: Refusing to overwrite existing migrated file: ./{path}"
                )
            }
            OpenError::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                format!(
                    "java.nio.file.AccessDeniedException: ./{}: Permission denied",
                    self.properties.get("level-name")
                )
            }
            OpenError::Io(error) => format!("java.io.IOException: {error}"),
        };
        self.log(cx, "ServerMain", Level::Error, &format!("Failed to start the minecraft server\n{cause}"));
        self.exit(cx, Exit { code: 1, out_of_memory: false });
    }

    fn boot_network(&mut self, cx: &mut Context<'_>) {
        self.info(cx, &format!("Starting minecraft server version {}", self.version.as_str()));
        self.info(cx, "Loading properties");
        if self.kind.is_paper() {
            let line = format!(
                "This server is running {} version {} (Implementing API version {}-R0.1-SNAPSHOT)",
                self.kind.title(),
                self.build(),
                self.version.as_str()
            );
            self.info(cx, &line);
        }
        self.info(
            cx,
            &format!("Default game type: {}", self.properties.get("gamemode").to_ascii_uppercase()),
        );
        self.info(cx, "Generating keypair");
        self.info(cx, &format!("Starting Minecraft server on *:{}", self.game_port()));
        self.info(cx, "Using epoll channel type");
        if self.faults.bind {
            self.bind_failed(cx, Port::Game, "Address already in use");
        } else {
            self.listen(cx, Port::Game);
        }
    }

    /// Says that a port could not be opened. For the game port that is the end of the start, with exit 0.
    pub fn bind_failed(&mut self, cx: &mut Context<'_>, port: Port, reason: &str) {
        if port == Port::Rcon {
            self.rcon_open = false;
            let line = format!(
                "Unable to initialise RCON on 0.0.0.0:{}\njava.net.BindException: {reason}",
                self.rcon_port()
            );
            return self.log(cx, MAIN, Level::Warn, &line);
        }
        self.game_open = false;
        self.log(cx, MAIN, Level::Warn, "**** FAILED TO BIND TO PORT!");
        self.log(cx, MAIN, Level::Warn, &format!("The exception was: java.net.BindException: {reason}"));
        self.log(cx, MAIN, Level::Warn, "Perhaps a server is already running on that port?");
        self.timers.clear();
        self.begin_stop(cx);
    }

    fn boot_level(&mut self, cx: &mut Context<'_>) {
        self.info(cx, &format!("Preparing level \"{}\"", self.properties.get("level-name")));
        if self.version.at_least(1, 21, 9) {
            self.info(cx, "Selecting global world spawn...");
            self.info(cx, "Loading 0 persistent chunks...");
            self.info(cx, "Preparing spawn area: 100%");
        } else {
            self.info(cx, "Preparing start region for dimension minecraft:overworld");
        }
    }

    fn boot_progress(&mut self, cx: &mut Context<'_>, step: u8) {
        let percent = [0, 37, 84][usize::from(step - 4).min(2)];
        let thread = if step == 4 { "Worker-Main-1" } else { "Worker-Main-2" };
        if self.version.at_least(1, 21, 9) {
            self.info(cx, &format!("Preparing spawn area: {}%", percent.max(2)));
        } else {
            self.log(cx, thread, Level::Info, &format!("Preparing spawn area: {percent}%"));
        }
    }

    fn boot_done(&mut self, cx: &mut Context<'_>) {
        if self.faults.never_ready {
            self.at(cx.now.elapsed + Duration::from_secs(5), Timer::Boot(STEPS - 1));
            return self.info(cx, "Preparing spawn area: 84%");
        }
        if self.faults.heap {
            return self.crash(cx, "java.lang.OutOfMemoryError: Java heap space");
        }
        let took = cx.now.elapsed.saturating_sub(self.started);
        self.info(cx, &format!("Time elapsed: {} ms", took.as_millis() * 3 / 4));
        let rcon = self.properties.truth("enable-rcon") && !self.rcon_password().is_empty();
        // Paper opens RCON before it says that it is done, vanilla after.
        if rcon && self.kind.family == Family::Bukkit {
            self.open_rcon(cx);
        }
        self.info(cx, &format!("Done ({:.3}s)! For help, type \"help\"", took.as_secs_f64()));
        if rcon && self.kind.family != Family::Bukkit {
            self.open_rcon(cx);
        }
        self.phase = Phase::Ready;
        self.write_latest_log(cx);
        self.plan_life(cx);
        self.work_off(cx);
    }

    fn open_rcon(&mut self, cx: &mut Context<'_>) {
        self.info(cx, "Starting remote control listener");
        self.info(cx, "Thread RCON Listener started");
        self.info(cx, &format!("RCON running on 0.0.0.0:{}", self.rcon_port()));
        self.listen(cx, Port::Rcon);
    }

    fn plan_life(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.elapsed;
        let settings = Arc::clone(&self.settings);
        self.at(now + settings.practice.world_every, Timer::World);
        self.plan_activity(cx);
        for name in &settings.practice.players {
            self.join(cx, name);
        }
        self.plan_pause(now);
        self.write_nuisances(cx);
    }

    /// The real server writes the whole log there as well; a start's first line is enough to have the file.
    fn write_latest_log(&mut self, cx: &mut Context<'_>) {
        let text =
            format!("[Server thread/INFO]: Starting minecraft server version {}\n", self.version.as_str());
        let _ = cx.disk.write("logs/latest.log", text.as_bytes());
    }

    pub(super) fn build(&self) -> String {
        format!("{}-{}-main@abc1234", self.version.as_str(), 200)
    }
}
