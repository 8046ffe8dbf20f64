//! Types commands into a server: by its standard input, by RCON where that is not open, by `rcon-cli` last.

use std::time::Duration;

use secrecy::SecretString;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    Source, Wish, tell,
    ticks::{self, Asking},
};
use crate::{
    docker::Stdin,
    engine::{
        fact::{Env, Fact, Told},
        handle::{From, WATCH_DEPTH},
        servers::peek,
    },
    minecraft::{
        command::{MAX_RCON_CLI, validate},
        rcon, text,
    },
    model::{Fault, FaultKind, ServerId, Via, console::LineKind},
};

/// How long one way may take before the next is tried.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long RCON's port may take to answer.
const DIAL: Duration = Duration::from_secs(2);
/// A reply that comes through the log is over when nothing more came for so long.
const QUIET: Duration = Duration::from_millis(300);
/// And at the latest after so long, or so many lines.
const REPLY_TIME: Duration = Duration::from_secs(3);
const REPLY_LINES: usize = 200;
/// Largest file with the image's own password, in bytes.
const PASSWORD_FILE_MAX: usize = 64 * 1024;
/// Longest command that is shown, in characters.
pub const SHOWN_MAX: usize = 1_500;
/// Longest reply that is passed on, in characters.
const REPLY_MAX: usize = 64 * 1024;

/// A line that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Which way.
    pub via: Via,
    /// What the server said to it, where that was wanted and came.
    pub reply: Option<String>,
}

/// One command.
pub struct Errand {
    /// The line, checked.
    pub line: String,
    /// Whether a reply is wanted.
    pub reply: bool,
    /// The number that the next line of the console will have.
    pub next: u64,
    /// Told what came of it.
    pub answer: oneshot::Sender<Result<Sent, Fault>>,
}

/// What a typist is told.
pub enum Note {
    /// Commands go here from now on.
    Source(Box<Source>),
    /// The container is gone.
    Pause,
    /// Send this.
    Errand(Errand),
}

/// Carries out errands one after the other, so that commands arrive in the order in which they were typed; and asks the
/// game now and then how long its ticks take.
pub async fn run(
    mut notes: mpsc::Receiver<Note>,
    console: mpsc::WeakSender<Wish>,
    server: ServerId,
    facts: mpsc::Sender<Fact>,
) {
    let mut typist = Typist { console, source: None, stdin: None, rcon: None };
    let mut asking = Asking::new();
    loop {
        let asks = typist.source.as_ref().is_some_and(|source| source.running && source.ticks.is_some());
        let note = tokio::select! {
            note = notes.recv() => note,
            () = asking.due(), if asks => {
                let told = typist.ask().await;
                asking.asked(told.is_some());
                if let Some(told) = told
                    && facts.send(Fact::Told(server, jiff::Timestamp::now(), told)).await.is_err()
                {
                    return;
                }
                continue;
            }
        };
        let Some(note) = note else { return };
        match note {
            Note::Source(source) => {
                if typist.move_to(*source) {
                    asking = Asking::new();
                }
            }
            Note::Pause => (typist.source, typist.stdin, typist.rcon) = (None, None, None),
            Note::Errand(errand) => {
                let sent = typist.send(&errand).await;
                // Whoever asked may have gone; the command was sent all the same.
                let _ = errand.answer.send(sent);
            }
        }
    }
}

struct Typist {
    console: mpsc::WeakSender<Wish>,
    source: Option<Source>,
    stdin: Option<Stdin>,
    rcon: Option<rcon::Client<TcpStream>>,
}

impl Typist {
    /// Returns whether commands go elsewhere now.
    fn move_to(&mut self, source: Source) -> bool {
        let same = self.source.as_ref().is_some_and(|old| {
            old.container == source.container && old.running == source.running && old.rcon == source.rcon
        });
        if !same {
            (self.stdin, self.rcon) = (None, None);
        }
        self.source = Some(source);
        !same
    }

    /// How fast the game ticks, as it says itself. Where its RCON is here it is asked over the connection that is held
    /// anyway; elsewhere it is asked only where that leaves no trace in its log.
    async fn ask(&mut self) -> Option<Told> {
        let source = self.source.clone()?;
        let line = source.ticks?.to_owned();
        let (answer, _) = oneshot::channel();
        let errand = Errand { line, reply: true, next: 0, answer };
        let asked = async {
            match source.rcon {
                Some(_) => self.by_rcon(&source, &errand).await,
                None => by_rcon_cli(&source, &errand).await,
            }
        };
        match timeout(ticks::PATIENCE, asked).await {
            Ok(answer) => tell::ticks(&answer.ok()??),
            Err(_) => None,
        }
    }

    async fn send(&mut self, errand: &Errand) -> Result<Sent, Fault> {
        let source = self.source.clone().filter(|source| source.running).ok_or_else(not_running)?;
        let mut tried = Vec::new();
        for via in ways(&source, errand.reply) {
            let sent = match via {
                Via::Stdin => self.by_stdin(&source, errand).await,
                Via::Rcon => self.by_rcon(&source, errand).await,
                Via::RconCli => by_rcon_cli(&source, errand).await,
            };
            match sent {
                Ok(reply) => return Ok(Sent { via, reply }),
                // It may have run: sending it another way could run it twice.
                Err(Failure::Perhaps(why)) => return Err(perhaps(via, &why)),
                Err(Failure::No(why)) => tried.push(format!("{}: {why}", via.word())),
            }
        }
        let mut fault = Fault::new(
            FaultKind::Failed,
            "The command could not be sent.",
            "The server did not get it.",
            "Wait until the server is ready, or look at the details for why each way failed.",
        );
        fault.chain = tried;
        Err(fault)
    }

    async fn by_stdin(&mut self, source: &Source, errand: &Errand) -> Result<Option<String>, Failure> {
        let mut line = errand.line.clone();
        line.push('\n');
        // A connection that was left open may have died unseen: then a fresh one is tried, once.
        for fresh in [false, true] {
            let stdin = match self.stdin.take().filter(|_| !fresh) {
                Some(stdin) => stdin,
                None => source
                    .docker
                    .stdin(&source.container)
                    .await
                    .map_err(|error| Failure::No(error.to_string()))?,
            };
            let mut stdin = stdin;
            let write = async {
                stdin.write_all(line.as_bytes()).await?;
                stdin.flush().await
            };
            match timeout(PATIENCE, write).await {
                Ok(Ok(())) => {
                    self.stdin = Some(stdin);
                    let console = self.console.clone();
                    return Ok(if errand.reply { overheard(console, errand.next).await } else { None });
                }
                Ok(Err(error)) if fresh => return Err(Failure::No(error.to_string())),
                Ok(Err(_)) => {}
                Err(_) => return Err(Failure::Perhaps("its standard input takes nothing more".into())),
            }
        }
        Err(Failure::No("its standard input is closed".into()))
    }

    async fn by_rcon(&mut self, source: &Source, errand: &Errand) -> Result<Option<String>, Failure> {
        if self.rcon.as_ref().is_none_or(|client| !client.is_usable()) {
            self.rcon = None;
        }
        for fresh in [false, true] {
            let mut client = match self.rcon.take().filter(|_| !fresh) {
                Some(client) => client,
                None => dial(source).await.map_err(|error| Failure::No(error.to_string()))?,
            };
            match client.command(&errand.line).await {
                Ok(reply) => {
                    self.rcon = Some(client);
                    return Ok(Some(tidy(&reply)));
                }
                Err(error @ rcon::Error::Command(_)) => return Err(Failure::No(error.to_string())),
                // A connection that was held may have been closed by a restart of the server meanwhile.
                Err(rcon::Error::Closed | rcon::Error::Io(_)) if !fresh => {}
                Err(error) => return Err(Failure::Perhaps(error.to_string())),
            }
        }
        Err(Failure::No("its RCON closes each connection".into()))
    }
}

/// What the console said after a line was typed into it.
async fn overheard(console: mpsc::WeakSender<Wish>, next: u64) -> Option<String> {
    let (lines, mut batches) = mpsc::channel(WATCH_DEPTH);
    let wish = Wish::Watch(From::Seq(next), lines);
    console.upgrade()?.send(wish).await.ok()?;
    let mut reply: Vec<String> = Vec::new();
    let until = tokio::time::Instant::now() + REPLY_TIME;
    while reply.len() < REPLY_LINES {
        let quiet =
            (tokio::time::Instant::now() + if reply.is_empty() { REPLY_TIME } else { QUIET }).min(until);
        let Ok(Some(batch)) = tokio::time::timeout_at(quiet, batches.recv()).await else { break };
        let output = batch.lines.lines().filter(|line| matches!(line.kind, LineKind::Output));
        reply.extend(output.map(|line| text::strip_sgr(line.text).into_owned()));
    }
    (!reply.is_empty()).then(|| reply.join("\n"))
}

enum Failure {
    /// It was not sent: another way may be tried.
    No(String),
    /// It may have been sent.
    Perhaps(String),
}

/// In which order the ways are tried.
fn ways(source: &Source, reply: bool) -> Vec<Via> {
    let stdin = source.open_stdin.then_some(Via::Stdin);
    let rcon = source.rcon.map(|_| Via::Rcon);
    let ways = if reply { [rcon, stdin, Some(Via::RconCli)] } else { [stdin, rcon, Some(Via::RconCli)] };
    ways.into_iter().flatten().collect()
}

/// The way that a command without a reply would go.
pub fn usual_way(source: &Source) -> Option<Via> {
    ways(source, false).first().copied().filter(|_| source.running)
}

/// A new RCON connection to a server, logged in.
///
/// # Errors
/// That there is no way to it, or it refuses.
pub async fn dial(source: &Source) -> Result<rcon::Client<TcpStream>, rcon::Error> {
    let Some(address) = source.rcon else { return Err(rcon::Error::Closed) };
    let limits = rcon::Limits { deadline: PATIENCE, ..rcon::Limits::default() };
    let connect = async |password: &SecretString| {
        let dialled = timeout(DIAL, rcon::connect(address, password, limits));
        dialled.await.unwrap_or(Err(rcon::Error::Deadline(DIAL)))
    };
    if let Some(password) = &source.password {
        match connect(password).await {
            Err(rcon::Error::Refused) => {}
            other => return other,
        }
    }
    // Not known, or no longer right: the image writes the one of this start into its data.
    match read_password(source).await {
        Some(password) => connect(&password).await,
        None => Err(rcon::Error::Refused),
    }
}

/// The password as the image keeps it for its own `rcon-cli`. Read as a file: it needs no program in the container.
async fn read_password(source: &Source) -> Option<SecretString> {
    let file =
        peek::file(&source.docker, &source.container, "/data/.rcon-cli.env", PASSWORD_FILE_MAX).await?;
    let text = String::from_utf8(file).ok()?;
    let password = text.lines().find_map(|line| line.strip_prefix("password="))?.trim();
    (!password.is_empty()).then(|| password.to_owned().into())
}

async fn by_rcon_cli(source: &Source, errand: &Errand) -> Result<Option<String>, Failure> {
    if errand.line.len() > MAX_RCON_CLI {
        return Err(Failure::No(format!("takes at most {MAX_RCON_CLI} bytes")));
    }
    // One argument a word: rcon-cli joins them with spaces, and no shell reads them.
    let mut command = vec!["rcon-cli"];
    command.extend(errand.line.split(' ').filter(|word| !word.is_empty()));
    let output = source.docker.exec(&source.container, &command, None, PATIENCE * 2).await;
    let output = output.map_err(|error| Failure::No(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.code {
        // It ends with 0 also when it could not read the reply.
        0 if output.stdout.is_empty() && !said.trim().is_empty() => {
            Err(Failure::Perhaps(text::plain(&said, 256)))
        }
        0 => Ok(Some(tidy(&String::from_utf8_lossy(&output.stdout)))),
        code => Err(Failure::No(format!("ended with {code}: {}", text::plain(&said, 256)))),
    }
}

/// A reply made harmless: plain lines.
fn tidy(reply: &str) -> String {
    let reply = text::strip_section(reply);
    let lines = reply.lines().map(|line| text::plain(line, REPLY_MAX)).collect::<Vec<_>>();
    lines.join("\n").trim_end().to_owned()
}

fn not_running() -> Fault {
    Fault::new(
        FaultKind::Conflict,
        "The server is not running.",
        "The command was not sent.",
        "Start the server, then send it again.",
    )
}

fn perhaps(via: Via, why: &str) -> Fault {
    Fault {
        chain: vec![why.to_owned()],
        ..Fault::new(
            FaultKind::Failed,
            format!("No reply came by {}.", via.word()),
            "The command may have run all the same.",
            "Look at the console before you send it again.",
        )
    }
}

/// Checks a line before anything is done with it.
pub fn check(line: &str) -> Result<String, Fault> {
    validate(line).map(str::to_owned).map_err(|error| Fault::invalid("command", error.to_string()))
}

/// Tells whoever typed that there was no room for it.
pub fn refuse(error: mpsc::error::TrySendError<Note>) {
    let (mpsc::error::TrySendError::Full(note) | mpsc::error::TrySendError::Closed(note)) = error;
    if let Note::Errand(errand) = note {
        let fault = Fault::new(
            FaultKind::Conflict,
            "Too many commands are waiting for this server already.",
            "The command was not sent.",
            "Wait until the server has answered the others.",
        );
        let _ = errand.answer.send(Err(fault));
    }
}

/// Where a container's RCON is, by its environment and address.
pub fn rcon_port(env: &Env) -> Option<u16> {
    let off = env.get("ENABLE_RCON").is_some_and(|value| value.eq_ignore_ascii_case("false"));
    let port = env.get("RCON_PORT").and_then(|text| text.trim().parse().ok()).unwrap_or(25575);
    (!off).then_some(port)
}
