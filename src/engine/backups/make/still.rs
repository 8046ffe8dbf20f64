//! Has a server hold still while it is copied, and lets it go again, whatever becomes of the copy.

use std::time::{Duration, Instant};

use super::{
    super::keep::shown,
    Work,
    saving::{self, Turned},
    voice::{Mute, Voice},
};
use crate::{
    docker::{Detail, Phase},
    engine::{console::Source, jobs::Context, servers::peek},
    minecraft::{
        command::{SaveAll, SaveOff as Said, reply},
        properties::{self, Properties},
        text,
    },
    model::{Fault, Severity, backup::Stillness},
    store::SavingOff,
};

/// How long a server may take to switch its saving off or on.
const ANSWER: Duration = Duration::from_secs(15);
/// How long a flush may take where the server has no watchdog.
const FLUSH: Duration = Duration::from_secs(600);
/// The watchdog's limit where nothing else is set (`max-tick-time`), and how much later a flush is given up.
const WATCHDOG: Duration = Duration::from_secs(60);
const AFTER: Duration = Duration::from_secs(10);
/// From so long a flush on, the limit is told with the progress.
const LONG: Duration = Duration::from_secs(5);
/// How often a server is asked to switch its saving on before that is left to whoever mends it.
const TRIES: u32 = 3;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// What `server.properties` says that matters here.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The folder of the world.
    pub level: Option<String>,
    /// How long a tick may last before the server ends itself; `None` is for ever.
    watchdog: Option<Duration>,
}

impl Settings {
    /// From the server's own file; what holds without it where there is none.
    pub async fn read(context: &Context, container: &str) -> Self {
        let most = properties::MAX_BYTES;
        let file = peek::file(&context.docker, container, "/data/server.properties", most).await;
        let file = file.and_then(|bytes| Properties::parse(&bytes).ok()).unwrap_or_default();
        let limit = file.get("max-tick-time").and_then(|text| text.trim().parse::<i64>().ok());
        let watchdog = match limit {
            None => Some(WATCHDOG),
            Some(limit) => u64::try_from(limit).ok().filter(|limit| *limit > 0).map(Duration::from_millis),
        };
        let level = file.get("level-name").filter(|name| !name.is_empty());
        Self { level: level.map(|name| text::plain(name, 200)), watchdog }
    }
}

/// A server that holds still, or does not.
pub struct Hold {
    /// How still it is.
    pub stillness: Stillness,
    /// Whether it runs and may write while it is copied.
    pub live: bool,
    /// What this program has switched off.
    off: Option<(SavingOff, Instant)>,
    off_ms: u64,
}

/// Has a server hold still. One that does not run or is frozen does already, and is not woken. One that cannot be asked is
/// copied as it is.
///
/// # Errors
/// Docker's or the database's: nothing was switched off then.
pub async fn hold(
    context: &Context,
    work: &Work,
    detail: &Detail,
    settings: &Settings,
) -> Result<Hold, Fault> {
    let at_rest = Hold { stillness: Stillness::AtRest, live: false, off: None, off_ms: 0 };
    let asleep = async || saving::is_asleep(&context.docker, &detail.id).await.map_err(|error| error.fault());
    if detail.phase != Phase::Running || asleep().await? {
        return Ok(at_rest);
    }
    let mut hold = Hold { stillness: Stillness::NotQuiesced, live: true, ..at_rest };
    if work.loading {
        warn(context, "it is still loading its world", &[]).await?;
        return Ok(hold);
    }
    let mut voice = Voice::new(work.source(context, detail));
    let off = SavingOff {
        server: context.server,
        job: context.job,
        container: detail.id.clone(),
        run: detail.started_at,
        since: jiff::Timestamp::now(),
    };
    context.step("asking the server to hold still");
    // Noted before it is so: whoever finds the note switches saving on again.
    context.saving(Some(off.clone())).await?;
    let began = Instant::now();
    let answer = Box::pin(voice.ask("save-off", ANSWER)).await;
    // It was off before. By whom: by a backup that could not switch it on again, or by somebody who wants it so?
    let ours_before =
        work.left_off.as_ref().is_some_and(|left| left.container == off.container && left.run == off.run);
    let (quiet, mine, why) = match answer.as_deref().map(reply::save_off) {
        Ok(Said::Disabled) => (true, true, Mute::default()),
        Ok(Said::AlreadyOff) => (true, ours_before, Mute::default()),
        Ok(Said::Unknown) => {
            let said = text::plain(answer.as_deref().unwrap_or_default(), 200);
            (false, true, Mute { perhaps: true, tried: vec![said] })
        }
        Err(_) => {
            let mute = answer.err().unwrap_or_default();
            (false, mute.perhaps || ours_before, mute)
        }
    };
    if mine {
        hold.off = Some((off, began));
    } else {
        context.saving(None).await?;
    }
    if !quiet {
        hold.release(context, work).await;
        warn(context, "it does not answer", &why.tried).await?;
        return Ok(hold);
    }
    match Box::pin(flush(context, &mut voice, settings.watchdog)).await {
        Ok(true) => hold.stillness = Stillness::Quiesced,
        // Cancelled: whoever copies sees that at once.
        Ok(false) => {}
        Err(why) => {
            hold.release(context, work).await;
            warn(context, "its world could not be saved as a whole", &why).await?;
        }
    }
    Ok(hold)
}

/// Has the world written; `false` when the job was cancelled meanwhile.
async fn flush(
    context: &Context,
    voice: &mut Voice,
    watchdog: Option<Duration>,
) -> Result<bool, Vec<String>> {
    let began = Instant::now();
    let within = watchdog.map_or(FLUSH, |limit| (limit + AFTER).min(FLUSH));
    let limit = watchdog.map(|limit| format!("; its watchdog ends it after {} s", limit.as_secs()));
    let tell = || {
        let seconds = began.elapsed().as_secs();
        let mut step = String::from("having the world saved");
        if began.elapsed() >= LONG {
            step += &format!(", for {seconds} s now{}", limit.as_deref().unwrap_or_default());
        }
        context.step(step);
    };
    let asked = shown(tell, Box::pin(voice.ask("save-all flush", within)));
    let Some(answer) = context.cancel.run_until_cancelled(asked).await else { return Ok(false) };
    let took = began.elapsed();
    tracing::info!(server = %context.server, milliseconds = took.as_millis(), "a world was flushed");
    match answer {
        Ok(said) if reply::save_all(&said) == SaveAll::Saved => {
            if let Some(limit) = watchdog.filter(|limit| took * 2 > *limit) {
                let text = format!("{} took {} s to save its world.", context.name, took.as_secs());
                let next = format!(
                    "Nothing else moves meanwhile, and after {} s its own watchdog would end it. Raise max-tick-time, or \
                     let it save more often.",
                    limit.as_secs()
                );
                let _ = context.notice(Severity::Warning, text, next).await;
            }
            Ok(true)
        }
        Ok(said) => Err(vec![text::plain(&said, 200)]),
        Err(mute) => Err(mute.tried),
    }
}

async fn warn(context: &Context, why: &str, tried: &[String]) -> Result<(), Fault> {
    let text = format!("{} is backed up without holding still: {why}.", context.name);
    let tried = tried.join("; ");
    let details = format!("Files in the backup may be from different moments. {tried}");
    context.notice(Severity::Warning, text, details).await
}

impl Hold {
    /// Lets the server go. Can be called again and again. What cannot be switched on now is tried again by the engine until
    /// it is, also after its next start.
    pub async fn release(&mut self, context: &Context, work: &Work) {
        let Some((off, began)) = self.off.take() else { return };
        context.step("switching saving on again");
        let mut why = String::new();
        for attempt in 1..=TRIES {
            let source = |detail: &Detail| work.source(context, detail);
            match Box::pin(saving::turn_on(&context.docker, &off, ANSWER, source)).await {
                Turned::On | Turned::Moot => {
                    self.note(began);
                    if let Err(fault) = context.saving(None).await {
                        tracing::warn!(%fault, "that saving is on again could not be noted");
                    }
                    return;
                }
                Turned::NotYet(said) => why = said,
            }
            if attempt < TRIES {
                tokio::time::sleep(PAUSE).await;
            }
        }
        self.note(began);
        let text = format!("Saving of {} could not be switched on again yet.", context.name);
        let details =
            format!("It is tried again until it is. What is built now is lost if the server ends: {why}");
        let _ = context.notice(Severity::Error, text, details).await;
    }

    /// For how long saving was off, in milliseconds.
    pub fn off_ms(&self) -> u64 {
        self.off_ms
    }

    fn note(&mut self, began: Instant) {
        self.off_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
}

impl Work {
    fn source(&self, context: &Context, detail: &Detail) -> Source {
        Source { password: self.password.clone(), ..Source::of(context.docker.clone(), detail, self.here) }
    }
}
