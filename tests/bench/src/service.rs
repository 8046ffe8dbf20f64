//! A service without a screen: what it is scraped, watched and kept running for.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    Bench,
    figures::{Figure, Spread},
    ground::Demo,
    program::{Cost, cost},
    socket::Socket,
};

/// How long a service may take to be there, and to know its world.
const PATIENCE: Duration = Duration::from_secs(120);

/// A service, ended when this is dropped.
pub struct Service {
    process: Child,
    address: String,
    token: String,
}

impl Service {
    /// With a database of its own, on this Docker engine, collecting metrics this often.
    pub fn start(bench: &Bench, name: &str, docker: Option<&str>, every: &str) -> Result<Self> {
        let folder = bench.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        let config = folder.join("config.toml");
        fs::write(&config, format!("[metrics]\nevery = \"{every}\"\n"))?;
        let mut command = Command::new(&bench.ours);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.join("data"));
        command.arg("--config").arg(&config);
        if let Some(docker) = docker {
            command.args(["--docker", docker]);
        }
        let log = fs::File::create(folder.join("log"))?;
        let process = command.stdin(Stdio::null()).stdout(log).spawn()?;
        let mut service = Self { process, address: String::new(), token: String::new() };
        let post = folder.join("data/run/api.json");
        let end = Instant::now() + PATIENCE;
        while service.address.is_empty() {
            ensure!(Instant::now() < end, "the service never listens");
            thread::sleep(Duration::from_millis(50));
            let text = fs::read_to_string(&post).unwrap_or_default();
            if let Some((_, rest)) = text.split_once("http://") {
                service.address = rest.split('"').next().unwrap_or_default().to_owned();
            }
        }
        service.token = token(&bench.ours, &folder.join("data"))?;
        Ok(service)
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A token that may do everything.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What its process costs now.
    pub fn cost(&self) -> Result<Cost> {
        cost(self.process.id())
    }

    /// Waits until a scrape says that so many servers are in a status.
    pub fn knows(&self, status: &str, count: usize) -> Result<()> {
        let line = format!("mineclifford_servers_by_status{{status=\"{status}\"}} {count}\n");
        let end = Instant::now() + PATIENCE;
        while !self.get("/metrics")?.1.contains(&line) {
            ensure!(Instant::now() < end, "there are never {count} that are {status}");
            thread::sleep(Duration::from_millis(500));
        }
        Ok(())
    }

    /// A request on a connection of its own: the status and the body.
    pub fn get(&self, path: &str) -> Result<(u16, String)> {
        let mut scraper = Scraper::open(self)?;
        scraper.get(path)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Ok(Some(_)) = self.process.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn token(program: &Path, data: &Path) -> Result<String> {
    let made = Command::new(program)
        .args(["token", "create", "bench", "--role", "admin", "--quiet", "--data-dir"])
        .arg(data)
        .output()?;
    ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

/// A connection that is kept, as Prometheus keeps its own.
struct Scraper {
    stream: BufReader<TcpStream>,
    host: String,
    token: String,
}

impl Scraper {
    fn open(service: &Service) -> Result<Self> {
        let stream = TcpStream::connect(&service.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let (host, token) = (service.address.clone(), service.token.clone());
        Ok(Self { stream: BufReader::with_capacity(256 * 1024, stream), host, token })
    }

    fn get(&mut self, path: &str) -> Result<(u16, String)> {
        self.send("GET", path, "")
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        let Self { host, token, .. } = self;
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n");
        if !body.is_empty() {
            text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        self.stream.get_mut().write_all(format!("{text}\r\n{body}").as_bytes())?;
        let (mut status, mut length, mut chunked) = (0, 0, false);
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the service hangs up");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap_or_default().parse()?;
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse()?;
            } else if line == "transfer-encoding: chunked" {
                chunked = true;
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = Vec::new();
        if !chunked {
            body.resize(length, 0);
            self.stream.read_exact(&mut body)?;
        }
        while chunked {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let from = body.len();
            body.resize(from + size + 2, 0);
            self.stream.read_exact(&mut body[from..])?;
            body.truncate(from + size);
            chunked = size > 0;
        }
        Ok((status, String::from_utf8(body)?))
    }
}

/// A scrape with 1,000 servers that run.
pub fn scrape(bench: &mut Bench) -> Result<()> {
    let demo = Demo::start(&bench.ours, bench.folder.path(), 1_000, 1_000)?;
    let service = Service::start(bench, "scrape", Some(&demo.address()), "30s")?;
    service.knows("ready", 1_000)?;
    thread::sleep(Duration::from_secs(10));
    let mut scraper = Scraper::open(&service)?;
    let (mut spread, mut bytes, mut lines) = (Spread::default(), 0, 0);
    for _ in 0..300 {
        let began = Instant::now();
        let (status, body) = scraper.get("/metrics")?;
        spread.add(began.elapsed());
        ensure!(status == 200, "a scrape is answered with {status}");
        (bytes, lines) = (body.len(), body.lines().filter(|line| !line.starts_with('#')).count());
        thread::sleep(Duration::from_millis(100));
    }
    let p99 = Figure::p99(&spread).under(10.0);
    bench.table.add("a scrape with 1,000 servers that run", "p99 <10 ms", p99, None);
    let size = format!("{:.1} MB, {lines} samples", bytes as f64 / 1e6);
    bench.table.add("what it brings", "", Figure::words(size, None), None);
    Ok(())
}

/// What a collection with 100 running servers costs: the difference between collecting often and hardly ever.
pub fn cycle(bench: &mut Bench) -> Result<()> {
    const SECONDS: u64 = 60;
    let demo = Demo::start(&bench.ours, bench.folder.path(), 100, 100)?;
    let mut took = Vec::new();
    for (name, every) in [("rarely", "1h"), ("often", "1s")] {
        let service = Service::start(bench, name, Some(&demo.address()), every)?;
        service.knows("ready", 100)?;
        thread::sleep(Duration::from_secs(15));
        let before = service.cost()?.cpu;
        thread::sleep(Duration::from_secs(SECONDS));
        took.push((service.cost()?.cpu - before).as_secs_f64() * 1e3);
    }
    let [rarely, often] = took[..] else { bail!("two runs") };
    let each = ((often - rarely) / SECONDS as f64).max(0.0);
    let figure = Figure::of(each, "ms of CPU").under(50.0);
    bench.table.add("a collection with 100 that run", "<50 ms of CPU", figure, None);
    Ok(())
}

/// Memory of a service that is left alone.
pub fn resident(bench: &mut Bench) -> Result<()> {
    for (count, limit) in [(10, 25.0), (1_000, 150.0)] {
        let demo = Demo::start(&bench.ours, bench.folder.path(), count, count)?;
        let name = format!("resident-{count}");
        let service = Service::start(bench, &name, Some(&demo.address()), "30s")?;
        service.knows("ready", count)?;
        thread::sleep(Duration::from_secs(60));
        let cost = service.cost()?;
        eprintln!("  {cost:?}");
        let figure = Figure::of(cost.resident as f64 * 1024.0 / 1e6, "MB").under(limit);
        let what = format!("resident, a service with {count} that run");
        bench.table.add(&what, &format!("<{limit:.0} MB"), figure, None);
        let own = Figure::of(cost.anonymous as f64 * 1024.0 / 1e6, "MB");
        bench.table.add("of it not of files", "", own, None);
    }
    Ok(())
}

/// Scraping, a flood of lines and reconnecting for `SOAK_SECONDS` (60): prints the memory now and again.
pub fn soak(bench: &mut Bench) -> Result<()> {
    let seconds = env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60u64);
    let demo = Demo::start(&bench.ours, bench.folder.path(), 50, 50)?;
    let service = Service::start(bench, "soak", Some(&demo.address()), "5s")?;
    service.knows("ready", 50)?;
    let lines = "say a line of a flood that is as long as lines of servers mostly are\n".repeat(500);
    let (begun, length) = (Instant::now(), Duration::from_secs(seconds));
    let mut curve = Vec::new();
    let mut scraper = Scraper::open(&service)?;
    let (mut rounds, mut said) = (0u32, 0u64);
    while begun.elapsed() < length {
        let server = format!("server-{:04}", 1 + rounds % 50);
        demo.type_lines(&server, &lines)?;
        said += 500;
        scraper.get("/metrics")?;
        // One comes, reads a little, and goes without a word.
        let mut viewer = Socket::open(&service, &server, 200)?;
        viewer.next()?;
        drop(viewer);
        rounds += 1;
        let due = length.as_secs_f64() * curve.len() as f64 / 12.0;
        if begun.elapsed().as_secs_f64() >= due {
            curve.push((begun.elapsed().as_secs(), service.cost()?.resident as f64 * 1024.0 / 1e6));
        }
    }
    let last = service.cost()?.resident as f64 * 1024.0 / 1e6;
    curve.push((begun.elapsed().as_secs(), last));
    let points: Vec<_> = curve.iter().map(|(at, megabytes)| format!("{at} s {megabytes:.1}")).collect();
    eprintln!("  MB: {}", points.join(", "));
    // Consoles fill up for a while; from the middle on it should stay as it is.
    let middle = curve[curve.len() / 2].1;
    let text = format!(
        "{:.1} MB after a half, {last:.1} MB at the end ({seconds} s, {said} lines, {rounds} scrapes and reconnects)",
        middle
    );
    bench.table.add(
        "soak: 50 servers, flood, scrapes, reconnects",
        "flat",
        Figure::words(text, Some(last < middle * 1.1)),
        None,
    );
    Ok(())
}

/// The first words of the answer to a request that becomes something else.
pub fn upgraded(service: &Service, path: &str, more: &str) -> Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(service.address())?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (host, token) = (service.address(), service.token());
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{more}\r\n")?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    ensure!(line.starts_with("HTTP/1.1 101"), "not upgraded: {line}");
    while line.trim_end() != "" {
        line.clear();
        ensure!(reader.read_line(&mut line).context("the answer breaks off")? > 0, "the answer breaks off");
    }
    Ok(reader)
}
